"""Show exercises with their mistakes: once, or anew whenever something of theirs was saved."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.authoring import figures, sheet
from grader.authoring.saving import Saves
from grader.cli import own_work
from grader.cli.common import OK, USAGE, near_by, say
from grader.cli.patience import saying, waited
from grader.cli.previewing import Course, Desk, Piece
from grader.errors import ContainmentError, JudgeError, UsageError
from grader.reports import files, terminal
from grader.reports.text import a_few, counted

AT_ONCE = 3
"""Exercises that are shown in one round. Of more, as after a change of the config, only the ids are told."""

WIDEST = 100
READING = "the assignment is read"


def once(options: argparse.Namespace) -> int:
    """Show exercises once. Return the exit status: whether all of it could be shown."""
    own_work.speak_utf8()
    with _desk(options) as desk:
        with saying(READING):
            course = desk.course()
        shown = Shown(desk, options.html)
        _print_problems(course)
        whole = [shown.show(course, one, silent=options.html is not None) for one in course.chosen]
        shown.write(course)
    return OK if all(whole) else USAGE


def watch(options: argparse.Namespace) -> int:
    """Show exercises, and go on until Ctrl-C: whatever is saved is shown anew. Return the exit status."""
    own_work.speak_utf8()
    try:
        with Saves(options.config) as saves, _desk(options) as desk:
            rounds = Rounds(desk, Shown(desk, options.html), bool(options.ids))
            while True:
                saves.seen()
                rounds.go(saves.pending)
                saves.wait()
    except KeyboardInterrupt:
        say("stopped")
        return OK


def _desk(options: argparse.Namespace) -> Desk:
    return Desk(options.config, tuple(options.ids), options.student, _width())


def _width() -> int:
    return min(terminal.width(), WIDEST)


class Shown:
    """What was shown of each exercise so far, in the terminal and on a page where one is wanted."""

    def __init__(self, desk: Desk, path: Path | None) -> None:
        self._desk, self._path = desk, path
        self._parts: dict[str, list[Piece]] = {}

    def show(
        self, course: Course, exercise: Exercise, silent: bool = False, pending: Callable[[], bool] = lambda: False
    ) -> bool | None:
        """Show an exercise part by part. Return whether all of it could be; None where something is `pending` now."""
        parts: list[Piece] = []
        for piece in waited(self._desk.shown(course, exercise), f"{exercise.id}: mistakes are tried"):
            if not silent:
                _print(exercise, piece, parts)
            parts.append(piece)
            if pending():
                return None
        self._parts[exercise.id] = parts
        return all(piece.whole for piece in parts)

    def write(self, course: Course) -> None:
        """Write the page: the sheet, and below each exercise what was shown of it. Raises OSError."""
        if self._path is None:
            return
        below = {one.id: _html(self._parts[one.id]) for one in course.chosen if one.id in self._parts}
        files.write(self._path, sheet.html(course.chosen_alone, _figures(course), below).encode())
        print(f"written: {near_by(self._path)}", flush=True)


def _figures(course: Course) -> dict[str, str]:
    """Draw the figures of the sheet; of a reference that cannot draw them it is said, and there are none."""
    try:
        return {id: figures.html(trace) for id, trace in figures.traces(course.chosen_alone).items()}
    except (UsageError, JudgeError) as error:
        print(f"\nNote: the page has no figures: {error}", flush=True)
        return {}


class Rounds:
    """What was shown last, so that each round shows what is another now."""

    def __init__(self, desk: Desk, shown: Shown, named: bool) -> None:
        """Begin. The first round shows exercises only where they are `named`."""
        self._desk, self._shown, self._named = desk, shown, named
        self._marks: dict[str, object] | None = None
        self._refused: set[str] | None = None
        self._problems: tuple[Problem, ...] = ()
        self._first = True

    def go(self, pending: Callable[[], bool]) -> None:
        """Show what changed, or why it cannot be shown. What is `pending` ends the round early.

        Raises ContainmentError, which no edit mends, and at first UsageError for what is no mistake in a file.
        """
        try:
            with saying(READING), _going_away():
                course = self._desk.course()
            self._round(course, self._changed(course), pending)
        except ContainmentError:
            raise
        except (UsageError, JudgeError) as error:
            if self._first and isinstance(error, UsageError) and not isinstance(error, FormError):
                raise
            self._first = False
            self._refused = {str(line).partition(":")[0] for line in str(error).splitlines()}
            _rule("nothing can be shown")
            print(error)
            print("\nMend this and save: then it goes on. Ctrl-C ends it.", flush=True)

    def _changed(self, course: Course) -> list[Exercise]:
        """Return the exercises to show: those that are another than before, and those that could not be read."""
        mended = self._refused or ()
        if self._marks is None:
            return [one for one in course.chosen if self._named or one.source in mended]
        before = self._marks
        return [one for one in course.chosen if before.get(one.id) != course.marks[one.id] or one.source in mended]

    def _round(self, course: Course, changed: Sequence[Exercise], pending: Callable[[], bool]) -> None:
        first, mended = self._marks is None, self._refused is not None
        self._refused, self._first = None, False
        unseen = {one.id for one in changed}
        self._marks = {id: mark for id, mark in course.marks.items() if id not in unseen}
        said = course.problems != self._problems
        if changed or said:
            _print_problems(course)
        self._problems = course.problems
        for one in changed[:AT_ONCE]:
            with _going_away():
                whole = self._shown.show(course, one, pending=pending)
            if whole is None:
                print("\nSaved again: this is begun anew.", flush=True)
                return
            self._marks[one.id] = course.marks[one.id]
        self._marks = dict(course.marks)
        if len(changed) > AT_ONCE:
            more = a_few([one.id for one in changed[AT_ONCE:]])
            print(f"\nChanged as well: {more}; name an exercise to see it.", flush=True)
        if changed or first or mended or said:
            self._shown.write(course)
            print(f"\nWatching {counted(len(course.chosen), 'exercise')}; Ctrl-C ends it.", flush=True)


@contextlib.contextmanager
def _going_away() -> Iterator[None]:
    """Raise UsageError where a file or a folder vanishes while it is read, as where it is just being renamed."""
    try:
        yield
    except FileNotFoundError as error:
        if not error.filename:
            raise
        raise UsageError(f"{near_by(Path(error.filename))}: vanished while it was read") from None


def _print_problems(course: Course) -> None:
    if course.problems:
        _rule("grader lint finds")
        print("\n".join(map(str, course.problems)), flush=True)


def _print(exercise: Exercise, piece: Piece, before: Sequence[Piece]) -> None:
    if not before or before[-1].title != piece.title:
        _rule(f"{exercise.id}: {piece.title}")
    else:
        print()
    print(piece.text, flush=True)


def _rule(title: str) -> None:
    print(f"\n── {title} ".ljust(_width() + 1, "─") + "\n")


def _html(parts: Iterable[Piece]) -> str:
    """Return what was shown of an exercise, each part under its title."""
    by_title: dict[str, list[str]] = {}
    for piece in parts:
        by_title.setdefault(piece.title, []).append(piece.text)
    kept = list(by_title.items())[1:]  # the sheet itself says what students read
    return "\n".join(sheet.aside(title, "\n\n".join(texts)) for title, texts in kept)
