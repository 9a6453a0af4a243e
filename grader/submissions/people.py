"""People, and what they handed in. Every id is text: `0755` is not a number, and neither is a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec


class Person(msgspec.Struct, frozen=True):
    """Someone in the course. What a platform does not tell of them is blank.

    `sid` is the institution's id, `login` what they sign in with, `canvas` Canvas's own number, and `moodle` the number
    that Moodle gives them in one assignment.
    """

    name: str = ""
    sid: str = ""
    email: str = ""
    login: str = ""
    canvas: str = ""
    section: str = ""
    moodle: str = ""


Source = Literal["folder", "gradescope", "canvas", "moodle"]


class Handed(msgspec.Struct, frozen=True):
    """What was handed in, and by whom: several for a group, nobody where the platform does not say.

    `submission` names its result. `at` is an ISO moment, blank where it is not known. `late` counts seconds past the
    due date (0: in time); None where it is not known, and `marked_late` is then all that the platform says.
    `number` is the platform's own for the submission. `called` is what a folder or file was called, where its result
    has another name.
    """

    submission: str
    people: tuple[Person, ...] = ()
    at: str = ""
    late: int | None = None
    marked_late: bool = False
    attempt: int = 1
    source: Source = "folder"
    number: str = ""
    called: str = ""


def ids(person: Person) -> tuple[str, ...]:
    """Return a person's ids as they are written."""
    return tuple(one.strip() for one in (person.canvas, person.sid, person.login, person.email) if one.strip())


def keys(person: Person) -> Iterator[tuple[str, str]]:
    """Yield what may identify a person, the surest first: (kind, value). Names come last, and case does not count."""
    for kind in ("canvas", "moodle", "sid", "login", "email", "name"):
        value = getattr(person, kind).strip()
        if not value:
            continue
        plain = value if kind in ("canvas", "moodle", "sid") else " ".join(value.casefold().split())
        yield kind, plain
        if kind == "login" and "@" in plain:  # some sign in with their address
            yield "email", plain


def spellings(name: str) -> Iterator[str]:
    """Yield how a person's name may be written, in small letters: Canvas writes the last name first.

    >>> list(spellings("Young, Cy"))
    ['young, cy', 'cy young']
    """
    last, comma, first = name.partition(",")
    for text in (name, f"{first} {last}") if comma else (name,):
        yield " ".join(text.casefold().split())


def called(person: Person) -> str:
    """Return what to call someone in a list for staff."""
    known = [value for value in (person.sid or person.login, person.email) if value]
    if not person.name:
        return known[0] if known else person.canvas or person.moodle or "somebody"
    return f"{person.name} ({known[0]})" if known else person.name
