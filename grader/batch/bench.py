"""What staff look at while they decide: the class's mistakes, a student's work, and what a decision would change."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from grader.batch import pages
from grader.course import marks, sharing, standings
from grader.course.marks import Graded, Marks
from grader.course.standings import Standing
from grader.course.writing import Decision
from grader.errors import UsageError
from grader.grading.config import Assignment
from grader.model import Result
from grader.reports import overview, stored, unfinished, work
from grader.reports.overview import Head
from grader.reports.rows import NO_NAME
from grader.reports.text import points
from grader.reports.work import Work
from grader.submissions.people import Person

POINTS = re.compile(r"\d{1,6}(\.\d{1,6})?")
EMPTY = "format: 1\n"
"""What overrides.yaml is where nothing was decided yet."""

LONGEST = 4_000
"""Characters of a comment."""


class Shared(msgspec.Struct, frozen=True):
    """A mistake that somebody made: in which exercise, how it is named in a decision, how it reads, and who made it."""

    exercise: Head
    called: str
    reads: str
    students: tuple[str, ...]


class Effect(msgspec.Struct, frozen=True):
    """What a decision does for one student: their mark before and after, as text, and the comments that are new."""

    who: str
    submission: str
    before: str
    after: str
    comments: tuple[str, ...]


class Bench:
    """One assignment's results, read once and again whenever they are others."""

    def __init__(self, assignment: Assignment, out: Path) -> None:
        """Take the assignment and its report folder. Nothing is read yet."""
        self.assignment, self.out = assignment, out
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._graded: Graded | None = None
        self._mistakes: list[Shared] | None = None

    @property
    def graded(self) -> Graded:
        """Return the results as they were when they were last looked at. Raises UsageError for none."""
        return self.look() if self._graded is None else self._graded

    def look(self) -> Graded:
        """Return the results as they are now, while a grading is under way as well. Raises UsageError for none."""
        seen = tuple(_stamp(path) for path in (self.out / marks.HANDED_IN, *self._results()))
        if self._graded is None or seen != self._seen:
            self._graded, self._seen, self._mistakes = marks.graded_in(self.out, self.assignment.id), seen, None
        return self._graded

    def _results(self) -> Iterator[Path]:
        return (stored.path_of(self.out, name) for name in stored.names(self.out))

    @property
    def unfinished(self) -> str:
        """Return what to say of a grading that has not come to its end; blank where it has."""
        return unfinished.warning(self.out)

    @property
    def heads(self) -> tuple[Head, ...]:
        """Return how the exercises are headed, and what each is worth."""
        return pages.heads(self.out, next(iter(self.graded.rows)), self.graded.exercises)

    def marks(self, text: str) -> Marks:
        """Return everyone's mark by a text of overrides.yaml. Raises UsageError, as FormError with every mistake."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / self.assignment.overrides.name
            path.write_text(text if text.strip() else EMPTY, "utf-8")
            asked = msgspec.structs.replace(self.assignment, overrides=path)
            return marks.of(asked, self.out, self.graded)

    def mistakes(self) -> list[Shared]:
        """Return every mistake that points were lost to, what most students share first."""
        graded = self.graded
        if self._mistakes is None:
            self._mistakes = self._found(graded)
        return self._mistakes

    def _found(self, graded: Graded) -> list[Shared]:
        heads = self.heads
        found = overview.of(graded.rows.values(), heads)
        groups = sorted((*found.groups, *found.causes), key=lambda one: (-len(one.students), one.exercise))
        return [
            Shared(
                heads[one.exercise],
                one.code or one.name,
                f"{one.name} ({one.code})" if one.code else one.name,
                one.students,
            )
            for one in groups
            if one.code or one.name != NO_NAME
        ]

    def shared(self, exercise: str, called: str) -> Shared | None:
        """Return one of the mistakes, or None where nobody makes it now."""
        return next((one for one in self.mistakes() if (one.exercise.id, one.called) == (exercise, called)), None)

    def result(self, submission: str) -> Result | None:
        """Return a stored result; None where there is none of that name."""
        if submission not in self.graded.rows:
            return None
        return stored.read(stored.path_of(self.out, submission))

    def work(self, result: Result) -> Work | None:
        """Return the code that a result is of, where it was kept."""
        return work.read(self.out, result.submission, result.digest)

    def people(self) -> Mapping[str, tuple[Person, ...]]:
        """Return whose each submission is."""
        kept = marks.kept(self.out)
        known = self.assignment.roster or any(one.people for one in kept)
        return marks.who(self.assignment, kept) if known else {}

    def made_by(self, submission: str, exercise: str) -> list[Shared]:
        """Return the mistakes that a submission lost points of an exercise to."""
        row, place = self.graded.rows[submission], self.graded.exercises.index(exercise)
        return [
            one for one in self.mistakes() if one.exercise.id == exercise and sharing.made_by(row, place, one.called)
        ]

    def checked(self, decision: Decision) -> Decision:
        """Return a decision that may be written. Raises UsageError with what is wrong."""
        if decision.points and not POINTS.fullmatch(decision.points):
            raise UsageError(f"points should be a number such as 3 or 1.5, not {decision.points[:20]!r}")
        if len(decision.comment) > LONGEST:
            raise UsageError(f"the comment is longer than {LONGEST} characters")
        if not decision.points and not decision.comment.strip():
            raise UsageError("write points, a comment, or both")
        return decision


def effects(before: Marks, after: Marks) -> list[Effect]:
    """Return what differs between everyone's mark before and after, in the class's order."""
    return list(_effects(before, after))


def _effects(before: Marks, after: Marks) -> Iterator[Effect]:
    for old, new in zip(before.standings, after.standings):
        comments = list(new.comments)
        for one in old.comments:
            if one in comments:
                comments.remove(one)
        if comments or mark_of(old) != mark_of(new):
            yield Effect(standings.who(new), new.submission, mark_of(old), mark_of(new), tuple(comments))


def mark_of(one: Standing) -> str:
    """Return a mark as text, or why there is none."""
    return one.status if one.final is None else points(one.final)


def digest_of(changes: Sequence[Effect]) -> str:
    """Return what tells what a decision would change from anything else that it would."""
    return hashlib.sha256(msgspec.json.encode(changes)).hexdigest()


def _stamp(path: Path) -> tuple[str, int, int]:
    """Return what tells a file from itself after it was written anew."""
    try:
        known = path.stat()
    except OSError:
        return path.name, 0, 0
    return path.name, known.st_mtime_ns, known.st_ino
