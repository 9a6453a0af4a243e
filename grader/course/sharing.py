"""A decision about a mistake is one about everyone who made it: whoever that is in the results as they are now.

A mistake is called by its name, as `d_out was forgotten`, or by what the class page and `grader decide` call it where
it has none: an exception by what it says, or a code such as `like-3fa9c1d2`, which stands for the very same answers at
the same inputs, or the same exception at the same line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from grader.assignment.forms import FormError, Problem
from grader.course import decisions
from grader.course.matching import Class
from grader.course.overrides import Override
from grader.reports import rows
from grader.reports.rows import ClassRow
from grader.reports.text import a_few


def spread(
    found: Class, decided: Sequence[Override], results: Mapping[str, ClassRow], exercises: Sequence[str], shown: str
) -> tuple[tuple[Override, ...], tuple[str, ...]]:
    """Return the decisions with each about a mistake turned into one per student, and what staff should know of it.

    What was decided about one student alone comes before what was decided about a mistake of theirs. Raises FormError
    where two mistakes of one student set points for one exercise. `shown` is what messages call the file.
    """
    alone = [one for one in decided if not one.mistake]
    own = _own(found, alone)
    each: list[Override] = []
    concerns: list[str] = []
    set_by: dict[tuple[str, str], Override] = {}
    for one in decided:
        if not one.mistake:
            each.append(one)
            continue
        _refuse_what_says_nothing(one, shown)
        there = list(_who_made(one, found, results, exercises))
        if not there:
            concerns.append(_about_nobody(one, results, exercises, shown))
        kept = [name for place, name in there if one.points is not None and (place, one.exercise) in own]
        if kept:
            said = "has a decision" if len(kept) == 1 else "have decisions"
            concerns.append(f"{_at(one, shown)}: {a_few(kept)} {said} of their own for {one.exercise}, which count")
        for _, name in there:
            points = None if name in kept else one.points
            if points is not None:
                _refuse_two(name, one, set_by.setdefault((name, one.exercise), one), shown)
            if points is not None or one.comment:
                each.append(msgspec.structs.replace(one, student=name, of=name, points=points))
    return tuple(each), tuple(concerns)


def made_by(row: ClassRow, exercise: int, mistake: str) -> bool:
    """Say whether a submission lost points to a mistake in the exercise at this place."""
    if row.verdicts[exercise] == "accepted":
        return False
    named = row.named[exercise] if row.named else ()
    unnamed = row.unnamed[exercise] if row.unnamed else ()
    return mistake in (*named, *unnamed, *row.codes_of(exercise))


def _who_made(
    one: Override, found: Class, results: Mapping[str, ClassRow], exercises: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Yield whose submission that counts has the mistake: place in the class, name of the submission; each once."""
    exercise = exercises.index(one.exercise)
    met: set[str] = set()
    for place, entry in enumerate(found.entries):
        name = entry.counts.submission if entry.counts else ""
        row = results.get(name)
        if row is not None and name not in met and made_by(row, exercise, one.mistake):
            met.add(name)
            yield place, name


def _own(found: Class, alone: Sequence[Override]) -> set[tuple[int, str]]:
    """Return for whom points of an exercise, or an excuse, were decided alone: (place in the class, exercise)."""
    named = {one.exercise for one in alone} | {""}
    own = set()
    for one, places in zip(alone, decisions.whose(found, alone)):
        if one.points is not None and one.exercise:
            own |= {(place, one.exercise) for place in places}
        if one.excuse:
            own |= {(place, exercise) for place in places for exercise in named}
    return own


def _refuse_what_says_nothing(one: Override, shown: str) -> None:
    if one.mistake == rows.NO_NAME:
        raise FormError(
            [
                Problem(
                    shown,
                    *one.at,
                    f"{one.mistake!r} is many mistakes; name one of them by its code, as like-3fa9c1d2, from the class "
                    "page or `grader decide`",
                )
            ]
        )


def _refuse_two(name: str, one: Override, first: Override, shown: str) -> None:
    if first.at != one.at:
        raise FormError(
            [
                Problem(
                    shown,
                    *one.points_at,
                    f"sets points for {one.exercise} of {name}, who made the mistake of {_at(first, shown)} as well; "
                    f"leave the points out of one of them, or decide {one.exercise} for {name} alone",
                )
            ]
        )


def _about_nobody(one: Override, results: Mapping[str, ClassRow], exercises: Sequence[str], shown: str) -> str:
    exercise = exercises.index(one.exercise)
    there: dict[str, None] = {}
    for row in results.values():
        if row.verdicts and row.verdicts[exercise] != "accepted":
            there.update(dict.fromkeys((*row.named[exercise], *row.codes_of(exercise))))
    known = f"; made there now: {a_few(list(there))}" if there else ""
    return (
        f"{_at(one, shown)}: nobody makes the mistake {one.mistake!r} in {one.exercise} now, so this decides nothing"
        f"{known}"
    )


def _at(one: Override, shown: str) -> str:
    return f"{shown}:{one.at[0]}:{one.at[1]}"
