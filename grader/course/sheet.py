"""A sheet of the course's own: its columns that we know are filled in, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from grader.course import matching, roster, tables
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.reports.grades import decimal, text_cell
from grader.submissions.people import Handed, called

Cell = Callable[[Standing], str]

KNOWN: Mapping[str, Cell] = {
    **dict.fromkeys(
        ("total score", "score", "points", "grade", "mark", "total"),
        lambda one: "" if one.final is None else decimal(one.final),
    ),
    **dict.fromkeys(("max points", "possible"), lambda one: decimal(one.possible)),
    "automatic": lambda one: "" if one.automatic is None else decimal(one.automatic),
    "status": lambda one: one.status,
    "submission": lambda one: text_cell(one.submission),
    **dict.fromkeys(("comment", "comments"), lambda one: text_cell(" ".join((*one.comments, one.late)).strip())),
}
"""What a column of that name, in lower case, is filled with."""


class Filled(msgspec.Struct, frozen=True):
    """The sheet, the columns that were filled in and for how many, and whose mark found no line."""

    text: str
    columns: tuple[str, ...]
    count: int
    left_out: tuple[str, ...]


def filled(table: Table, standings: Sequence[Standing], exercises: Sequence[str], shown: str) -> Filled:
    """Fill in a sheet; a mark that is not there leaves its cell alone. Raises UsageError where no column is known."""
    cells = {head: cell for head in table.header if (cell := _cell_for(head, exercises))}
    if not cells:
        raise UsageError(f"{shown}: has no column to fill in, such as Score, Status or {exercises[0]}")
    people = roster.of(table, shown)
    found = matching.matched(people, [Handed(str(i), (one.person,)) for i, one in enumerate(standings)], "latest", {})
    whose = {entry.person: standings[int(entry.handed[0].submission)] for entry in found.entries if entry.handed}
    lines = []
    for row in table.rows:
        person = roster.of(Table(table.header, (row,)), shown)
        one = whose.get(person[0]) if person else None
        now = {head: cell(one) for head, cell in cells.items()} if one else {}
        lines.append([now.get(head) or row[head] for head in table.header])
    left = [called(standings[int(one.submission)].person) for one in found.unmatched]
    left += [called(standings[int(one.submission)].person) for entry in found.entries for one in entry.handed[1:]]
    return Filled(tables.written(table.header, lines), tuple(cells), len(whose), tuple(left))


def _cell_for(head: str, exercises: Sequence[str]) -> Cell | None:
    name = head.strip().casefold()
    if name in KNOWN:
        return KNOWN[name]
    if name not in exercises:
        return None

    def points(one: Standing) -> str:
        counts = next((part.counts for part in one.parts if part.exercise == name), None)
        return "" if counts is None else decimal(counts)

    return points
