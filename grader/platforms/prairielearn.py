"""PrairieLearn's `results.json`, as its external graders write it: a score from 0 to 1, and a test for each check.

What is withheld is not gradable: PrairieLearn then gives no score and counts no attempt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.model import Result
from grader.reports import audience, told
from grader.reports.fractions import number
from grader.reports.text import inert


def record(result: Result, published: bool = False) -> dict[str, Any]:
    """Return what students may read of a result."""
    now = audience.for_student(result, published)
    if now.withheld or not now.possible:
        return {"gradable": False, "message": told.summary(now)}
    return {
        "gradable": True,
        "score": float(now.earned / now.possible),
        "message": told.summary(now),
        "output": "",
        "tests": list(_tests(now)),
    }


def _tests(now: Result) -> Iterator[dict[str, Any]]:
    for exercise in now.exercises:
        for check in exercise.checks:
            yield {
                "name": told.name(exercise, check),
                "description": inert(exercise.id),
                "points": number(check.earned),
                "max_points": number(check.possible),
                "message": check.outcome.verdict,
                "output": told.text(check),
            }
