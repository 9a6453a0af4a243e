"""A course as `grader grade` leaves it, without having graded: results, feedback and a configuration."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.model import CheckResult, ExerciseResult, Outcome, Result
from grader.reports import files, stored
from tests.conftest import ROOT

EXERCISE = "times-five-forward"


def result(name: str, earned: float, withheld: bool = False) -> Result:
    points = Fraction(earned)
    outcome = Outcome("judge error" if withheld else "accepted")
    check = CheckResult("forward", points, Fraction(4), "visible", outcome)
    exercise = ExerciseResult(EXERCISE, "TimesFive", points, Fraction(4), (check,), withheld)
    return Result(1, name, "lecture8", "d", {}, points, Fraction(4), (exercise,))


def course(folder: Path, results: list[Result], overrides: str = "", roster: str = "") -> None:
    """Lay a course out as `grader grade` leaves it."""
    text = (ROOT / "config.yaml").read_text()
    text = text.replace("exercises: [exercises/lecture8]", f"exercises: [{ROOT}/exercises/lecture8]")
    text = text.replace("reference: reference", f"reference: {ROOT}/reference")
    if roster:
        (folder / "roster.csv").write_text(roster)
        text = text.replace('roster: ""', "roster: roster.csv")
    if overrides:
        (folder / "overrides.yaml").write_text(f"format: 1\noverrides:\n{overrides}")
    (folder / "config.yaml").write_text(text)
    for one in results:
        files.write(stored.path_of(folder / "reports", one.submission), stored.encode(one))
        files.write(folder / "reports" / "feedback" / f"{one.submission}.md", f"# {one.submission}\n".encode())
