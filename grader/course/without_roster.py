"""Who is who where no roster says it: people who share an id are one, unless something else of theirs differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from grader.course import same_person
from grader.submissions.people import Handed, Person, keys

Key = tuple[str, str]


class Student(msgspec.Struct, frozen=True):
    """Somebody, and all that they handed in."""

    person: Person
    handed: list[Handed]


def everyone(handed: Sequence[Handed]) -> list[Student]:
    """Return everybody who handed in, with all of theirs, in the order in which they come.

    Of people of whom nothing is said, whose folders have one name are one. Where several share an id and two of those
    are at odds, each description is a person of its own: nobody knows whose the rest would be.
    """
    told: dict[Person, list[Handed]] = {}
    folders: dict[str, Student] = {}
    order: list[Person | str] = []
    for one in handed:
        for person in one.people:
            if person not in told:
                order.append(person)
            if one not in (theirs := told.setdefault(person, [])):
                theirs.append(one)
        if not one.people:
            name = one.called or one.submission
            if name not in folders:
                folders[name] = Student(Person(sid=one.submission), [])
                order.append(name)
            folders[name].handed.append(one)
    first = {some[0]: some for some in _one_each(list(told))}
    place = {id(one): i for i, one in enumerate(handed)}
    found = []
    for who in order:
        if isinstance(who, str):
            found.append(folders[who])
        elif who in first:
            all_theirs = {place[id(one)]: one for person in first[who] for one in told[person]}
            found.append(Student(_merged(first[who]), [all_theirs[i] for i in sorted(all_theirs)]))
    return found


def sharing(people: Sequence[Person]) -> list[tuple[Person, ...]]:
    """Return, for each, the others who have one of their ids."""
    having: dict[Key, list[int]] = {}
    for i, person in enumerate(people):
        for key in _joining(person):
            having.setdefault(key, []).append(i)
    found = []
    for i, person in enumerate(people):
        others = dict.fromkeys(j for key in _joining(person) for j in having[key] if j != i)
        found.append(tuple(people[j] for j in others))
    return found


def _one_each(people: Sequence[Person]) -> Iterable[list[Person]]:
    """Yield the descriptions of each person."""
    for some in _linked(people):
        if any(same_person.differs(one, other) for i, one in enumerate(some) for other in some[:i]):
            alike: dict[tuple[Key, ...], list[Person]] = {}
            for one in some:
                alike.setdefault(tuple(_joining(one)), []).append(one)
            yield from alike.values()
        else:
            yield some


def _linked(people: Sequence[Person]) -> list[list[Person]]:
    """Return who is linked by shared ids, over others as well."""
    leader = list(range(len(people)))

    def led_by(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    having: dict[Key, int] = {}
    for i, person in enumerate(people):
        for key in _joining(person):
            one, other = sorted((led_by(having.setdefault(key, i)), led_by(i)))
            leader[other] = one
    linked: dict[int, list[Person]] = {}
    for i, person in enumerate(people):
        linked.setdefault(led_by(i), []).append(person)
    return list(linked.values())


def _joining(person: Person) -> list[Key]:
    """Return what makes two descriptions one person's: their ids; a name only where there is nothing else."""
    found = list(dict.fromkeys(keys(person)))
    return [key for key in found if key[0] != "name"] or found


def _merged(people: Sequence[Person]) -> Person:
    """Return all that several descriptions say of one person."""
    fields = Person.__struct_fields__
    return Person(**{field: next(filter(None, (getattr(one, field) for one in people)), "") for field in fields})
