"""Ask a lost exercise once more among the student's own files, with nothing provided. Pure: who asks is `grading`.

Two parts that belong together may be right with each other and wrong with ours. So an exercise that loses points is
asked among the student's own files, exactly as handed in, and earns what it lost where *all* that is asked there is
right. Check by check it would reward a `backpropagate` that overwrites, hidden by a sort that lists nodes twice.

What a walk costs is never asked there: two slow parts that belong together are right, and slow.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from grader.assignment.exercise import CheckSpec, Exercise
from grader.judging import own_forward
from grader.model import Outcome
from grader.reports.remembered import remembered

GROWTH = ("cost", "depth")
"""The checks that keep their first verdict: what they hold is how a walk's work grows."""

NOTHING_RAN = ("not attempted", "skipped")
NO_SECOND_CHANCE = ("accepted", "judge error", *NOTHING_RAN)
OWN_WORD = (own_forward.OWN, own_forward.CLOSE)
"""Why a gradient was accepted that the exact derivative does not accept: the student's own forward says so."""

OF_OWN = "right among your own files; among the provided parts"

Outcomes = Mapping[str, Outcome]


def lost(exercise: Exercise, outcomes: Outcomes) -> bool:
    """Say whether any check that is worth something did not come out right."""
    return any(outcomes[one.name].verdict != "accepted" for one in exercise.checks if one.points)


def among_own(exercise: Exercise) -> Exercise:
    """Return the exercise as it is asked among the student's own files: what is worth something, and no growth."""
    asked = tuple(one for one in exercise.checks if one.points and one.name not in GROWTH)
    return _with(exercise, asked)


def _with(exercise: Exercise, checks: tuple[CheckSpec, ...]) -> Exercise:
    return msgspec.structs.replace(exercise, checks=checks)


def apart(exercise: Exercise) -> tuple[Exercise, tuple[Exercise, ...]]:
    """Return the exercise without its checks on growth, and with each of them alone."""
    rest = tuple(one for one in exercise.checks if one.name not in GROWTH)
    growth = (one for one in exercise.checks if one.name in GROWTH)
    return _with(exercise, rest), tuple(_with(exercise, (one,)) for one in growth)


def is_due(exercise: Exercise, outcomes: Outcomes, alone: bool) -> bool:
    """Say whether an exercise is to be asked again; `alone` says that its kind runs with no other part.

    Not where the loss is only in growth, where nothing of theirs ran, or where there is no other part of theirs.
    """
    if alone or exercise.own_files:
        return False
    verdicts = [outcomes[one.name].verdict for one in exercise.checks if one.points and one.name not in GROWTH]
    return any(one not in NO_SECOND_CHANCE for one in verdicts)


def is_only_wrong(outcomes: Outcomes) -> bool:
    """Say whether wrong answers are all that was lost: what raised may miss something that another context has."""
    return {one.verdict for one in outcomes.values()} <= {"accepted", "wrong answer", *NOTHING_RAN}


def all_right(first: Outcomes, own: Outcomes) -> bool:
    """Say whether everything that was asked came out right among the student's own files.

    What was a wrong answer first is not mended by the word of the student's own forward: whoever answers otherwise from
    one worker to the next would have a second try at it.
    """
    return bool(own) and all(
        one.verdict == "accepted" and not (first[name].verdict == "wrong answer" and one.reason in OWN_WORD)
        for name, one in own.items()
    )


def better(exercise: Exercise, best: Outcomes, other: Outcomes) -> bool:
    """Say whether another way of setting an exercise up is the one to report.

    More points are better. Of two with as many, one whose code ran is: a wrong answer must not read "not attempted".
    """
    return _rank(exercise, other) > _rank(exercise, best)


def _rank(exercise: Exercise, outcomes: Outcomes) -> tuple[object, bool]:
    counted = [one for one in exercise.checks if one.points]
    earned = sum(one.points for one in counted if outcomes[one.name].verdict == "accepted")
    return earned, any(outcomes[one.name].verdict not in NOTHING_RAN for one in counted)


@remembered(500)
def earned(first: Mapping[str, Outcome], own: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Return the first outcomes with those that were lost replaced by what came out among the student's own files."""
    return {
        name: _as_earned(outcome, own[name]) if name in own and outcome.verdict != "accepted" else outcome
        for name, outcome in first.items()
    }


def is_of_own(outcome: Outcome) -> bool:
    """Say whether an outcome was earned among a student's own files alone."""
    return outcome.verdict == "accepted" and outcome.reason.startswith(OF_OWN)


def _as_earned(first: Outcome, own: Outcome) -> Outcome:
    found = first.said or first.reason or first.verdict
    reason = f"{OF_OWN}: {found}"
    return Outcome("accepted", reason, judged=own.judged)
