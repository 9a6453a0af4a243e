"""Turn outcomes into points. Exact fractions throughout; a judge error withholds, it never takes away."""

from __future__ import annotations

from fractions import Fraction

from grader.assignment.exercise import CheckSpec, Exercise
from grader.model import CheckResult, ExerciseResult, Outcome
from grader.reports.fractions import total
from grader.reports.remembered import remembered

ON_PRIVATE = "right on every input that is shown, and not on some that are not"
"""All that is ever said to a student of a private half: whatever became of it, and whatever the box says."""


def merge(public: Outcome, private: Outcome) -> Outcome:
    """Join the two halves of a check: the public one speaks, the private one can only take away.

    A verdict can be chosen by what the private inputs are. So a student learns one thing of them, right or not, and
    staff read which verdict it was. A fault of ours is told as one.
    """
    if public.verdict != "accepted":
        return public
    judged = public.judged + private.judged
    if private.verdict == "accepted":
        return Outcome("accepted", public.reason, judged=judged)
    if private.verdict == "judge error":
        return Outcome("judge error", private.reason, judged=judged)
    return Outcome("wrong answer", ON_PRIVATE, judged=judged, private=private.verdict)


@remembered(500)
def merged(public: dict[str, Outcome], private: dict[str, Outcome]) -> dict[str, Outcome]:
    """Join the two halves of an exercise, check by check."""
    return {name: merge(outcome, private[name]) for name, outcome in public.items()}


@remembered(500)
def exercise_result(exercise: Exercise, outcomes: dict[str, Outcome], weight: Fraction) -> ExerciseResult:
    """Score one exercise; `weight` multiplies every check's points."""
    checks = tuple(_check(spec, outcomes[spec.name], weight) for spec in exercise.checks)
    return ExerciseResult(
        exercise.id,
        exercise.title,
        total(check.earned for check in checks),
        total(check.possible for check in checks),
        checks,
        withheld=any(check.outcome.verdict == "judge error" for check in checks),
    )


@remembered(500)
def totals(*results: ExerciseResult) -> tuple[Fraction, Fraction]:
    """Return the points earned and possible over all exercises."""
    return total(one.earned for one in results), total(one.possible for one in results)


def _check(spec: CheckSpec, outcome: Outcome, weight: Fraction) -> CheckResult:
    possible = spec.points * weight
    earned = possible if outcome.verdict == "accepted" else Fraction(0)
    return CheckResult(
        spec.name,
        earned,
        possible,
        spec.visibility,
        outcome,
        spec.feedback or "full",
        spec.hints,
        spec.name_after,
        spec.why_after,
    )
