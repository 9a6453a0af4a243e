"""One check in plain text, for reports that are neither Markdown nor a page: all that is in it, every line inert."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import CheckResult, ExerciseResult, Result
from grader.reports import feedback
from grader.reports.text import inert, points, verdict


def name(exercise: ExerciseResult, check: CheckResult) -> str:
    """Name a check; where an exercise has one only, its title says it all."""
    which = f": {check.name}" if len(exercise.checks) > 1 or exercise.unshown else ""
    return inert(f"{exercise.title}{which}{'' if check.possible else ' (not scored)'}")


def text(check: CheckResult) -> str:
    """Say how a check came out and what shows it; blank where there is nothing to say."""
    return "\n".join(map(inert, _lines(check)))


def _lines(check: CheckResult) -> Iterator[str]:
    outcome = check.outcome
    if outcome.verdict == "accepted":
        if outcome.reason:
            yield outcome.reason
        return
    yield verdict(outcome.verdict) + (f": {outcome.reason}" if outcome.reason else "")
    if outcome.detail:
        yield outcome.detail
    yield from feedback.evidence(outcome)
    yield from feedback.explained(outcome)
    yield from (f"hint: {hint.say}" for hint in check.hints)


def summary(result: Result) -> str:
    """Say in a few sentences what the points are, and what they are of."""
    return " ".join(_sentences(result))


def _sentences(result: Result) -> Iterator[str]:
    if result.withheld:
        yield "Part of this could not be graded, through no fault of yours. Your course will see to it."
    else:
        yield f"{points(result.earned)} of {points(result.possible)} points."
    if result.problem:
        yield f"This submission could not be used: {inert(result.problem)}."
    if result.unshown:
        yield f"{feedback.UNSHOWN}; the points are of what is."
    yield from (f"Note: {inert(note)}." for note in result.notes)
