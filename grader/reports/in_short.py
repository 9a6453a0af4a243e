"""What was lost and why, in a few lines of plain text, for places that show a comment and no file."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from grader.model import CheckResult, ExerciseResult, Result
from grader.reports import feedback, told
from grader.reports.outcome_html import worth
from grader.reports.text import inert

MOST = 2_000
"""Characters: a comment is read in a small box."""

CUT = "… The rest is in the attached file."


def text(result: Result) -> str:
    """Return what was lost, exercise by exercise; blank where nothing was. It is all that is in the result.

    What students are not to read is taken out before.
    """
    lines: list[str] = []
    for line in _lines(result):
        if sum(map(len, lines)) + len(line) > MOST:
            return "\n".join([*lines, CUT])
        lines.append(line)
    return "\n".join(lines)


def _lines(result: Result) -> Iterator[str]:
    if result.problem:
        yield f"This submission could not be used: {inert(result.problem)}."
        return
    common = feedback.common_loss(result.exercises)
    if common is not None:
        yield told.text(common)
        return
    for one in result.exercises:
        if one.verdict != "accepted":
            yield from _exercise(one)


def _brief(check: CheckResult) -> CheckResult:
    """Leave out what is to be pasted, and how a central difference comes about: the file has both."""
    one = check.outcome
    examples = [
        shown and msgspec.structs.replace(shown, snippet="", slopes=()) for shown in (one.counterexample, one.second)
    ]
    brief = msgspec.structs.replace(one, counterexample=examples[0], second=examples[1], call="")
    return msgspec.structs.replace(check, outcome=brief)


def _exercise(one: ExerciseResult) -> Iterator[str]:
    yield f"{inert(one.title)} ({worth(one)}{', and more that is not shown' if one.unshown else ''})"
    said = ""
    for check in one.checks:
        if check.outcome.verdict not in ("accepted", "skipped"):
            now = told.text(_brief(check))
            if now != said:
                yield "\n".join(f"  {line}" for line in f"{check.name}: {now}".split("\n"))
            said = now
