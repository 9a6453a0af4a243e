"""Everyone's mark from a report folder: its results, who handed them in, the roster, and what was decided by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from grader.course import matching, overrides, roster, standings, tables
from grader.course.overrides import Override
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.grading.config import Assignment
from grader.reports import rows, stored
from grader.reports.rows import ClassRow
from grader.submissions.people import Handed, Person, keys

HANDED_IN = "handed_in.jsonl"
LATENESS = ("lateness (h:m:s)", "lateness")
SPENT = re.compile(r"(\d+):(\d\d):(\d\d)")


class Marks(msgspec.Struct, frozen=True):
    """Everyone's standing, and what belongs to nobody: submissions that match no one, and decisions about no one."""

    exercises: tuple[str, ...]
    standings: tuple[Standing, ...]
    unmatched: tuple[Handed, ...] = ()
    about_nobody: tuple[Override, ...] = ()


class Graded(msgspec.Struct, frozen=True):
    """The results of a folder: their exercises, a row of each by name, and what was called otherwise when handed in."""

    exercises: tuple[str, ...]
    rows: Mapping[str, ClassRow]
    called: Mapping[str, str] = {}


def read(assignment: Assignment, out: Path) -> Marks:
    """Work out everyone's mark. Raises UsageError where a file is not what it should be, or nothing is graded yet."""
    return of(assignment, out, graded_in(out))


def of(assignment: Assignment, out: Path, graded: Graded) -> Marks:
    """Do as `read` does with results that have been read."""
    exercises, rows = graded.exercises, graded.rows
    table = tables.read(assignment.roster) if assignment.roster else None
    people = roster.read(assignment.roster) if assignment.roster else ()
    handed = _with_lateness(_handed(out, graded), table)
    decided = overrides.read(assignment.overrides, exercises) if assignment.overrides.is_file() else ()
    scores = {name: float(row.total) for name, row in rows.items()}
    found = matching.matched(people, handed, assignment.attempts, scores)
    possible = next((row.possible for row in rows.values()), assignment.possible)
    marks = standings.standings(found, rows, exercises, possible, assignment.late, decided)
    return Marks(exercises, tuple(marks), found.unmatched, standings.nobody(found, decided))


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


def graded_in(out: Path) -> Graded:
    """Return what of the results under `out` the marks need.

    Raises UsageError where there is none, or they are not whole or of the same exercises.
    """
    found: dict[str, ClassRow] = {}
    called: dict[str, str] = {}
    exercises: tuple[str, ...] = ()
    for name in stored.names(out):
        result = stored.read(stored.path_of(out, name))
        if result is None:
            raise UsageError(f"{out}: the result of {name} is not a whole one; grade again with --fresh")
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


def _with_lateness(handed: Sequence[Handed], table: Table | None) -> list[Handed]:
    """Take lateness from Gradescope's scores, by the submission's number or by its people's ids."""
    column = tables.column(table.header, LATENESS) if table else None
    if table is None or column is None:
        return list(handed)
    number = tables.column(table.header, ("submission id",))
    late: dict[tuple[str, str], int] = {}
    for row in table.rows:
        seconds = _seconds(row[column])
        if seconds is None:
            continue
        if number and row[number].strip():
            late["number", row[number].strip()] = seconds
        for person in roster.of(Table(table.header, (row,)), "the roster"):
            late |= {key: seconds for key in keys(person) if key[0] != "name"}
    return [one if one.late is not None else msgspec.structs.replace(one, late=_late(one, late)) for one in handed]


def _late(one: Handed, late: dict[tuple[str, str], int]) -> int | None:
    if one.number:
        return late.get(("number", one.number))
    name = one.called or one.submission
    people = one.people or (Person(sid=name, login=name, email=name),)
    return next((late[key] for person in people for key in keys(person) if key in late), None)


def _seconds(text: str) -> int | None:
    found = SPENT.fullmatch(text.strip())
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
