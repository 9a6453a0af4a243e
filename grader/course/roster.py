"""The roster: everyone in the course, from a list of one's own, Canvas's gradebook, or Gradescope's scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.course import tables
from grader.errors import UsageError
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

ASSIGNMENT = re.compile(r".+ \(\d+\)")
"""How Canvas heads an assignment's column: a gradebook with fewer rights has no other column of Canvas's own."""

NOBODY = ("points possible", "manual posting", "student, test", "test student")


def read(path: Path) -> tuple[Person, ...]:
    """Return everyone in a roster file. Raises UsageError where it is none, or two people share an id."""
    people = of(tables.read(path), str(path))
    seen: dict[tuple[str, str], Person] = {}
    for person in people:
        for kind, value in keys(person):
            if kind != "name" and seen.setdefault((kind, value), person) is not person:
                raise UsageError(f"{path}: two people have the {kind} {value!r}; a roster has everyone once")
    return people


def of(table: tables.Table, shown: str) -> tuple[Person, ...]:
    """Return everyone in a table, whichever platform's it is. Raises UsageError where nobody could be told apart."""
    named = {field: tables.column(table.header, names) for field, names in COLUMNS.items()}
    first, last = _name_apart(table.header)
    if not any(named[field] for field in ("sid", "email", "login", "canvas")):
        heads = ", ".join(table.header[:6])
        raise UsageError(f"{shown}: has no column with an id (SID, Email, SIS Login ID, ID …); its columns are {heads}")
    if named["canvas"] and not _is_canvas(table.header):  # anyone else's `ID` is the institution's
        named["sid"], named["canvas"] = named["sid"] or named["canvas"], None
    people = []
    for row in table.rows:
        found = {field: row[head].strip() for field, head in named.items() if head}
        if first and last and not found.get("name"):
            found["name"] = f"{row[first].strip()} {row[last].strip()}".strip()
        if found.get("name", "").casefold() in NOBODY or not any(found.get(f) for f in COLUMNS if f != "section"):
            continue
        people.append(Person(**found))
    return tuple(one for one in people if any(kind != "name" for kind, _ in keys(one)) or one.name)


def _name_apart(header: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the columns of first and of last names, where both are there."""
    pairs = [[tables.column(header, (name,)) for name in names] for names in NAMED_APART]
    first, last = next((pair for pair in pairs if all(pair)), (None, None))
    return first, last


def _is_canvas(header: Sequence[str]) -> bool:
    """Say whether a table is Canvas's, so that its `ID` is Canvas's own number."""
    gradebook = any(ASSIGNMENT.fullmatch(name) for name in header) and "Section" in header
    return gradebook or tables.column(header, CANVAS_ONLY) is not None
