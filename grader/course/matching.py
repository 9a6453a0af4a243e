"""Who of the roster handed in what: matched by the surest id both sides have, and nobody dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from grader.course import same_person, without_roster
from grader.reports.text import a_few
from grader.submissions import choices
from grader.submissions.people import Handed, Person, called, ids, keys, spellings

Index = Mapping[tuple[str, str], tuple[int, ...]]
"""The places on a roster that each id, (kind, value), leads to."""


class Entry(msgspec.Struct, frozen=True):
    """One student: who they are, all they handed in, and that of it which counts.

    None counts where nothing was handed in, and where nobody can say which of several is the latest. `others` are the
    people who have an id of theirs as well, where no roster says whose it is.
    """

    person: Person
    handed: tuple[Handed, ...] = ()
    counts: Handed | None = None
    others: tuple[Person, ...] = ()


class Class(msgspec.Struct, frozen=True):
    """Everyone, and what belongs to nobody on the roster; `why` says of some of that, by its submission, why not."""

    entries: tuple[Entry, ...]
    unmatched: tuple[Handed, ...] = ()
    why: Mapping[str, str] = {}


class Place(NamedTuple):
    """Somebody's place on the roster and the kind of id that told; None where there is none, or it may be several."""

    place: int | None = None
    kind: str = ""
    could_be: tuple[int, ...] = ()
    why: str = ""


def matched(roster: Sequence[Person], handed: Sequence[Handed], rule: str, scores: Mapping[str, float]) -> Class:
    """Put together who is who. Without a roster, whoever handed in is the class.

    Of several submissions of one person the `rule` chooses: "latest" by time and attempt, "best" by `scores`
    (submission -> score), and of equals the later. A folder that is called exactly as an id on the roster is written
    comes before one that is called so but for the case: that may be somebody else's. A copy of either is its equal.
    """
    if not roster:
        everyone = [_entry(one.person, tuple(one.handed), rule, scores) for one in without_roster.everyone(handed)]
        others = without_roster.sharing([one.person for one in everyone])
        return Class(tuple(msgspec.structs.replace(one, others=those) for one, those in zip(everyone, others)))
    known = index(roster)
    found: dict[int, list[Handed]] = {}
    unmatched, why = [], {}
    for one in handed:
        whose = [place_of(person, roster, known) for person in one.people] or [_place_of_folder(one, roster, known)]
        if any(each.place is None for each in whose):
            unmatched.append(one)
            why[one.submission] = "; ".join(dict.fromkeys(each.why for each in whose if each.why))
        for place in dict.fromkeys(each.place for each in whose if each.place is not None):
            found.setdefault(place, []).append(one)
    entries = tuple(_entry(person, tuple(found.get(i, ())), rule, scores) for i, person in enumerate(roster))
    return Class(entries, tuple(unmatched), {name: said for name, said in why.items() if said})


def people_of(roster: Sequence[Person], handed: Sequence[Handed]) -> dict[str, tuple[Person, ...]]:
    """Return whose each submission is, as far as somebody says more of them than what it is called."""
    found: dict[str, list[Person]] = {}
    for entry in matched(roster, handed, "latest", {}).entries:
        if roster or (entry.handed and entry.handed[0].people):
            for one in entry.handed:
                found.setdefault(one.submission, []).append(entry.person)
    return {name: tuple(people) for name, people in found.items()}


def _place_of_folder(one: Handed, roster: Sequence[Person], known: Index) -> Place:
    """A folder on disk is named by its student's id, whichever that is. A copy of it, `s1 (1)`, is theirs too.

    Of `s1-2`, which may be somebody else's, only what it looks like is said.
    """
    names = (one.called, one.submission)
    originals = [original for name in names if (original := choices.copied_person(name)) is not None]
    for name in (*names, *originals):
        found = _called(name, roster, known)
        if found != Place():
            return found
    perhaps = [original for name in names if (original := choices.copied(name)) is not None]
    alike = next((name for name in perhaps if _called(name, roster, known) != Place()), "")
    return Place(why=f"looks like a copy of {alike!r}" if alike else _named_like(names, roster))


def _named_like(names: Sequence[str], roster: Sequence[Person]) -> str:
    """Say whose name a folder has, of one person alone: a folder is known by an id, and two may have one name."""
    wanted = {spelling for name in names for spelling in spellings(name.replace("_", " ")) if spelling}
    found = [one for one in roster if wanted & set(spellings(one.name))]
    return f"is named like {called(found[0])}; name it by an id of theirs" if len(found) == 1 else ""


def _called(name: str, roster: Sequence[Person], known: Index) -> Place:
    return place_of(Person(sid=name, login=name, email=name, canvas=name), roster, known)


def copy_that_counts(entry: Entry) -> str:
    """Return whose name what counts is a copy of: an id of the student's, where it is not called so itself."""
    one = entry.counts
    original = choices.copied_person(one.called or one.submission) if one and not one.people else None
    return original if original and original.casefold() in map(str.casefold, ids(entry.person)) else ""


def index(roster: Sequence[Person]) -> Index:
    """Return where each id leads."""
    index: dict[tuple[str, str], tuple[int, ...]] = {}
    for i, person in enumerate(roster):
        for key in dict.fromkeys(keys(person)):
            index[key] = (*index.get(key, ()), i)
    return index


def place_of(person: Person, roster: Sequence[Person], known: Index) -> Place:
    """Return a person's place on the roster, by the `index` of it.

    All their ids are asked: where those lead to several people, or one leads to somebody who has another id of the same
    kind, it is nobody's. A name is asked where no id leads anywhere, and tells nothing where both have an institution's
    or Canvas's id and those differ: they are two people.
    """
    found: dict[int, str] = {}
    for kind, value in keys(person):
        if kind == "name" and found:
            break
        for place in known.get((kind, value), ()):
            if not (kind == "name" and _others(person, roster[place])):
                found.setdefault(place, kind)
    if len(found) > 1:
        could_be = tuple(found)
        return Place(None, "", could_be, f"could be {_either([called(roster[i]) for i in could_be])}")
    for place, kind in found.items():
        odd = same_person.at_odds(person, roster[place])
        said = f"has the {kind} of {called(roster[place])}, and another {odd}"
        return Place(None, "", (place,), said) if odd else Place(place, kind)
    return Place()


def _either(names: Sequence[str]) -> str:
    return " or ".join(names) if len(names) == 2 else a_few(names)


def _others(one: Person, other: Person) -> bool:
    pairs = ((one.sid, other.sid), (one.canvas, other.canvas))
    return any(mine.strip() and theirs.strip() and mine.strip() != theirs.strip() for mine, theirs in pairs)


def _entry(person: Person, handed: tuple[Handed, ...], rule: str, scores: Mapping[str, float]) -> Entry:
    written = ids(person)

    def order(one: Handed) -> tuple[bool, float, str, int]:
        name = one.called or one.submission
        exact = bool(one.people) or name in written or choices.copied_person(name) in written
        score = scores.get(one.submission, -1.0) if rule == "best" else 0.0
        return exact, score, one.at, one.attempt

    if not handed:
        return Entry(person)
    best = max(map(order, handed))
    equal = [one for one in handed if order(one) == best]
    undecided = len(equal) > 1 and rule != "best" and not best[2]
    return Entry(person, handed, None if undecided else equal[-1])
