"""Which student of the roster each submission is by: the id that their parameters are drawn with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.course import matching
from grader.errors import UsageError
from grader.submissions.people import Handed, Person, called


class Students(msgspec.Struct, frozen=True):
    """The ids of those who handed in each submission, several for a group; of the others, why nobody knows whose."""

    ids: Mapping[str, tuple[str, ...]]
    unknown: Mapping[str, str]


def id_of(person: Person) -> str:
    """Return the id that a student has on the roster: the first of SID, login, e-mail and Canvas's number.

    It is taken as it is written there; blank where there is none.
    """
    return next((one.strip() for one in (person.sid, person.login, person.email, person.canvas) if one.strip()), "")


def all_of(roster: Sequence[Person], shown: str) -> dict[str, Person]:
    """Return everyone on a roster by their id. Raises UsageError where one has none, or two have the same."""
    found: dict[str, Person] = {}
    for person in roster:
        id = id_of(person)
        if not id:
            raise UsageError(f"{shown}: {called(person)} has no id, and parameters are drawn by that; give one")
        if id in found:
            raise UsageError(f"{shown}: two people have the id {id!r}, and parameters are drawn by that; change one")
        found[id] = person
    return found


def of(roster: Sequence[Person], handed: Sequence[Handed]) -> Students:
    """Return whose each submission is. Who is not on the roster, or could be several people, is not guessed at."""
    found = matching.matched(roster, handed, "latest", {})
    ids: dict[str, tuple[str, ...]] = {}
    for entry in found.entries:
        for one in entry.handed:
            ids[one.submission] = (*ids.get(one.submission, ()), id_of(entry.person))
    unknown = {}
    for one in found.unmatched:
        ids.pop(one.submission, None)
        why = found.why.get(one.submission)
        unknown[one.submission] = f"not on the roster{f' ({why})' if why else ''}"
    return Students(ids, unknown)
