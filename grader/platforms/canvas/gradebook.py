"""A file for Canvas's gradebook import, made from Canvas's own export so that nothing has to be guessed.

Canvas finds students by ID and an assignment by the `(id)` in its column's name; an assignment it does not find it
creates, published, for everyone to see. So the column comes from the export, id and all, or there is no file. A blank
cell over a score clears it: whoever has no mark has no row.

The import is written in the dialect of the export, in plain UTF-8. Names stand in one column or in two, as the user who
exported it has them, and come first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from grader.assignment import decimals
from grader.course import claims, matching, roster, tables
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.reports.text import a_few, inert
from grader.submissions.people import Handed, Person, called

NUMBERED = re.compile(r"(.*) \((\d+)\)")
NAMES = ("Student", "LastName", "FirstName")
IDENTITY = (*NAMES, "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
"""Columns that Canvas reads before `Section`, in its own order; those of the export are kept."""

DELIMITERS = ",;"
"""What Canvas reads between cells; an export that was saved with tabs comes back with commas."""

READ_ONLY = "(read only)"
NOT_ASSIGNED = "N/A"

POINTS_POSSIBLE = "Points Possible"
EXCUSED = "EX"


class Change(msgspec.Struct, frozen=True):
    """One student's cell: what stands in Canvas, and what will."""

    who: str
    before: str
    after: str

    @property
    def stays(self) -> bool:
        """Say whether the mark is the one that stands there, however that is written."""
        number = _mark_of(self.before)
        return self.before == self.after if number is None else number == _mark_of(self.after)


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
    places, people = _people(export, shown)
    known, lines_of = matching.index(people), [export.lines[place] for place in places]
    found = matching.matched(
        people, [Handed(str(i), (claims.identity(one),)) for i, one in enumerate(standings)], "latest", {}
    )
    whose = {entry.handed[0].submission: i for i, entry in enumerate(found.entries) if entry.handed}
    shared = {one.submission for entry in found.entries for one in entry.handed[1:]}
    lines, changes, left_out = [], [], []
    header = [name for name in IDENTITY if name in export.header]
    point = tables.decimal_mark(export, (column,)) or "."
    for i, one in enumerate(standings):
        place = whose.get(str(i))
        cell = mark(one)
        if str(i) in shared:
            left_out.append((called(one.person), "is somebody who has a mark already"))
        elif place is None:
            why = claims.not_there(claims.identity(one), people, known, "this gradebook", lines_of)
            left_out.append((called(one.person), why))
        elif cell is None:
            left_out.append((called(one.person), why_not(one)))
        else:
            row = export.rows[places[place]]
            cell = cell.replace(".", point)
            lines.append([*(_shielded(row[name], name) for name in header), row.get("Section", ""), cell])
            changes.append(Change(called(people[place]), row[column].strip(), cell))
    delimiter = export.dialect.delimiter if export.dialect.delimiter in DELIMITERS else ","
    dialect = msgspec.structs.replace(export.dialect, delimiter=delimiter)
    text = tables.written([[*header, "Section", column], *lines], dialect)
    concerns = _concerns(export, column, standings, changes, shown)
    return Import(column, text, tuple(changes), tuple(left_out), tuple(concerns))


def _people(export: Table, shown: str) -> tuple[list[int], list[Person]]:
    """Return everyone in the export with the place of their row: `ID` is Canvas's own number there, always."""
    places, people = [], []
    for place, person in enumerate(roster.by_row(export, shown)):
        if person is None:
            continue
        number = export.rows[place]["ID"].strip()
        own = "" if person.sid == number and "SIS User ID" not in export.header else person.sid
        places.append(place)
        people.append(msgspec.structs.replace(person, canvas=number, sid=own))
    return places, people


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
    if "Student" not in export.header and not {"LastName", "FirstName"} <= set(export.header):
        raise UsageError(
            f"{shown}: has no column `Student` (or `LastName` and `FirstName`), and Canvas refuses a file without; "
            "export it from Canvas's gradebook, and change no heads"
        )
    return column


def _shielded(cell: str, name: str) -> str:
    """Put back what keeps a spreadsheet from working out a name; ids are left alone."""
    return '="' + cell.replace('"', '""') + '"' if name in NAMES and cell.startswith(("=", "+", "-", "@")) else cell


def why_not(one: Standing) -> str:
    """Say why a student gets no mark in Canvas."""
    return {
        "missing": "handed in nothing; their cell stays as it is",
        "withheld": "is withheld, through a fault of ours",
        "not graded": "has no result; grade again",
    }.get(one.status, one.status)


def _concerns(
    export: Table, column: str, standings: Sequence[Standing], changes: Sequence[Change], shown: str
) -> list[str]:
    place = next((i for i, row in enumerate(export.rows) if row[export.header[0]].strip() == POINTS_POSSIBLE), None)
    possible = {one.possible for one in standings}
    said = []
    if place is not None:
        cell = export.rows[place][column].strip()
        theirs = None if READ_ONLY in cell else tables.number(export, place, column, shown)
        if READ_ONLY in cell:
            said.append(f"Canvas calls the column {column!r} read only, and ignores it on import: nothing would change")
        elif theirs is None and cell:
            said.append(f"the points that Canvas has for this assignment cannot be read: {cell!r}")
        elif theirs is not None and {theirs} != possible and possible:
            ours = ", ".join(f"{float(one):g}" for one in sorted(possible))
            said.append(
                f"Canvas has this assignment at {float(theirs):g} points, the grader at {ours}: nothing is scaled"
            )
    unassigned = [one.who for one in changes if one.before == NOT_ASSIGNED]
    if unassigned:
        said.append(f"Canvas ignores marks for whom this is not assigned to (N/A there): {inert(a_few(unassigned))}")
    if any(one.taken for one in standings):
        said.append(
            "lateness is taken off already; a late policy of the course's own in Canvas would take it off again"
        )
    return said


def _mark_of(text: str) -> Fraction | None:
    """Return the number that a cell shows; None where it holds none that is certain."""
    try:
        return decimals.read(text)
    except decimals.TwoReadings:
        return None
