"""Sixty mistakes of beginners, and the message that each gets: `python -m tests.beginners` writes the docs' table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.model import ExerciseResult, Outcome, Submission
from grader.reports import feedback
from grader.reports.text import verdict
from grader.sandbox.supervisor import Supervisor
from tests.beginner_mistakes import LECTURE, MODULE_1, Slip
from tests.conftest import ROOT
from tests.machinery import replaced

PAGE = ROOT / "docs" / "beginners.md"
CONFIGS = {"lecture 8": "config.yaml", "Module 1": "examples/module1/config.yaml"}
HEAD = """# Mistakes of beginners, and what they read

Each row is a mistake that beginners make, and the message that it gets, without the example: every message also shows
the place, an input, what came back and what was expected. The tests make this table by grading the mistakes.

"""


ALL = {"lecture 8": LECTURE, "Module 1": MODULE_1}


def graded(assignment: str, slips: tuple[Slip, ...]) -> Iterator[tuple[Slip, ExerciseResult]]:
    """Grade each slip in the exercise that it is in."""
    loaded = config.load(ROOT / CONFIGS[assignment])
    plan = planning.prepare(loaded)
    box, _ = cohort.open_box(loaded)
    with Supervisor(box, 913) as supervisor:
        for slip in slips:
            sources = replaced(slip.where, slip.code)
            modules = {name: (f"minitorch/{name}.py", text.encode()) for name, text in sources.items()}
            only = planning.only(plan, (slip.exercise,))
            yield slip, Grader(only, supervisor).grade(Submission("s", modules)).exercises[0]


def message(result: ExerciseResult) -> str:
    """Return what its student reads first, without the example."""
    lost = [one for one in result.checks if one.outcome.verdict not in ("accepted", "skipped")]
    lost = lost or [one for one in result.checks if one.outcome.reason]
    if not lost:
        return "accepted"
    first = next((one for one in lost if one.outcome.diagnosis or one.outcome.help), lost[0])
    return f"{first.name}: {_told(first.outcome)}"


def _told(outcome: Outcome) -> str:
    first = f"{verdict(outcome.verdict)}: {outcome.reason}"
    parts = [part for part in (outcome.said, outcome.detail, *feedback.explained(outcome)) if part]
    ended = [part if part.endswith((".", "?")) else f"{part}." for part in (first, *parts)]
    return " ".join((ended[0], *(_started(part) for part in ended[1:])))


Told = dict[str, list[tuple[Slip, str]]]
"""Each assignment's mistakes, with what is said of each."""


def all_told() -> Told:
    """Grade all mistakes."""
    return {name: [(slip, message(result)) for slip, result in graded(name, slips)] for name, slips in ALL.items()}


def _started(sentence: str) -> str:
    """Return a sentence with a capital, unless it starts with code."""
    return sentence if re.match(r"\S*[._(`]", sentence) else sentence[:1].upper() + sentence[1:]


def page(told: Told) -> str:
    """Return the page of the docs."""
    return HEAD + "\n".join(line for name, pairs in told.items() for line in _table(name, pairs))


def _table(name: str, pairs: list[tuple[Slip, str]]) -> Iterator[str]:
    yield f"## {name[0].upper()}{name[1:]}"
    yield ""
    yield "| the mistake | where | what is said |"
    yield "|---|---|---|"
    for slip, told in pairs:
        where = slip.where.partition(".")[2]
        said = told.replace("|", "\\|").replace("<", "&lt;")
        yield f"| {slip.what.replace('<', '&lt;')} | `{where}` | {said} |"
    yield ""


if __name__ == "__main__":
    Path(PAGE).write_text(page(all_told()), "utf-8")
