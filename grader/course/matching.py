"""Who of the roster handed in what: matched by the surest id both sides have, and nobody dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.submissions import choices
from grader.submissions.people import Handed, Person, ids, keys


class Entry(msgspec.Struct, frozen=True):
    """One student: who they are, all they handed in, and that of it which counts.

    None counts where nothing was handed in, and where nobody can say which of several is the latest.
    """

    person: Person
    handed: tuple[Handed, ...] = ()
    counts: Handed | None = None


class Class(msgspec.Struct, frozen=True):
    """Everyone, and what belongs to nobody on the roster."""

    entries: tuple[Entry, ...]
    unmatched: tuple[Handed, ...] = ()


def matched(roster: Sequence[Person], handed: Sequence[Handed], rule: str, scores: Mapping[str, float]) -> Class:
    """Put together who is who. Without a roster, whoever handed in is the class.

    Of several submissions of one person the `rule` chooses: "latest" by time and attempt, "best" by `scores`
    (submission -> score), and of equals the later. A folder that is called exactly as an id on the roster is written
    comes before one that is called so but for the case: that may be somebody else's.
    """
    if not roster:
        return Class(tuple(_entry(person, theirs, rule, scores) for person, theirs in _without_roster(handed)))
    known = index(roster)
    found: dict[int, list[Handed]] = {}
    unmatched = []
    for one in handed:
        whose = [place_of(person, roster, known)[0] for person in one.people] or [_place_of_folder(one, roster, known)]
        if None in whose or not whose:
            unmatched.append(one)
        for place in {place for place in whose if place is not None}:
            found.setdefault(place, []).append(one)
    entries = tuple(_entry(person, tuple(found.get(i, ())), rule, scores) for i, person in enumerate(roster))
    return Class(entries, tuple(unmatched))


def people_of(roster: Sequence[Person], handed: Sequence[Handed]) -> dict[str, tuple[Person, ...]]:
    """Return whose each submission is, as far as somebody says more of them than what it is called."""
    found: dict[str, list[Person]] = {}
    for entry in matched(roster, handed, "latest", {}).entries:
        if roster or (entry.handed and entry.handed[0].people):
            for one in entry.handed:
                found.setdefault(one.submission, []).append(entry.person)
    return {name: tuple(people) for name, people in found.items()}


def _without_roster(handed: Sequence[Handed]) -> list[tuple[Person, tuple[Handed, ...]]]:
    """Return everybody who handed in, with all of theirs: who shares their surest id, or a folder's name, is one."""
    people: dict[tuple[str, str], Person] = {}
    theirs: dict[tuple[str, str], list[Handed]] = {}
    for one in handed:
        for person in one.people or (Person(sid=one.submission),):
            named = ("", one.called or one.submission)
            key = next(keys(person), named) if one.people else named
            people.setdefault(key, person)
            theirs.setdefault(key, []).append(one)
    return [(person, tuple(theirs[key])) for key, person in people.items()]


def _place_of_folder(one: Handed, roster: Sequence[Person], known: Mapping[tuple[str, str], int]) -> int | None:
    """A folder on disk is named by its student's id, whichever that is. A copy of it, `s1 (1)`, is theirs too."""
    names = (one.called, one.submission)
    originals = [original for name in names if (original := choices.copied(name)) is not None]
    for name in (*names, *originals):
        place, _ = place_of(Person(sid=name, login=name, email=name, canvas=name), roster, known)
        if place is not None:
            return place
    return None


def index(roster: Sequence[Person]) -> dict[tuple[str, str], int]:
    """Return where each id leads; one that two people share leads nowhere."""
    index: dict[tuple[str, str], int] = {}
    shared = set()
    for i, person in enumerate(roster):
        for key in keys(person):
            if index.setdefault(key, i) != i:
                shared.add(key)
    return {key: i for key, i in index.items() if key not in shared}


def place_of(person: Person, roster: Sequence[Person], known: Mapping[tuple[str, str], int]) -> tuple[int | None, str]:
    """Return a person's place on the roster, by the `index` of it, and the kind of id that told (None: not there).

    A name tells nothing where both have an institution's or Canvas's id and those differ: they are two people.
    """
    for kind, value in keys(person):
        place = known.get((kind, value))
        if place is not None and not (kind == "name" and _others(person, roster[place])):
            return place, kind
    return None, ""


def _others(one: Person, other: Person) -> bool:
    pairs = ((one.sid, other.sid), (one.canvas, other.canvas))
    return any(mine.strip() and theirs.strip() and mine.strip() != theirs.strip() for mine, theirs in pairs)


def _entry(person: Person, handed: tuple[Handed, ...], rule: str, scores: Mapping[str, float]) -> Entry:
    written = ids(person)

    def order(one: Handed) -> tuple[bool, float, str, int]:
        exact = bool(one.people) or (one.called or one.submission) in written
        score = scores.get(one.submission, -1.0) if rule == "best" else 0.0
        return exact, score, one.at, one.attempt

    if not handed:
        return Entry(person)
    best = max(map(order, handed))
    equal = [one for one in handed if order(one) == best]
    undecided = len(equal) > 1 and rule != "best" and not best[2]
    return Entry(person, handed, None if undecided else equal[-1])
