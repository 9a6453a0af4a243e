"""What somebody may have meant by an id that is nobody's: most often, it lost its leading zeros to a spreadsheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from grader.assignment.forms import near
from grader.submissions.people import Person, ids


def zeros_apart(words: Iterable[str], known: Collection[str]) -> str:
    """Return `; did you mean '0756'?` for a known id that differs from one of `words` only by its leading zeros.

    >>> zeros_apart(["756"], ["0755", "0756"])
    "; did you mean '0756'?"
    """
    bare = {plain for word in words if (plain := _bare(word))}
    found = [one for one in known if _bare(one) in bare]
    return f"; did you mean {found[0]!r}?" if len(found) == 1 else ""


def meant(word: str, known: Collection[str]) -> str:
    """Return which id was meant: one that differs by its leading zeros only, else the nearest."""
    return zeros_apart([word], known) or near(word, known)


def of_person(person: Person, others: Iterable[Person]) -> str:
    """Return which of the ids that others have somebody's own may be, but for its leading zeros."""
    return zeros_apart(ids(person), sorted({one for other in others for one in ids(other)} - set(ids(person))))


def _bare(word: str) -> str:
    """Return an id of digits without its leading zeros; nothing for any other."""
    plain = word.strip()
    return plain.lstrip("0") if plain.isdecimal() else ""
