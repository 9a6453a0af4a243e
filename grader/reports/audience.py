"""What students are to read of a result: everything else is taken out of the record before any report is made."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from grader.model import CheckResult, Counterexample, ExerciseResult, Outcome, Result, Verdict
from grader.reports.fractions import total
from grader.reports.remembered import remembered

HINTED: tuple[Verdict, ...] = ("wrong answer", "runtime error", "time limit")
"""The verdicts that an author's hint may help with."""


def for_student(result: Result, published: bool = False) -> Result:
    """Return a copy that holds what students may know. Before the results are `published`, no hidden check is in it.

    Points are those of the checks that are left; where some are not, the record says that there is more.

    >>> from grader.grading import config, grader, planning
    >>> from grader.model import Outcome, Submission
    >>> plan = planning.prepare(config.load(Path("config.yaml"), ("square",)))
    >>> result = grader.same_for_all(plan, Submission("u1", {}), Outcome("judge error", "square.yaml, line 3"))
    >>> [check.outcome.reason for check in for_student(result).exercises[0].checks][0]
    'this was not scored, through no fault of yours'
    """
    exercises, earned, possible, unshown = _shown(result.attempt, published, *result.exercises)
    return msgspec.structs.replace(
        result, exercises=exercises, earned=earned, possible=possible, unshown=unshown, alike=()
    )


@remembered(500)
def _shown(
    attempt: int, published: bool, *exercises: ExerciseResult
) -> tuple[tuple[ExerciseResult, ...], Fraction, Fraction, bool]:
    """Return the exercises that are shown, the points earned and possible in them, and whether there is more."""
    kept = [_exercise(one, attempt, published) for one in exercises]
    shown = tuple(one for one in kept if one.checks)
    return (
        shown,
        total(one.earned for one in shown),
        total(one.possible for one in shown),
        any(one.unshown for one in kept),
    )


@remembered(500)
def _exercise(exercise: ExerciseResult, attempt: int, published: bool) -> ExerciseResult:
    shown = [one for one in exercise.checks if one.feedback != "none" and (published or one.visibility == "visible")]
    checks = tuple(_check(one, attempt) for one in shown)
    return msgspec.structs.replace(
        exercise,
        checks=checks,
        earned=total(one.earned for one in checks),
        possible=total(one.possible for one in checks),
        withheld=any(one.outcome.verdict == "judge error" for one in checks),
        unshown=len(checks) < len(exercise.checks),
    )


def _check(check: CheckResult, attempt: int) -> CheckResult:
    hinted = check.feedback in ("full", "hint") and check.outcome.verdict in HINTED
    hints = tuple(hint for hint in check.hints if hinted and attempt > hint.after)
    outcome = _staged(_told(check), attempt > check.name_after, attempt > check.why_after)
    return msgspec.structs.replace(check, visibility="visible", outcome=outcome, hints=hints)


def _staged(outcome: Outcome, names: bool, whys: bool) -> Outcome:
    """Keep back the names of mistakes, and why they are some with what helps, where an author wants attempts first."""
    if names and whys:
        return outcome
    told = tuple(msgspec.structs.replace(one, why="") for one in outcome.diagnosis) if not whys else outcome.diagnosis
    return msgspec.structs.replace(outcome, diagnosis=told if names else (), help=outcome.help if whys else "")


def _without_questions(outcome: Outcome) -> Outcome:
    """Take out of its pictures what staff's side asks once more."""
    one, other = outcome.counterexample, outcome.second
    if not any(shown and shown.picture and shown.picture.asked for shown in (one, other)):
        return outcome
    return msgspec.structs.replace(outcome, counterexample=_unasked(one), second=_unasked(other))


def _unasked(shown: Counterexample | None) -> Counterexample | None:
    if shown is None or shown.picture is None:
        return shown
    return msgspec.structs.replace(shown, picture=msgspec.structs.replace(shown.picture, asked=b""))


def _told(check: CheckResult) -> Outcome:
    """Keep of an outcome what the check's feedback level lets students know; that a fault is ours is always said."""
    outcome = check.outcome
    if outcome.verdict == "judge error":
        return Outcome("judge error", "this was not scored, through no fault of yours")
    if check.feedback == "full":
        told = outcome.private or outcome.like
        kept = msgspec.structs.replace(outcome, private="", like="") if told else outcome
        return _without_questions(kept)
    if check.feedback == "hint":
        return msgspec.structs.replace(
            outcome, counterexample=None, second=None, detail="", call="", private="", like=""
        )
    return Outcome(outcome.verdict)
