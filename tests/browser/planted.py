"""Classes made up for the pages: what students did is planted, so that what a page must say of them is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from grader.batch import pages
from grader.model import (
    CheckResult,
    Counterexample,
    Diagnosis,
    ExerciseResult,
    Hint,
    Outcome,
    Plot,
    Result,
    Slope,
    Visibility,
)
from grader.reports import files, rows, stored
from grader.reports.rows import Rows

RIGHT = Outcome("accepted")
EXAMPLE = Counterexample(
    {"x": 2.0},
    2.0,
    "",
    "4.0",
    "8.0",
    "8.000000 ± 1e-10",
    "ctx = Context(); Square.forward(ctx, 2.0); Square.backward(ctx, 2.0)",
    slopes=(Slope("0.1", "4 × d_out (2.0) = 8"), Slope("0.01", "4 × d_out (2.0) = 8")),
    slopes_of="x",
    plot=Plot("x", "gradient of Square", (-1.0, 0.0, 1.0), (-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0)),
)
FORGOTTEN = Outcome(
    "wrong answer",
    "the gradient of Square is wrong",
    counterexample=EXAMPLE,
    diagnosis=(Diagnosis("d_out was forgotten"),),
)
FLIPPED = Outcome("wrong answer", "the gradient of Log is wrong", diagnosis=(Diagnosis("the sign is flipped", of="x"),))
UNNAMED = Outcome("wrong answer", "the gradient of Log is wrong")
SLOW = Outcome("time limit", "it was still running when its time was up")
CRASHED = Outcome("runtime error", "Exp raised an exception", "ValueError: no", place="lecture8.py:3", call="f(1)")
FAULT = Outcome("judge error", "its formula has no value where it should")
UNUSED = Outcome("skipped", "the zip is broken")

TITLES = {"square": "Square, with a saved argument", "log": "Log", "exp": "Exp"}


def check(outcome: Outcome, visibility: Visibility = "visible", name: str = "backward") -> CheckResult:
    """Return a check worth two points that came out like this."""
    hints = (Hint("what arrives from above?"),) if outcome is FORGOTTEN else ()
    return CheckResult(name, Fraction(2 * (outcome == RIGHT)), Fraction(2), visibility, outcome, hints=hints)


def graded(name: str, *outcomes: Outcome, hidden: Sequence[Outcome] = (), problem: str = "") -> Result:
    """Return a result with one visible check an exercise, and a hidden one more for those of `hidden`."""
    exercises = []
    for i, ((id, title), outcome) in enumerate(zip(TITLES.items(), outcomes)):
        checks = [check(outcome)] + [check(one, "hidden", "secret") for one in hidden[i : i + 1]]
        earned, possible = (sum((getattr(c, of) for c in checks), Fraction(0)) for of in ("earned", "possible"))
        exercises.append(ExerciseResult(id, title, earned, possible, tuple(checks), outcome.verdict == "judge error"))
    earned, possible = (sum((getattr(e, of) for e in exercises), Fraction(0)) for of in ("earned", "possible"))
    return Result(1, name, "lecture8", "d", {}, earned, possible, tuple(exercises), (), problem)


CLASS = (
    graded("ada", RIGHT, RIGHT, RIGHT),
    graded("ben", FORGOTTEN, RIGHT, RIGHT),
    graded("cleo", FORGOTTEN, FLIPPED, RIGHT),
    graded("dina", RIGHT, FLIPPED, SLOW),
    graded("emil", FORGOTTEN, UNNAMED, CRASHED),
    graded("finn", UNUSED, UNUSED, UNUSED, problem="the zip is broken"),
    graded("gwen", RIGHT, RIGHT, FAULT),
    graded("s10", CRASHED, CRASHED, CRASHED),
    graded("s9", RIGHT, RIGHT, FORGOTTEN),
)
"""A small class with a bit of everything."""


def rows_of(results: Iterable[Result]) -> Rows:
    """Return the rows of a class."""
    found = list(results)
    done = Rows(tuple(TITLES), [one.submission for one in found])
    for i, one in enumerate(found):
        done.put(i, rows.of(one))
    return done


def written(folder: Path, results: Iterable[Result], published: bool = False) -> Path:
    """Write results under `folder` and pages of them, and return where the class's is."""
    for one in results:
        files.write(stored.path_of(folder, one.submission), stored.encode(one))
    pages.write_later(folder, published, {"lecture8": "Lecture 8"}, lambda: None)
    return folder / pages.INDEX


def renamed(result: Result, name: str) -> Result:
    """Return the same result of somebody else."""
    return msgspec.structs.replace(result, submission=name)
