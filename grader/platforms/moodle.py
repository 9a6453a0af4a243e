"""Moodle: its grading worksheet filled in, and a zip with each student's feedback file.

Both go by the participant's number, which Moodle gives for one assignment: it stands in the worksheet (`Participant
123`), and in the name of each folder that Moodle hands out. Where a submission has that name, nothing else is asked;
a number that the worksheet does not have is nobody's there. A submission without one is looked for by its student's id,
address or name, as far as the worksheet says who is who.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from grader.course import claims, roster, tables
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.reports.text import counted
from grader.submissions.people import Person, called

PARTICIPANT = re.compile(r"\D*(\d+)")
HANDED_OUT = re.compile(r".*?_(\d+)_assignsubmission_\w*")
NO_NAME = re.compile(r"[_/\\\x00-\x1f\x7f<>:\"|?*]+")
FEEDBACK = "feedback.md"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
CLOSED = "no"


class Filled(msgspec.Struct, frozen=True):
    """The worksheet; how many lines have a grade of ours; the folder of each submission in a feedback zip; who is left
    out and why; what to mind; and whose each folder is, in their order.
    """

    text: str
    count: int
    folders: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]
    concerns: tuple[str, ...]
    whose: tuple[Standing, ...] = ()


def filled(table: Table, standings: Sequence[Standing], shown: str) -> Filled:
    """Fill in the grades of a worksheet as Moodle exported it; no other cell changes.

    Raises UsageError where it is none. A grade that is not there (withheld, missing, excused) leaves its cell as it is.
    """
    identifier, grade = (_column(table, name, shown) for name in ("identifier", "grade"))
    numbers = [_number(row[identifier], shown) for row in table.rows]
    whose, left_out = _whose(table, numbers, standings, shown)
    closed = tables.column(table.header, ("grade can be changed",))
    cells, folders, owners = {}, [], []
    point = tables.decimal_mark(table, (grade,)) or "."
    for place, one in whose:
        row = table.rows[place]
        if one.submission and one.status in ("graded", "unusable"):
            folders.append((_folder(row, table.header, numbers[place]), one.submission))
            owners.append(one)
        if one.final is None:
            left_out.append((called(one.person), f"has no grade to give: {one.status}"))
        elif closed and row[closed].strip().casefold() == CLOSED:
            left_out.append((called(one.person), "has a grade that Moodle does not let change"))
        else:
            cells[place] = {grade: f"{float(one.final):.2f}".replace(".", point)}
    given = {place: one.final for place, one in whose if place in cells and one.final is not None}
    concerns = _concerns(table, grade, standings, given, shown)
    text = tables.filled(table, cells)
    return Filled(text, len(cells), tuple(folders), tuple(left_out), tuple(concerns), tuple(owners))


def _column(table: Table, name: str, shown: str) -> str:
    column = tables.column(table.header, (name,))
    if column is None:
        raise UsageError(
            f"{shown}: has no column {name.title()!r}; download the grading worksheet from Moodle, in English"
        )
    return column


def _number(cell: str, shown: str) -> str:
    found = PARTICIPANT.fullmatch(cell.strip())
    if found is None:
        raise UsageError(f"{shown}: {cell!r} is no participant of Moodle's; change nothing in that column")
    return found[1]


def _whose(
    table: Table, numbers: Sequence[str], standings: Sequence[Standing], shown: str
) -> tuple[list[tuple[int, Standing]], list[tuple[str, str]]]:
    """Find each mark's line: by the number in its submission's name; where it has none, by who it is.

    Raises UsageError where the worksheet has a participant twice.
    """
    places: dict[str, int] = {}
    for i, number in enumerate(numbers):
        if (first := places.setdefault(number, i)) != i:
            lines = f"lines {table.lines[first]} and {table.lines[i]}"
            raise UsageError(f"{shown}: {lines} are both participant {number}; download the worksheet again")
    people = [Person(name=_name(row, table.header)) for row in table.rows]
    if tables.column(table.header, ("email address", "email", "id number", "username")):
        people = [one or known for one, known in zip(roster.by_row(table, shown), people)]
    told: dict[int, list[Standing]] = {}
    others, gone = [], []
    for one in standings:
        found = HANDED_OUT.match(one.submission)
        number = one.person.moodle or (found[1] if found else "")
        if not number:
            others.append(one)
        elif number in places:
            told.setdefault(places[number], []).append(one)
        else:
            gone.append((f"{called(one.person)}: participant {number}", "is not in the worksheet"))
    whose, left_out = claims.found(people, others, "the worksheet", table.lines)
    left_out += gone
    left_out += [(called(one.person), "is somebody who has a grade already") for place, one in whose if place in told]
    several = [(place, each) for place, each in told.items() if len(each) > 1]
    left_out += [
        (called(one.person), f"is one of {len(each)} submissions of participant {numbers[place]}")
        for place, each in several
        for one in each
    ]
    sure = [(place, each[0]) for place, each in told.items() if len(each) == 1]
    return sure + [(place, one) for place, one in whose if place not in told], left_out


def _name(row: dict[str, str], header: Sequence[str]) -> str:
    column = tables.column(header, ("full name",))
    return row[column].strip() if column else ""


def _folder(row: dict[str, str], header: Sequence[str], number: str) -> str:
    """Name a folder as Moodle does: what stands before the number holds no underscore, or the number is not found."""
    name = " ".join(NO_NAME.sub(" ", _name(row, header)).split()).strip(".") or "Participant"
    return f"{name}_{number}_assignsubmission_file_"


def _concerns(
    table: Table, grade: str, standings: Sequence[Standing], given: Mapping[int, Fraction], shown: str
) -> list[str]:
    """Say what Moodle would not read as it is meant: another maximum, more than it, a scale in place of numbers."""
    said = []
    column = tables.column(table.header, ("maximum grade",))
    if column is None:
        scale = tables.column(table.header, ("scale",))
        words = next((row[grade] for i, row in enumerate(table.rows) if _is_word(table, i, grade, shown)), "")
        if scale or words:
            example = f", as in {words!r}" if words else ""
            said.append(f"Moodle grades this assignment by a scale{example}, and reads no number for it")
        return said
    theirs = {row[column].strip(): tables.number(table, i, column, shown) for i, row in enumerate(table.rows)}
    theirs.pop("", None)
    ours = {one.possible for one in standings}
    if theirs and set(theirs.values()) != ours:
        points = ", ".join(f"{float(one):.2f}" for one in sorted(ours))
        said.append(
            f"Moodle has this assignment at {', '.join(sorted(theirs))}, the grader at {points}: nothing is scaled"
        )
    most = {place: tables.number(table, place, column, shown) for place in given}
    over = sum(limit is not None and given[place] > limit for place, limit in most.items())
    if over:
        said.append(f"{counted(over, 'grade')} above Moodle's maximum, which Moodle does not take")
    return said


def _is_word(table: Table, place: int, grade: str, shown: str) -> bool:
    """Say whether a grade is there and is no number; `-` stands for none."""
    return table.rows[place][grade].strip() not in ("", "-") and tables.number(table, place, grade, shown) is None
