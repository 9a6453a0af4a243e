"""How a reference fails an exercise of its own, for authors: which check, what it raised, on which line of it."""

from __future__ import annotations

from grader.model import CheckResult, Counterexample, ExerciseResult, Outcome
from grader.reports.text import inert, number, verdict

MOST_LINES = 12
"""Of what is there to run, as many lines as the smallest graphs take."""


def of_reference(exercise: ExerciseResult) -> str:
    """Return what the reference lost, the first check with points that it did not pass; blank where it passed all.

    >>> from fractions import Fraction
    >>> wrong = CheckResult("backward", Fraction(0), Fraction(2), "visible", Outcome("wrong answer", "it is 0"))
    >>> of_reference(ExerciseResult("log", "Log", Fraction(0), Fraction(2), (wrong,)))
    'the reference itself fails its backward check (wrong answer: it is 0)'
    """
    lost = first_lost(exercise)
    return f"the reference itself fails its {lost.name} check ({said(lost.outcome)})" if lost else ""


def first_lost(exercise: ExerciseResult) -> CheckResult | None:
    """Return the first check with points that was not accepted."""
    return next((one for one in exercise.checks if one.possible and one.outcome.verdict != "accepted"), None)


def _input(shown: Counterexample) -> str:
    """Return at which input, or by which lines where there are no arguments, such as a graph's."""
    inputs = {**shown.args, **({} if shown.d_out is None or not shown.args else {"d_out": shown.d_out})}
    if inputs:
        return f"at {', '.join(f'{name} = {number(value)}' for name, value in inputs.items())}: "
    lines = [one.strip() for one in shown.snippet.splitlines() if one.strip()]
    return f"in {inert('; '.join(lines[:MOST_LINES]))}: " if lines else ""


def said(outcome: Outcome) -> str:
    """Return an outcome in one line: verdict, reason, exception, place, and the input and answer that show it."""
    what = [verdict(outcome.verdict), *filter(None, (outcome.reason, inert(outcome.said)))]
    line = (
        outcome.place if outcome.said else outcome.place.partition(": ")[0]
    )  # the `def` of a wrong answer says nothing
    where = [f"at {inert(line)}" if outcome.place else "", outcome.call and f"in {outcome.call}"]
    shown = outcome.counterexample
    if shown is not None:
        where.append(f"{_input(shown)}it returned {inert(shown.returned)}, expected {shown.expected}")
    return ", ".join([": ".join(what), *filter(None, (*where, outcome.detail))])
