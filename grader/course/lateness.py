"""How late each submission was, from Gradescope's scores; and where that is not known, why.

Someone's own line comes first: members of a group may have different extensions. A person
without a line of their own has that of the submission's number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from grader.course import lateness_cells, roster, tables
from grader.course.tables import Table
from grader.submissions.people import Handed, Person, keys

COLUMNS = ("lateness (h:m:s)", "lateness")
MISSING = "missing"
BY_TIME_OF_DAY = "is a time of day, which would not show whole days"


class Lateness(msgspec.Struct, frozen=True):
    """Seconds past the due date (negative: early). Where they are not known, or not for sure, `why` says why."""

    seconds: int | None
    why: str = ""


Known = Callable[[Person, Handed], Lateness]
"""Answers how late one person's submission was."""

MARKED = "late, and the platform does not say by how much"
NOT_TOLD = "the platform does not say how late it was"


def by_platform(_: Person, handed: Handed) -> Lateness:
    """Answer by what the download itself says."""
    if handed.late is None and handed.marked_late:
        return Lateness(None, MARKED)
    return Lateness(handed.late, NOT_TOLD if handed.late is None else "")


class _Row(msgspec.Struct, frozen=True):
    """One line of the scores: the number of the submission that it is about, and how late that was."""

    number: str
    lateness: Lateness


def known(table: Table | None, shown: str) -> Known:
    """Return what answers from a roster with a column of lateness. `shown` is what messages call it."""
    column = tables.column(table.header, COLUMNS) if table else None
    if table is None or column is None:
        lacking = f"{shown} has no column `Lateness`" if table else "there is no roster with a column `Lateness`"
        return _preferring_the_platform(lambda *_: Lateness(None, lacking))
    by_person, by_number = _lines(table, column, shown)

    def answer(person: Person, handed: Handed) -> Lateness:
        name = handed.called or handed.submission
        alone = Person(sid=name, login=name, email=name)
        mine = next((by_person[key] for who in (person, alone) for key in keys(who) if key in by_person), None)
        if mine is not None and (not handed.number or mine.number in ("", handed.number)):
            return mine.lateness
        if handed.number in by_number:
            return by_number[handed.number].lateness
        if mine is not None:
            return Lateness(None, f"{shown} has the lateness of another submission, {mine.number}")
        return Lateness(None, f"{shown} has no line for it")

    return _preferring_the_platform(answer)


def _preferring_the_platform(answer: Known) -> Known:
    """Return what asks the download first, and says what it knows where `answer` does not know either."""

    def both(person: Person, handed: Handed) -> Lateness:
        if handed.late is not None:
            return Lateness(handed.late)
        found = answer(person, handed)
        return by_platform(person, handed) if found.seconds is None and handed.marked_late else found

    return both


def _lines(table: Table, column: str, shown: str) -> tuple[Mapping[tuple[str, str], _Row], Mapping[str, _Row]]:
    """Return the lines by their people's ids, and by the submission's number."""
    number = tables.column(table.header, ("submission id",))
    status = tables.column(table.header, ("status",))
    told = lateness_cells.column(row[column] for row in table.rows)
    by_person: dict[tuple[str, str], _Row] = {}
    by_number: dict[str, _Row] = {}
    for row, line, person in zip(table.rows, table.lines, roster.by_row(table, shown)):
        missing = bool(status) and row[status or ""].strip().casefold() == MISSING
        one = _Row(
            row[number].strip() if number else "", _lateness(row[column], missing, told, f"{shown}, line {line}")
        )
        if person is not None:
            by_person |= {key: one for key in keys(person) if key[0] != "name"}
        if one.number:
            by_number[one.number] = one
    return by_person, by_number


def _lateness(cell: str, missing: bool, told: lateness_cells.Column, where: str) -> Lateness:
    if not cell.strip():
        return Lateness(None, f"{where}: it is called missing" if missing else f"{where}: the lateness is blank")
    seconds = lateness_cells.seconds(cell, told)
    if seconds is None:
        return Lateness(None, f"{where}: the lateness {cell.strip()!r} cannot be read")
    return Lateness(
        seconds, f"{where}: {cell.strip()!r} {BY_TIME_OF_DAY}" if lateness_cells.is_time_of_day(cell) else ""
    )
