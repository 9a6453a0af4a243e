"""The plain `result.json` that several services read: a score, and a test for each check.

A score that is withheld is not there: whoever reads the file then has none, and never a zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.model import CheckResult, Result
from grader.reports import audience, told
from grader.reports.fractions import number
from grader.reports.text import inert


def record(result: Result, published: bool = False) -> dict[str, Any]:
    """Return what students may read of a result: `score`, `max_score`, `output` and `tests`."""
    now = audience.for_student(result, published)
    score = {} if now.withheld else {"score": number(now.earned)}
    return {
        "submission": inert(now.submission),
        **score,
        "max_score": number(now.possible),
        "output": told.summary(now),
        "tests": list(_tests(now)),
    }


def _tests(now: Result) -> Iterator[dict[str, Any]]:
    for exercise in now.exercises:
        for check in exercise.checks:
            score = {} if _status(check) == "error" else {"score": number(check.earned)}
            yield {
                "name": told.name(exercise, check),
                "status": _status(check),
                **score,
                "max_score": number(check.possible),
                "output": told.text(check),
            }


def _status(check: CheckResult) -> str:
    verdict = check.outcome.verdict
    return "passed" if verdict == "accepted" else "error" if verdict == "judge error" else "failed"
