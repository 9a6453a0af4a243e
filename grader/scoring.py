"""Turn outcomes into points. Exact fractions throughout; a judge error withholds, it never takes away."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from grader.exercises import CheckSpec, Exercise
from grader.model import CheckResult, ExerciseResult, Outcome


def merge(public: Outcome, private: Outcome | None) -> Outcome:
    """Join the two halves of a check: the public one speaks, the private one can only take away."""
    if public.verdict != "accepted" or private is None:
        return public
    if private.verdict == "accepted":
        return Outcome("accepted", public.reason or private.reason, judged=public.judged + private.judged)
    return Outcome(private.verdict, private.reason, judged=public.judged + private.judged)


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


def total(points: Iterable[Fraction]) -> Fraction:
    """Add points up."""
    return sum(points, Fraction(0))


def _check(spec: CheckSpec, outcome: Outcome, weight: Fraction) -> CheckResult:
    possible = spec.points * weight
    earned = possible if outcome.verdict == "accepted" else Fraction(0)
    advice = (
        (spec.hint,) if spec.hint and outcome.verdict == "wrong answer" and spec.feedback in ("full", "hint") else ()
    )
    return CheckResult(spec.name, earned, possible, spec.visibility, _told(spec, outcome), advice)


def _told(spec: CheckSpec, outcome: Outcome) -> Outcome:
    """Keep of an outcome what the check's feedback level lets a student know."""
    if spec.feedback == "full":
        return outcome
    if spec.feedback == "hint":
        return Outcome(outcome.verdict, outcome.reason, None, outcome.diagnosis, outcome.place, outcome.judged)
    if spec.feedback == "verdict":
        return Outcome(outcome.verdict, judged=outcome.judged)
    return Outcome(outcome.verdict)
