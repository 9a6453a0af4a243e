"""What is checked when: everything once, and what changed whenever a file is saved."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from grader.errors import UsageError
from grader.model import Submission
from grader.selfcheck import own_files
from grader.selfcheck.finding import Place
from grader.selfcheck.prepared import EncodedExercise
from grader.submissions import archives, homes
from grader.submissions.entries import UNLIKELY, Entry, Unreadable, bounded, is_code, is_junk, wanted
from grader.submissions.homes import Layout

ANSWERS = ("answers.yaml", "answers.yml")
FILES_BESIDE = 200


class Round(msgspec.Struct, frozen=True):
    """A student's files as they are now, and the exercises to check. `again`: it is not the first.

    `notes` are those on their files that were not in an earlier round.
    """

    submission: Submission
    exercises: Sequence[EncodedExercise]
    again: bool = False
    notes: Sequence[str] = ()


def rounds(
    place: Place, exercises: Sequence[EncodedExercise], saved: Iterable[object] | None = None
) -> Iterator[Round]:
    """Yield the first round, and one for everything `saved` that changes an exercise. Raises UsageError.

    What was saved while the first round was checked counts: nobody was watching yet.
    """
    before = read(place)
    yield Round(before, exercises, notes=before.notes)
    for _ in () if saved is None else itertools.chain((None,), saved):
        now = read(place)
        changed = [one for one in exercises if _changed(one, before, now)]
        new = [note for note in now.notes if note not in before.notes]
        before = now
        if changed:
            yield Round(now, changed, again=True, notes=new)


def read(place: Place) -> Submission:
    """Return a student's own files, as grading would find them. Raises UsageError, with what to do about it."""
    assignment = place.assignment
    layout = Layout(assignment.package, assignment.modules, assignment.targets)
    try:
        return homes.submission(place.home.name, _entries(place), layout)
    except Unreadable as problem:
        raise UsageError(str(problem)) from None
    except OSError as error:
        raise UsageError(f"{place.home.name}: cannot be read: {error.strerror or error}") from None


def _entries(place: Place) -> list[Entry]:
    """Return the files in a folder's package, its answers, and what the package may import from beside it.

    Of what is no such folder, whatever is in it.
    """
    package = place.home / place.assignment.package
    if not place.assignment.package or not package.is_dir():
        return archives.entries(place.home)
    found = [Entry(PurePosixPath(package.name) / one.path, one.read) for one in archives.entries(package)]
    found += _beside(place, package.name)
    if not any(one.on_paper for one in place.assignment.exercises):
        return found  # YAML is slow to import
    papers = [place.home / name for name in ANSWERS if (place.home / name).is_file()]
    return found + [Entry(PurePosixPath(one.name), lambda one=one: bounded(str(one))) for one in papers]  # type: ignore[misc]


def _beside(place: Place, package: str) -> Iterator[Entry]:
    """Yield the modules beside a package, and in the folders there. What is large is nobody's helper."""
    for one in sorted(os.scandir(place.home), key=lambda one: one.name):
        if one.is_symlink() or one.name == package or is_junk(one.name):
            continue
        if one.is_dir() and one.name.isidentifier() and one.name not in UNLIKELY:
            with contextlib.suppress(Unreadable, OSError):
                inside = archives.folder_entries(one.path, most=FILES_BESIDE)
                yield from (Entry(PurePosixPath(one.name) / entry.path, entry.read) for entry in inside)
        elif one.is_file() and is_code(one.name):
            yield Entry(PurePosixPath(one.name), lambda path=one.path: bounded(path))  # type: ignore[misc]


def _changed(exercise: EncodedExercise, before: Submission, now: Submission) -> bool:
    """Say whether anything that an exercise runs with is another than before."""
    if exercise.on_paper:
        return (before.answers, before.unread) != (now.answers, now.unread)
    names = {*before.modules, *before.extras, *now.modules, *now.extras}
    differs = {name for name in names if _source(before, name) != _source(now, name)}
    start = own_files.start(exercise)
    return bool(differs & (own_files.uses(before, start) | own_files.uses(now, start)))


def _source(submission: Submission, name: str) -> bytes:
    return submission.modules.get(name, submission.extras.get(name, ("", b"")))[1]


def hold_watchfiles() -> None:
    """Raise UsageError where watchfiles is missing."""
    try:
        import watchfiles  # noqa: F401 - it is only seen to be there
    except ImportError:
        raise UsageError(
            "--watch needs the package watchfiles: python -m pip install watchfiles; without it, check again yourself"
        ) from None


def saved(home: Path) -> Iterator[object]:
    """Return what yields whenever a file of the student's is saved. Raises UsageError where watchfiles is missing."""
    hold_watchfiles()
    import watchfiles

    folder = home if home.is_dir() else home.parent

    def theirs(_: object, path: str) -> bool:
        return wanted(Path(path).name) and not any(is_junk(part) for part in Path(path).relative_to(folder).parts)

    return iter(watchfiles.watch(folder, watch_filter=theirs, raise_interrupt=True))
