"""What authors read of a mistake that was tried: what it is, the points that stay, and what its student would read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec

from grader.audit.tried import Tried
from grader.model import ExerciseResult, Outcome
from grader.reports.text import inert, points, shortened
from grader.selfcheck import report, words
from grader.selfcheck.checking import Checked, Status

NOTHING = "Its student reads nothing of it yet: what it loses is told once grades are out."
NOT_NAMED = "What you say of it is not what its student reads: the returned numbers do not bear it out."
UNCAUGHT = "No check loses a point by it."
INDENT = 3


def text(number: int, one: Tried, width: int) -> str:
    """Return a mistake for a terminal, as a numbered paragraph."""
    return "\n".join(_lines(number, one, max(width, 40)))


def _lines(number: int, one: Tried, width: int) -> Iterator[str]:
    yield from textwrap.wrap(f"{number}. {_said(one)}; {_keeps(one)}", width, subsequent_indent=" " * INDENT)
    before, changed, after = one.what.partition(" → ")
    if changed:
        yield f"     {before}"
        yield f"   → {after}"
    yield ""
    for line in _read(one, width - INDENT):
        yield textwrap.indent(line, " " * INDENT)


def _said(one: Tried) -> str:
    """Return which mistake it is, and where it is planted."""
    if one.foretold:
        return f"{one.where}: you foretell “{one.what}”"
    place = f"{one.where}, line {one.line}" if one.line else one.where
    return f"{place}: {one.said}" if " → " in one.what else f"{place}: {one.said} ({one.what})"


def _keeps(one: Tried) -> str:
    return f"keeps {points(one.kept)} of {points(one.possible)} point{'s' * (one.possible != 1)}"


def _read(one: Tried, width: int) -> Iterator[str]:
    """Yield what the student reads, as at a desk, and what an author may not expect of it."""
    if one.kept == one.possible:
        yield UNCAUGHT
    elif one.shown is None:
        yield NOTHING
    else:
        yield from _at_the_desk(one.shown, width)
    if one.foretold and not one.named:
        yield from textwrap.wrap(NOT_NAMED, width)


def _at_the_desk(shown: ExerciseResult, width: int) -> Iterator[str]:
    checked = Checked(_briefly(shown), _status(shown))
    short = words.short(checked)
    headline = f"{inert(shown.title)}  {short}" if short else inert(shown.title)
    yield shortened(f"{words.MARKS[checked.status]} {headline}", width)
    if checked.status == "wrong":
        yield from report.details(checked, width, {}).split("\n")[1:]


def _briefly(shown: ExerciseResult) -> ExerciseResult:
    """Return what is read without lines to try, and without how a slope was measured: six are read at once."""
    checks = (msgspec.structs.replace(one, outcome=_short(one.outcome)) for one in shown.checks)
    return msgspec.structs.replace(shown, checks=tuple(checks))


def _short(outcome: Outcome) -> Outcome:
    example = outcome.counterexample
    if example is not None:
        example = msgspec.structs.replace(example, snippet="", slopes=(), estimate="")
    return msgspec.structs.replace(outcome, counterexample=example, second=None, call="")


def _status(shown: ExerciseResult) -> Status:
    if shown.withheld:
        return "ours"
    told: dict[str, Status] = {"accepted": "done", "not attempted": "not written"}
    return told.get(shown.verdict, "wrong")
