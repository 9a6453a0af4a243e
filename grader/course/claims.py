"""Whose mark is whose on a platform: every mark finds its one person there, or is named with the reason why not."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course import hints, matching, same_person
from grader.course.standings import Standing
from grader.reports.text import a_few
from grader.submissions.people import Person, called

Found = list[tuple[int, Standing]]
LeftOut = list[tuple[str, str]]


def found(
    people: Sequence[Person], standings: Sequence[Standing], where: str, lines: Sequence[int] = ()
) -> tuple[Found, LeftOut]:
    """Return the place in `people` of each mark, and the marks without one: (who, why). `where` is what has them.

    `lines` are those that they stand in, where they do.
    Where several marks claim one person, an id beats a name, and of equals none counts.
    """
    known = matching.index(people)
    claims: dict[int, list[tuple[str, Standing]]] = {}
    left_out = []
    for one in standings:
        place, kind, *_ = matching.place_of(identity(one), people, known)
        if place is None:
            left_out.append((called(one.person), not_there(identity(one), people, known, where, lines)))
        else:
            claims.setdefault(place, []).append((kind, one))
    whose = []
    for place, claimed in claims.items():
        surest = [one for kind, one in claimed if kind != "name"] or [one for _, one in claimed]
        counts = surest if len(surest) == 1 else []
        whose += [(place, one) for one in counts]
        why = f"is one of {len(claimed)} marks for {called(people[place])}; set the roster right"
        left_out += [(called(one.person), why) for _, one in claimed if one not in counts]
    return whose, left_out


def not_there(
    who: Person, people: Sequence[Person], known: matching.Index, where: str, lines: Sequence[int] = ()
) -> str:
    """Say why nobody of `people`, whose `index` is `known`, is `who` for sure."""
    found = matching.place_of(who, people, known)
    if len(found.could_be) > 1 and lines:
        numbers = [str(lines[place]) for place in found.could_be]
        count = "two" if len(numbers) == 2 else str(len(numbers))
        which = " and ".join(numbers) if len(numbers) == 2 else a_few(numbers, 6)
        first, *others = (people[place] for place in found.could_be)
        same = not any(same_person.differs(first, other) for other in others)
        return f"{'has' if same else 'may be in any of'} {count} lines, {which}, in {where}"
    why = f"; it {found.why}" if found.why else hints.of_person(who, people)
    return f"is not in {where}{why}"


def identity(one: Standing) -> Person:
    """Return what is known of whose mark it is.

    Without a roster a folder's name may be any id of its student's, but for Canvas's own: numbers of two kinds are
    soon mistaken.
    """
    name = one.person.sid
    alone = one.person == Person(sid=name) and name == one.submission.partition("~")[0]
    return Person(sid=name, login=name, email=name) if name and alone else one.person
