"""A single file that is wrong is asked among itself alone where that may make a difference, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.batch import cohort
from grader.grading.config import load
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.grading.second_chance import OF_OWN
from grader.grading.sessions import Sessions
from grader.model import ExerciseResult, Submission
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT

SQUARE = """
from .autodiff import Context
from .scalar_functions import ScalarFunction


class Square(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, d_out):
        (x,) = ctx.saved_values
        return 2 * x * d_out
"""

FALLBACK = """
try:
    from .operators import log_back as slope
except ImportError:
    def slope(x, d):
        return 2 * x * d
"""
SUPPRESSED = """
import contextlib

def slope(x, d):
    return 2 * x * d

with contextlib.suppress(ImportError):
    from .operators import log_back as slope
"""
"""At home there is no other file, so that the second is the one that runs."""


@pytest.fixture(scope="module")
def graded() -> Iterator[tuple[Plan, Supervisor]]:
    assignment = load(ROOT / "config.yaml", ("square",))
    box, found = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        yield cohort.plan(assignment, supervisor, found.tier), supervisor


def of(source: str, graded: tuple[Plan, Supervisor], monkeypatch: pytest.MonkeyPatch) -> tuple[ExerciseResult, int]:
    """Grade one file. Return its result, and how often it was asked among itself."""
    asked, among_own = [], Sessions.among_own
    monkeypatch.setattr(Sessions, "among_own", lambda *them: asked.append(1) or among_own(*them))
    (one,) = Grader(*graded).grade(Submission("s", {"lecture8": ("minitorch/lecture8.py", source.encode())})).exercises
    return one, len(asked)


def replaced(old: str, new: str, source: str = SQUARE) -> str:
    assert source.count(old) == 1
    return source.replace(old, new)


WRONG = {
    "d_out is forgotten": replaced("2 * x * d_out", "2 * x"),
    "a value": replaced("x * x\n", "x + x\n"),
    "a name of its own for what it needs": replaced("2 * x * d_out", "mine(x)") + "\n\ndef mine(x):\n    return x\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_with_nothing_that_gives_way_is_asked_once(
    name: str, graded: tuple[Plan, Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, asked = of(WRONG[name], graded, monkeypatch)
    assert (one.verdict, asked) == ("wrong answer", 0)


MAY_DIFFER = {
    "a name that is provided, in words": replaced("2 * x * d_out", "2 * x  # as in h"),
    "a name that is provided": WRONG["d_out is forgotten"] + "\n\ndef h(x):\n    return x\n",
    "an exception that is caught": WRONG["d_out is forgotten"]
    + "\n\ntry:\n    1 / 0\nexcept ArithmeticError:\n    pass\n",
    "an exception": replaced("2 * x * d_out", "2 * x * d_outs"),
}


@pytest.mark.parametrize("name", MAY_DIFFER)
def test_what_may_differ_is_asked_once_more_and_stays_wrong(
    name: str, graded: tuple[Plan, Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, asked = of(MAY_DIFFER[name], graded, monkeypatch)
    assert one.verdict in ("wrong answer", "runtime error")
    assert asked == 1


STAR = """
def relu_back(x, d):
    return 2 * x * d

from .operators import *
"""
"""A name that the course has as well, and means something else by."""

FALSE = """
from . import operators

if operators.log_back:
    slope = operators.log_back
else:
    def slope(x, d):
        return 2 * x * d
"""
"""What is absent is false."""

RIGHT = {
    "what a star brings over it": STAR + replaced("2 * x * d_out", "relu_back(x, d_out)"),
    "what is there when nothing is": FALSE + replaced("2 * x * d_out", "slope(x, d_out)"),
    "a helper that gives way to the course's": replaced("2 * x * d_out", "h(x) * d_out")
    + "\n\ndef h(x):\n    return 2 * x\n",
    "what it does without": FALLBACK + replaced("2 * x * d_out", "slope(x, d_out)"),
    "what it leaves alone": SUPPRESSED + replaced("2 * x * d_out", "slope(x, d_out)"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_by_itself_keeps_its_points(
    name: str, graded: tuple[Plan, Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, asked = of(RIGHT[name], graded, monkeypatch)
    assert asked == 1
    assert one.earned == one.possible
    assert any(check.outcome.reason.startswith(OF_OWN) for check in one.checks)
