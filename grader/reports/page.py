"""One result as a page of HTML that stands alone: no network, no script but ours, nothing of a student's but text."""

from __future__ import annotations

from grader.model import CheckResult, Counterexample, ExerciseResult, Result
from grader.reports import arrays, feedback, inlined
from grader.reports.text import number, points

WITHHELD = "withheld"


def html(result: Result) -> str:
    """Return a result as HTML: all that is in it, so that what students are not to read is taken out before."""
    total = WITHHELD if result.withheld else f"{points(result.earned)} of {points(result.possible)} points"
    lost = [one for one in result.exercises if _to_read(one)]
    return inlined.template("page").render(
        result=result,
        total=total,
        share=0 if result.withheld or not result.possible else float(result.earned / result.possible),
        common=None if result.problem else feedback.common_loss(result.exercises),
        lost=lost,
        numbers={one.id: i for i, one in enumerate(lost)},
        unshown=feedback.UNSHOWN,
        nothing=dict,
        once=feedback.once,
        reason_once=feedback.reason_once,
        mark=mark,
        worth=worth,
        names=names,
        at=at,
        called=called,
    )


def mark(verdict: str, partly: bool = False, advice: bool = False) -> tuple[str, str]:
    """Return a sign for how something came out, and what colour goes with it; mere `advice` has none."""
    if verdict == "accepted":
        return "✓", "right"
    if advice:
        return "·", "none"
    if verdict in ("not attempted", "skipped"):
        return "·", "none"
    if verdict == "judge error":
        return "?", "none"
    return ("½", "part") if partly else ("✗", "off")


def worth(one: ExerciseResult | CheckResult) -> str:
    """Return what was earned of what could be, or that it is withheld."""
    withheld = one.withheld if isinstance(one, ExerciseResult) else one.outcome.verdict == "judge error"
    return WITHHELD if withheld else f"{points(one.earned)} / {points(one.possible)}"


def names(check: CheckResult, every: str = "") -> str:
    """Return what a check is called, and what is special about it."""
    special = ["not scored"] * (not check.possible) + ["hidden from students"] * (check.visibility == "hidden")
    return (every or check.name) + (f" ({', '.join(special)})" if special else "")


def at(one: Counterexample) -> str:
    """Return the input of a counterexample as a student would write it; arrays in rows."""
    if arrays.holds_arrays(one):
        return arrays.given(one)
    shown = [f"{name} = {number(value)}" for name, value in one.args.items()]
    return ", ".join(shown + ([] if one.d_out is None else [f"d_out = {number(one.d_out)}"]))


def called(one: Counterexample) -> str:
    """Return which function of the student's returned what is shown, and for which argument."""
    what = one.what or ("forward" if one.d_out is None else "backward")
    of = f" for {one.argument}" if one.argument else ""
    return f"{what}{of}" if what in feedback.NO_CALLS else f"{what} returned{of}"


def _to_read(exercise: ExerciseResult) -> bool:
    """Say whether there is anything to read of it but that it is right."""
    return any(check.outcome.verdict != "accepted" or check.outcome.reason for check in exercise.checks)
