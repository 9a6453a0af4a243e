"""Whether two descriptions can be of one person, where an id is the same in both."""

from __future__ import annotations

import re

from grader.submissions.people import Person, ids

WORD = re.compile(r"[^\W\d_]+")


def differs(one: Person, other: Person) -> str:
    """Return the kind of id that both have and that differs; blank where none does."""
    for kind in ("canvas", "moodle", "sid", "email", "login"):
        mine, theirs = (getattr(person, kind).strip() for person in (one, other))
        if kind in ("email", "login"):
            mine, theirs = mine.casefold(), theirs.casefold()
        if kind == "login" and ("@" in mine) != ("@" in theirs):  # a name and an address may be one person's
            continue
        if mine and theirs and mine != theirs:
            return kind
    return ""


def at_odds(found: Person, listed: Person) -> str:
    """Return the kind of id by which somebody is another than who is listed; blank where nothing says so.

    Of somebody known by one word only, that may be any kind of id. Who has the same name may have several addresses.
    """
    if len({*ids(found)}) < 2:
        return ""
    kind = differs(found, listed)
    return "" if kind in ("email", "login") and _same_name(found.name, listed.name) else kind


def _same_name(one: str, other: str) -> bool:
    """Say whether the words of one name are the other's, or all in it; the order does not count."""
    mine, theirs = ({*WORD.findall(name.casefold())} for name in (one, other))
    few = min(mine, theirs, key=len)
    return bool(mine) and (mine == theirs or (len(few) > 1 and few == mine & theirs))
