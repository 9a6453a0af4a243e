"""A file for Canvas's gradebook import, made from Canvas's own export so that nothing has to be guessed.

Canvas finds students by ID and an assignment by the `(id)` in its column's name; an assignment it does not find it
creates, published, for everyone to see. So the column comes from the export, id and all, or there is no file. A blank
cell over a score clears it: whoever has no mark has no row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from grader.course import matching, roster, tables
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.submissions.people import Handed, called

NUMBERED = re.compile(r"(.*) \((\d+)\)")
IDENTITY = ("Student", "LastName,FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
"""Columns that Canvas reads before `Section`, in its own order; those of the export are kept."""

POINTS_POSSIBLE = "Points Possible"
EXCUSED = "EX"


class Change(msgspec.Struct, frozen=True):
    """One student's cell: what stands in Canvas, and what will."""

    who: str
    before: str
    after: str


class Import(msgspec.Struct, frozen=True):
    """The file, what it changes, who is left out and why, and what staff should know before they import it."""

    column: str
    text: str
    changes: tuple[Change, ...]
    left_out: tuple[tuple[str, str], ...]
    concerns: tuple[str, ...]


def made(export: Table, standings: Sequence[Standing], assignment: str, shown: str) -> Import:
    """Return the import of `standings` into one assignment of an exported gradebook.

    `assignment` is its number in Canvas, or its column's title. Raises UsageError where it is not in the export.
    """
    column = _column(export, assignment, shown)
    people = roster.of(export, shown)
    rows_of = {row["ID"].strip(): row for row in export.rows}
    found = matching.matched(people, [Handed(str(i), (one.person,)) for i, one in enumerate(standings)], "latest", {})
    whose = {entry.handed[0].submission: entry.person for entry in found.entries if entry.handed}
    shared = {one.submission for entry in found.entries for one in entry.handed[1:]}
    lines, changes, left_out = [], [], []
    header = [name for name in export.header if name in IDENTITY]
    for i, one in enumerate(standings):
        person = whose.get(str(i))
        cell = mark(one)
        if str(i) in shared:
            left_out.append((called(one.person), "is somebody who has a mark already"))
        elif person is None:
            left_out.append((called(one.person), "is not in this gradebook"))
        elif cell is None:
            left_out.append((called(one.person), why_not(one)))
        else:
            row = rows_of[person.canvas]
            lines.append([*(_shielded(row[name], name) for name in header), row.get("Section", ""), cell])
            changes.append(Change(called(person), row[column].strip(), cell))
    text = tables.written([*header, "Section", column], lines)
    return Import(column, text, tuple(changes), tuple(left_out), tuple(_concerns(export, column, standings)))


def mark(one: Standing) -> str | None:
    """Return a mark as Canvas reads it, `EX` for whoever is excused; None where there is none to give."""
    if one.status == "excused":
        return EXCUSED
    return None if one.final is None else f"{float(one.final):.2f}"


def _column(export: Table, assignment: str, shown: str) -> str:
    numbered = {found[2]: name for name in export.header if (found := NUMBERED.fullmatch(name))}
    titled = {name: name for name in numbered.values()}
    titled |= {found[1]: name for name in numbered.values() if (found := NUMBERED.fullmatch(name))}
    column = numbered.get(assignment) or titled.get(assignment)
    if column is None:
        known = "; ".join(numbered.values()) or "none"
        raise UsageError(
            f"{shown}: has no column of assignment {assignment!r}, and Canvas would create one; it has {known}"
        )
    if "ID" not in export.header:
        raise UsageError(f"{shown}: has no column `ID`; export it from Canvas's gradebook, and change no heads")
    return column


def _shielded(cell: str, name: str) -> str:
    """Put back what keeps a spreadsheet from working out a name; ids are left alone."""
    return '="' + cell.replace('"', '""') + '"' if name == "Student" and cell.startswith(("=", "+", "-", "@")) else cell


def why_not(one: Standing) -> str:
    """Say why a student gets no mark in Canvas."""
    return {
        "missing": "handed in nothing; their cell stays as it is",
        "withheld": "is withheld, through a fault of ours",
        "not graded": "has no result; grade again",
    }.get(one.status, one.status)


def _concerns(export: Table, column: str, standings: Sequence[Standing]) -> list[str]:
    row = next((row for row in export.rows if _first(row, export).strip() == POINTS_POSSIBLE), None)
    possible = {one.possible for one in standings}
    said = []
    if row is not None and (theirs := _number(row[column])) is not None and {theirs} != possible and possible:
        ours = ", ".join(f"{float(one):g}" for one in sorted(possible))
        said.append(f"Canvas has this assignment at {float(theirs):g} points, the grader at {ours}: nothing is scaled")
    if any(one.taken for one in standings):
        said.append(
            "lateness is taken off already; a late policy of the course's own in Canvas would take it off again"
        )
    return said


def _first(row: dict[str, str], export: Table) -> str:
    return row[export.header[0]]


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        return None
