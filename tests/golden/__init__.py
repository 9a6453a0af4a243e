"""What students of the sample classes are shown, word for word. `make golden` writes it anew: look at what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.batch import cohort, local
from grader.grading import config
from grader.model import Result
from grader.reports import feedback, stored
from grader.submissions.handed_in import find
from tests.conftest import SAMPLES

__all__ = ["HERE", "SAMPLES", "graded", "text"]

HERE = Path(__file__).parent


def graded(path: Path) -> dict[str, Result]:
    """Grade a sample class."""
    assignment = config.load(path)
    box, containment = cohort.open_box(assignment)
    prepared = cohort.plan(assignment, box, containment.tier)
    assert assignment.submissions is not None
    found = find(assignment.submissions, cohort.layout(assignment))
    done = {found[one.index].id: one.made for one in local.grade_all(prepared, box, found, range(len(found)), 2)}
    kept = {name: stored.decode(made.result) for name, made in done.items() if made is not None}
    assert len(kept) == len(found)
    return kept


def text(results: Mapping[str, Result]) -> str:
    """Return every wrong answer of a class as students read it. Exceptions are left out: their words are Python's."""
    return "\n".join(line for name in sorted(results) for line in _of(results[name])) + "\n"


def _of(result: Result) -> Iterator[str]:
    for exercise in result.exercises:
        for check in exercise.checks:
            outcome = check.outcome
            if outcome.verdict != "wrong answer":
                continue
            yield f"## {result.submission}: {exercise.id}, {check.name}: {outcome.reason}"
            if outcome.detail:
                yield f"- {outcome.detail}"
            yield from feedback.fenced(list(feedback.evidence(outcome)))
            yield from (f"- {line}" for line in feedback.explained(outcome))
            yield ""
