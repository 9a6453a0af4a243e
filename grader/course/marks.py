"""Everyone's mark from a report folder: its results, who handed them in, the roster, and what was decided by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from grader.course import decisions, lateness, matching, overrides, roster, sharing, standings, tables
from grader.course.standings import Standing
from grader.errors import UsageError
from grader.grading.config import Assignment
from grader.reports import rows, stored, whose
from grader.reports.rows import ClassRow
from grader.reports.text import a_few
from grader.submissions.people import Handed, Person, called

HANDED_IN = "handed_in.jsonl"


class Marks(msgspec.Struct, frozen=True):
    """Everyone's standing, the submissions that match nobody, and who is on the roster (nobody where there is none).

    `why` says of some submissions why they match nobody. `concerns` are what staff should look at in the roster and in
    what was decided.
    """

    exercises: tuple[str, ...]
    standings: tuple[Standing, ...]
    unmatched: tuple[Handed, ...] = ()
    roster: tuple[Person, ...] = ()
    concerns: tuple[str, ...] = ()
    why: Mapping[str, str] = {}


class Graded(msgspec.Struct, frozen=True):
    """The results of a folder: their exercises, a row of each by name, and what was called otherwise when handed in."""

    exercises: tuple[str, ...]
    rows: Mapping[str, ClassRow]
    called: Mapping[str, str] = {}


def read(assignment: Assignment, out: Path) -> Marks:
    """Work out everyone's mark. Raises UsageError where a file is not what it should be, or nothing is graded yet."""
    return of(assignment, out, graded_in(out, assignment.id))


def of(assignment: Assignment, out: Path, graded: Graded) -> Marks:
    """Do as `read` does with results that have been read."""
    exercises, rows = graded.exercises, graded.rows
    table = tables.read(assignment.roster) if assignment.roster else None
    people = roster.read(assignment.roster) if assignment.roster else ()
    decided = overrides.decided(assignment.overrides, assignment.root, exercises)
    scores = {name: float(row.total) for name, row in rows.items()}
    found = matching.matched(people, _handed(out, graded), assignment.attempts, scores)
    decided, spread = sharing.spread(found, decided, rows, exercises, assignment.overrides.name)
    possible = next((row.possible for row in rows.values()), assignment.possible)
    shown = assignment.overrides.name
    gone = (
        decisions.check(found, decided, _worth(out, graded), possible, shown, bool(people), _left(out))
        if decided
        else []
    )
    late_by = lateness.known(table, assignment.roster.name if assignment.roster else "")
    marks = standings.standings(found, rows, exercises, possible, assignment.late, decided, late_by)
    concerns = [roster.dropped(table, assignment.roster.name)] if table and assignment.roster else []
    concerns += [*_shared(found), *gone, *spread]
    return Marks(exercises, tuple(marks), found.unmatched, people, tuple(filter(None, concerns)), found.why)


def _shared(found: matching.Class) -> list[str]:
    """Say who have an id in common and are two people by the others."""
    names = [" ".join(filter(None, (called(one.person), one.person.email))) for one in found.entries if one.others]
    if not names:
        return []
    return [
        f"{a_few(names, 6)} share an id and differ in others, so each counts as a person; a roster would say who is who"
    ]


def _left(out: Path) -> list[str]:
    """Return what those are called who are no longer handed in, and were when they were handed in."""
    names = stored.all_names(out / stored.LEFT)
    results = (stored.read(stored.path_of(out / stored.LEFT, name)) for name in names)
    return [*names, *(one.called for one in results if one is not None and one.called)]


def _worth(out: Path, graded: Graded) -> dict[str, Fraction]:
    """Return what each exercise is worth in the results that are there, whatever the config says by now."""
    result = stored.read(stored.path_of(out, next(iter(graded.rows))))
    return {one.id: one.possible for one in result.exercises} if result else {}


def who(assignment: Assignment, handed: Sequence[Handed]) -> dict[str, tuple[Person, ...]]:
    """Return whose each submission is, by the roster or the platform; of a roster that cannot be read, without it."""
    try:
        people = roster.read(assignment.roster) if assignment.roster else ()
    except UsageError:  # `grader marks` says so, and keeps nobody from being graded
        people = ()
    return matching.people_of(people, handed)


def lines_of(handed: Iterable[Handed]) -> Iterable[bytes]:
    """Yield what to keep of who handed in what, a line each."""
    return (msgspec.json.encode(one) + b"\n" for one in handed)


def graded_in(out: Path, assignment: str) -> Graded:
    """Return what of the results under `out` the marks of an assignment need, by its id.

    Raises UsageError where there is none, one is another assignment's, or they are not whole or of the same exercises.
    """
    found: dict[str, ClassRow] = {}
    called: dict[str, str] = {}
    exercises: tuple[str, ...] = ()
    for name in stored.names(out):
        result = stored.read(stored.path_of(out, name))
        if result is None:
            raise UsageError(f"{out}: the result of {name} is not a whole one; grade again with --fresh")
        whose.refuse(out, result.assignment, assignment)
        ids = tuple(one.id for one in result.exercises)
        if found and ids != exercises:
            raise UsageError(f"{out}: the results are of different exercises ({name}'s are others); grade all again")
        exercises = ids
        found[name] = rows.of(result)
        if result.called:
            called[name] = result.called
    if not found:
        raise UsageError(f"{out}: holds no results; run `grader grade` first")
    return Graded(exercises, found, called)


def kept(out: Path) -> list[Handed]:
    """Return who handed in what, as far as it was kept. Raises UsageError where the file is not as it was written."""
    path = out / HANDED_IN
    if not path.is_file():
        return []
    try:
        return [msgspec.json.decode(line, type=Handed) for line in path.read_bytes().splitlines()]
    except msgspec.MsgspecError:
        raise UsageError(f"{path}: is not as the grader wrote it; grade again") from None


def _handed(out: Path, graded: Graded) -> list[Handed]:
    """Return who handed in what; of whom nothing more is known, the name that their result has, and had."""
    known = kept(out)
    names = {one.submission for one in known}
    others = (name for name in graded.rows if name not in names)
    return [*known, *(Handed(name, called=graded.called.get(name, "")) for name in others)]
