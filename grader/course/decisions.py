"""Whom each decision is about, and what is wrong with it: nobody's, too many points, or at odds with another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from grader.assignment.forms import FormError, Problem
from grader.course import hints
from grader.course.matching import Class, Entry
from grader.course.overrides import Override
from grader.reports.grades import decimal
from grader.submissions.people import called, ids, keys

Places = tuple[tuple[int, ...], ...]
"""The places in the class that each decision is about."""


def whose(found: Class, decided: Sequence[Override]) -> Places:
    """Return whom each decision is about: whoever has that id or name, else everyone who handed in that submission.

    One that is `of` a submission is about those for whom it counts.
    """
    by_id: dict[str, list[int]] = {}
    by_submission: dict[str, list[int]] = {}
    by_what_counts: dict[str, list[int]] = {}
    for place, entry in enumerate(found.entries):
        for value in {value for _, value in keys(entry.person)}:
            by_id.setdefault(value, []).append(place)
        for name in _submissions(entry):
            by_submission.setdefault(name, []).append(place)
        if entry.counts is not None:
            by_what_counts.setdefault(entry.counts.submission, []).append(place)

    def about(student: str) -> tuple[int, ...]:
        found = (known.get(word) for known in (by_id, by_submission) for word in (student, _plain(student)))
        return tuple(next((places for places in found if places), ()))

    return tuple(tuple(by_what_counts.get(one.of, ())) if one.of else about(one.student) for one in decided)


def by_person(found: Class, decided: Sequence[Override]) -> list[tuple[Override, ...]]:
    """Return what was decided for each of the class, in the order of its entries."""
    each: list[list[Override]] = [[] for _ in found.entries]
    for one, places in zip(decided, whose(found, decided)):
        for place in places:
            each[place].append(one)
    return [tuple(some) for some in each]


def check(
    found: Class,
    decided: Sequence[Override],
    worth: Mapping[str, Fraction],
    possible: Fraction,
    shown: str,
    rostered: bool = True,
    left: Collection[str] = (),
) -> list[str]:
    """Hold decisions against the class and against each other. `worth` are the points that exercises have.

    Returns what was decided about those who `left`, which changes nothing. Raises FormError with every mistake, by line
    and column. `shown` is what messages call the file, `rostered` whether a roster says who the class is.
    """
    class_is = "" if rostered else "; without a roster, the class is everybody who handed in"
    about = whose(found, decided)
    gone = {_plain(name) for name in left}
    of_gone = [one for one, places in zip(decided, about) if not places and _plain(one.student) in gone]
    decided, about = _without(of_gone, decided, about)
    problems = [
        *_about_nobody_or_two(found, decided, about, shown, class_is),
        *_too_many_points(decided, worth, possible, shown),
        *_at_odds(found, decided, about, shown),
    ]
    if problems:
        each = dict.fromkeys(problems)  # a decision about a mistake is wrong once, not once per student
        raise FormError(sorted(each, key=lambda one: (one.line, one.column)))
    said = "is no longer handed in, so this decides nothing; take it out, or hand the submission in again"
    return [str(Problem(shown, *one.at, f"{one.student!r} {said}")) for one in of_gone]


def _without(gone: Sequence[Override], decided: Sequence[Override], about: Places) -> tuple[Sequence[Override], Places]:
    kept = [(one, places) for one, places in zip(decided, about) if one not in gone]
    return [one for one, _ in kept], tuple(places for _, places in kept)


def _plain(word: str) -> str:
    return " ".join(word.casefold().split())


def _submissions(entry: Entry) -> set[str]:
    return {name for one in entry.handed for name in (one.submission, one.called) if name}


def _about_nobody_or_two(
    found: Class, decided: Sequence[Override], about: Places, shown: str, class_is: str
) -> Iterator[Problem]:
    known = [one for entry in found.entries for one in (*ids(entry.person), entry.person.name, *_submissions(entry))]
    unmatched = {name for one in found.unmatched for name in (one.submission, one.called)}
    for one, places in zip(decided, about):
        if not places and one.student in unmatched:
            yield Problem(shown, *one.at, f"the submission {one.student!r} matches nobody on the roster")
        elif not places:
            names = list(dict.fromkeys(name for name in known if name))
            hint = hints.meant(one.student, names) or class_is
            yield Problem(shown, *one.at, f"nobody in the class is called {one.student!r}{hint}")
        elif len(places) > 1 and not all(one.student in _submissions(found.entries[place]) for place in places):
            people = dict.fromkeys(found.entries[place].person for place in places)
            if len(people) == 1:
                continue
            who = " and ".join(map(called, people))
            yield Problem(shown, *one.at, f"{one.student!r} is {who}; name one of them by another id")


def _too_many_points(
    decided: Sequence[Override], worth: Mapping[str, Fraction], possible: Fraction, shown: str
) -> Iterator[Problem]:
    for one in decided:
        most = worth.get(one.exercise) if one.exercise else possible
        if one.points is not None and most is not None and one.points > most and not one.bonus:
            what = one.exercise or "the assignment"
            said = f"points: {decimal(one.points)} is more than {what} is worth ({decimal(most)})"
            yield Problem(shown, *one.points_at, f"{said}; say `bonus: true` if that is meant")


def _at_odds(found: Class, decided: Sequence[Override], about: Places, shown: str) -> Iterator[Problem]:
    """Yield decisions that say something of a person that an earlier one has said, whichever ids the two use."""
    told: set[tuple[int, int]] = set()
    earlier: dict[int, list[int]] = {}
    for i, (one, places) in enumerate(zip(decided, about)):
        for place in places:
            for j in earlier.setdefault(place, []):
                said = _clash(decided[j], one)
                if said and (j, i) not in told:
                    told.add((j, i))
                    who = called(found.entries[place].person)
                    there = f"{shown}:{decided[j].at[0]}:{decided[j].at[1]}"
                    yield Problem(shown, *one.at, f"{said.format(who=who, there=there)}; leave one of them")
            earlier[place].append(i)


def _clash(first: Override, second: Override) -> str:
    """Return how two decisions about one person are at odds, with gaps for who it is and where the first stands."""
    same = [thing for thing in _things(second) if thing in _things(first)]
    if same:
        return f"decides {same[0]} of {{who}} again, after {{there}}"
    if (first.excuse and second.points is not None) or (second.excuse and first.points is not None):
        says = ("sets points for", "is an excuse") if first.excuse else ("excuses", "sets points")
        return f"{says[0]} {{who}}, and {{there}} {says[1]}"
    return ""


def _things(one: Override) -> list[str]:
    """Return what a decision decides; comments may stand beside each other."""
    whole = "the mark" if not one.exercise else f"the points for {one.exercise}"
    decides = {
        whole: one.points is not None,
        "the extension": bool(one.extension),
        "the lateness": one.late is not None,
        "the excuse": one.excuse,
    }
    return [thing for thing, is_there in decides.items() if is_there]
