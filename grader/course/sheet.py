"""A sheet of the course's own: its columns that we know are filled in, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import msgspec

from grader.course import claims, matching, roster, tables
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.reports.grades import text_cell
from grader.submissions.people import Handed, called

Cell = Callable[[Standing], Fraction | str | None]

KNOWN: Mapping[str, Cell] = {
    **dict.fromkeys(
        ("total score", "score", "points", "grade", "mark", "total"),
        lambda one: one.final,
    ),
    **dict.fromkeys(("max points", "possible"), lambda one: one.possible),
    "automatic": lambda one: one.automatic,
    "status": lambda one: one.status,
    "submission": lambda one: one.submission,
    **dict.fromkeys(("comment", "comments"), lambda one: " ".join(" ".join((*one.comments, one.late)).split())),
}
"""What a column of that name, in lower case, is filled with."""


WORDS = ("status", "submission", "comment", "comments")
"""Columns that hold no points."""


class Filled(msgspec.Struct, frozen=True):
    """The sheet, the columns filled in and for how many, whose mark found no line and why, and what to mind."""

    text: str
    columns: tuple[str, ...]
    count: int
    left_out: tuple[tuple[str, str], ...]
    concerns: tuple[str, ...] = ()


TWICE = "is somebody who has a mark already"
UNTOLD = "no number in the sheet shows its decimal mark in a column of points"
GUESSED = f"{UNTOLD}; it has semicolons between its cells, so points have a comma"
OTHERWISE = f"{UNTOLD}; points have a point, and other numbers in it have a comma"


def filled(table: Table, standings: Sequence[Standing], exercises: Sequence[str], shown: str) -> Filled:
    """Fill in a sheet; a mark that is not there leaves its cell alone. Raises UsageError where no column is known."""
    cells = {head: cell for head in table.header if (cell := _cell_for(head, exercises))}
    if not cells:
        raise UsageError(f"{shown}: has no column to fill in, such as Score, Status or {exercises[0]}")
    rows = roster.by_row(table, shown)
    people = [one for one in rows if one is not None]
    known, lines = matching.index(people), [line for line, one in zip(table.lines, rows) if one is not None]
    found = matching.matched(
        people, [Handed(str(i), (claims.identity(one),)) for i, one in enumerate(standings)], "latest", {}
    )
    whose = {entry.person: standings[int(entry.handed[0].submission)] for entry in found.entries if entry.handed}
    told = tables.decimal_mark(table, [head for head in cells if head.strip().casefold() not in WORDS])
    mark = told or ("," if table.dialect.delimiter == ";" else ".")  # a semicolon leaves the comma to numbers
    changes = {}
    for place, person in enumerate(rows):
        one = whose.get(person) if person else None
        now = {head: _written(cell(one), mark) for head, cell in cells.items()} if one else {}
        changes[place] = {head: value for head, value in now.items() if value}
    lost = [standings[int(one.submission)] for one in found.unmatched]
    left = [(one.person, claims.not_there(claims.identity(one), people, known, "the sheet", lines)) for one in lost]
    left += [(standings[int(one.submission)].person, TWICE) for entry in found.entries for one in entry.handed[1:]]
    left_out = tuple((called(who), why) for who, why in left)
    guessed = not told and any(_has_decimals(one) for one in whose.values())
    concern = GUESSED if mark == "," else OTHERWISE if table.dialect.decimal == "," else ""
    concerns = (concern,) if guessed and concern else ()
    return Filled(tables.filled(table, changes), tuple(cells), len(whose), left_out, concerns)


def _has_decimals(one: Standing) -> bool:
    counts = (one.final, one.possible, one.automatic, *(part.counts for part in one.parts))
    return any(value is not None and value.denominator > 1 for value in counts)


def _written(value: Fraction | str | None, mark: str) -> str:
    if value is None:
        return ""
    return text_cell(value) if isinstance(value, str) else tables.decimal(value, mark)


def _cell_for(head: str, exercises: Sequence[str]) -> Cell | None:
    name = head.strip().casefold()
    if name in KNOWN:
        return KNOWN[name]
    if name not in exercises:
        return None

    return lambda one: next((part.counts for part in one.parts if part.exercise == name), None)
