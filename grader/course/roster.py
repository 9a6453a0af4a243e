"""The roster: everyone in the course, from a list of one's own, Canvas's gradebook, or Gradescope's scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.course import tables
from grader.errors import UsageError
from grader.reports.text import a_few
from grader.submissions.people import Person, keys

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("student", "name", "full name", "student name"),
    "sid": ("sis user id", "sid", "student id", "id number", "matriculation number"),
    "email": ("email", "email address", "e-mail"),
    "login": ("sis login id", "login", "login id", "username", "netid"),
    "canvas": ("canvas id", "id"),
    "section": ("section", "sections", "section_name"),
}
"""What may stand at the head of a column, in lower case, for each thing known of a person."""

CANVAS_ONLY = ("sis user id", "sis login id", "canvas id", "integration id", "root account")

NAMED_APART = (("first name", "last name"), ("firstname", "lastname"))
"""Where a name stands in two columns: Gradescope's, and Canvas's with first and last names separately."""

POINTS = "points possible"
"""What Canvas's row of maxima begins with. For those with few rights its gradebook has no other sign of its own."""

SHOWN_LINES = 12

NOBODY = (POINTS, "manual posting", "student, test", "test student")


def read(path: Path) -> tuple[Person, ...]:
    """Return everyone in a roster file.

    Raises UsageError where it is none, names nobody, or two people share an id.
    """
    people = of(tables.read(path), str(path))
    if not people:
        raise UsageError(f"{path}: names nobody; a roster has a line for everyone in the course, with an id")
    seen: dict[tuple[str, str], Person] = {}
    for person in people:
        for kind, value in keys(person):
            if kind != "name" and seen.setdefault((kind, value), person) is not person:
                raise UsageError(f"{path}: two people have the {kind} {value!r}; a roster has everyone once")
    return people


def of(table: tables.Table, shown: str) -> tuple[Person, ...]:
    """Return everyone in a table, whichever platform's it is. Raises UsageError where nobody could be told apart."""
    return tuple(one for one in by_row(table, shown) if one is not None)


def dropped(table: tables.Table, shown: str) -> str:
    """Say which lines are about somebody of whom they have neither an id nor a name; blank where none is so."""
    lines = [
        str(line)
        for row, line, one in zip(table.rows, table.lines, by_row(table, shown))
        if one is None and not any(cell.strip().casefold() in NOBODY for cell in row.values())
    ]
    if not lines:
        return ""
    which = f"line {lines[0]} has" if len(lines) == 1 else f"lines {a_few(lines, SHOWN_LINES)} have"
    return f"{shown}: {which} no id and no name, so nobody is meant"


def by_row(table: tables.Table, shown: str) -> list[Person | None]:
    """Return who each row is about, None where it is about nobody. Raises UsageError as `of` does."""
    named = {field: tables.column(table.header, names) for field, names in COLUMNS.items()}
    first, last = _name_apart(table.header)
    if not any(named[field] for field in ("sid", "email", "login", "canvas")):
        heads = ", ".join(table.header[:6])
        raise UsageError(f"{shown}: has no column with an id (SID, Email, SIS Login ID, ID …); its columns are {heads}")
    if named["canvas"] and not _is_canvas(table):  # anyone else's `ID` is the institution's
        named["sid"], named["canvas"] = named["sid"] or named["canvas"], None
    people: list[Person | None] = []
    for row in table.rows:
        found = {field: row[head].strip() for field, head in named.items() if head}
        if first and last and not found.get("name"):
            found["name"] = f"{row[first].strip()} {row[last].strip()}".strip()
        somebody = any(found.get(field) for field in COLUMNS if field != "section")
        nobody = found.get("name", "").casefold() in NOBODY
        people.append(Person(**found) if somebody and not nobody else None)
    return people


def _name_apart(header: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the columns of first and of last names, where both are there."""
    pairs = [[tables.column(header, (name,)) for name in names] for names in NAMED_APART]
    first, last = next((pair for pair in pairs if all(pair)), (None, None))
    return first, last


def _is_canvas(table: tables.Table) -> bool:
    """Say whether a table is Canvas's, so that its `ID` is Canvas's own number."""
    first = table.header[0]
    gradebook = any(row[first].strip().casefold() == POINTS for row in table.rows)
    return gradebook or tables.column(table.header, CANVAS_ONLY) is not None
