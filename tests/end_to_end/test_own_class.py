"""Checks of one's own on a class with a backward: right ones pass however they are written, and mistakes do not."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader.assignment import exercises
from grader.assignment.forms import FormError
from grader.bundle import student
from grader.cli import main
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import CheckResult, Submission
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import prepared
from tests.conftest import ROOT
from tests.small_courses import laid_out

Capture = pytest.CaptureFixture[str]

EXERCISE = """format: 1
kind: own
id: slopes
title: The slope of a sigmoid
statement: It is the same on both sides of 0, follows the value, and is proportional to what is sent back.
file: functions.py
class: Sigmoid
arguments: {x: -30..30}
condition: x > -25
inputs: [{x: 0, d_out: 4}]
at: [[x], [-x], [x, 3 * d_out]]
judge: |
  def even(x, d_out, here, opposite, tripled):
      "the gradient at x is the gradient at -x"
      return abs(here.gradient - opposite.gradient) <= 1e-9 * abs(d_out)

  def logistic(x, d_out, here, opposite, tripled):
      "the gradient is s · (1 - s) · d_out, with s the value"
      return math.isclose(here.gradient, here.value * (1 - here.value) * d_out, rel_tol=1e-6, abs_tol=1e-9)

  def linear(x, d_out, here, opposite, tripled):
      if math.isclose(tripled.gradient, 3 * here.gradient, rel_tol=1e-9, abs_tol=1e-300):
          return True
      return f"backward({3 * d_out:g}) should be three times {here.gradient:g}"
checks: {even: 1, logistic: 1, linear: 1}
"""

REFERENCE = '''"""A function with a slope."""

from __future__ import annotations

import math


class Sigmoid:
    """1 / (1 + exp(-x))."""

    @staticmethod
    def forward(ctx, x):
        # solution: return the value
        s = 1 / (1 + math.exp(-x))
        ctx.save_for_backward(s)
        return s
        # end solution

    @staticmethod
    def backward(ctx, d_out):
        # solution: return the gradient
        (s,) = ctx.saved_values
        return s * (1 - s) * d_out
        # end solution
'''
CONTEXT = '''"""What a forward leaves for its backward."""


class Context:
    """Keeps what a forward saves."""

    saved_values = ()

    def save_for_backward(self, *values):
        """Keep values for backward."""
        self.saved_values = values
'''
CONFIG = """format: 1
assignment: slopes
title: "Slopes"
exercises: [exercises]
layout: {package: "", modules: [autodiff, functions], reference: reference}
corpus: {seed: "5b1d2f60a1b94e03", public: 20, private: 20}
"""
FILES = {
    "config.yaml": CONFIG,
    "exercises/a.yaml": EXERCISE,
    "reference/functions.py": REFERENCE,
    "reference/autodiff.py": CONTEXT,
    "reference/README.student.md": "# Slopes\n",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The config of a course with this exercise."""
    return laid_out(tmp_path_factory.mktemp("course"), FILES)


@pytest.fixture(scope="module")
def slopes(path: Path) -> Plan:
    """That exercise, prepared."""
    made = planning.prepare(config.load(path))
    assert made.faults == {}
    return made


@pytest.fixture
def checks(slopes: Plan, supervisor: Supervisor) -> Callable[..., dict[str, CheckResult]]:
    """Grade the reference with some texts replaced, and return its checks."""

    def of(*changes: tuple[str, str]) -> dict[str, CheckResult]:
        source = REFERENCE
        for old, new in changes:
            assert old in source
            source = source.replace(old, new)
        graded = Grader(slopes, supervisor).grade(Submission("s", {"functions": ("functions.py", source.encode())}))
        return {check.name: check for check in graded.exercises[0].checks}

    return of


SAVE, READ, BACK = "ctx.save_for_backward(s)", "(s,) = ctx.saved_values", "return s * (1 - s) * d_out"


@pytest.mark.parametrize(
    "changes",
    [
        (),
        ((READ, "s = ctx.saved_values"),),
        ((BACK, "return (s * (1 - s) * d_out,)"),),
        ((BACK, "return [s * (1 - s) * d_out]"),),
        (
            (SAVE, "ctx.save_for_backward(x)"),
            (READ, "(x,) = ctx.saved_values"),
            (BACK, "return d_out / (2 + math.exp(x) + math.exp(-x))"),
        ),
        ((SAVE, "ctx.save_for_backward(s, 1 - s)"), (READ, "s, t = ctx.saved_values"), (BACK, "return d_out * s * t")),
    ],
)
def test_what_has_the_properties_is_right(
    changes: tuple[tuple[str, str], ...], checks: Callable[..., dict[str, CheckResult]]
) -> None:
    assert {check.outcome.verdict for check in checks(*changes).values()} == {"accepted"}


@pytest.mark.parametrize(
    ("new", "lost"),
    [
        ("return s * (1 - s)", {"even", "logistic", "linear"}),  # at d_out = 0 it is held to 0
        ("return s * d_out", {"even", "logistic"}),
        ("return s * (1 - s) * abs(d_out)", {"logistic"}),
        ("return s * (1 - s) * d_out + 1e-3", {"logistic", "linear"}),
        ("return (s - 0.5) * d_out", {"even", "logistic"}),
        ("return 0.0", {"logistic"}),
        ("return None", {"even", "logistic", "linear"}),
        ("return math.nan", {"even", "logistic", "linear"}),
        ("return s * (1 - s) * d_out, 1.0", {"even", "logistic", "linear"}),
        ("raise ValueError('no')", {"even", "logistic", "linear"}),
        ("raise NotImplementedError", {"even", "logistic", "linear"}),
    ],
)
def test_what_has_not_is_wrong(new: str, lost: set[str], checks: Callable[..., dict[str, CheckResult]]) -> None:
    found = checks((BACK, new))
    assert {name for name, check in found.items() if check.outcome.verdict != "accepted"} == lost


def test_a_mistake_is_shown_at_the_simplest_input(checks: Callable[..., dict[str, CheckResult]]) -> None:
    outcome = checks((BACK, "return s * (1 - s)"))["linear"].outcome
    shown = outcome.counterexample
    assert shown is not None
    assert (shown.args, shown.d_out) == ({"x": 2.0}, 2.0)
    assert (shown.expected, outcome.detail) == ("the property “linear”", "backward(6) should be three times 0.104994")
    assert shown.returned.startswith("Sigmoid(2.0) = 0.880797, backward(2.0) = 0.104994; Sigmoid(-2.0) = 0.119203")
    space: dict[str, object] = {}
    code = shown.snippet.replace(
        "from functions import Sigmoid", REFERENCE.replace("from __future__", "#").replace(BACK, "return s * (1 - s)")
    )
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(code.replace("; ", "\n"), space)
    assert [float(line) for line in told.getvalue().split()] == pytest.approx(
        [float(one) for one in re.findall(r"= ([-\d.e]+)", shown.returned)], rel=1e-5
    ), "what is pasted says what the finding says, point by point"


def test_a_class_that_raises_or_is_missing_says_so(checks: Callable[..., dict[str, CheckResult]]) -> None:
    raised = checks((BACK, "return 1 / 0"))["even"].outcome
    assert (raised.verdict, "Sigmoid.backward" in raised.reason) == ("runtime error", True)
    assert checks(("class Sigmoid", "class Other"))["even"].outcome.verdict == "not attempted"


def test_right_code_has_the_properties_that_the_documentation_shows(slopes: Plan, supervisor: Supervisor) -> None:
    page = (ROOT / "docs" / "exercises.md").read_text("utf-8")
    (text,) = (one.partition("```")[0] for one in page.split("```yaml\n") if "id: sigmoid-slope" in one)
    shown = exercises.decode(text.encode(), "a", KINDS)
    for back, verdicts in ((BACK, {"accepted"}), ("return s * (1 - s)", {"wrong answer"})):
        source = {"functions": ("functions.py", REFERENCE.replace(BACK, back).encode())}
        for seed in range(5):
            half = KINDS["own"].prepare(shown, 50, f"seed {seed}", True)
            (unit,) = slopes.units
            plan = Plan(
                msgspec.structs.replace(slopes.assignment, exercises=(shown,), weights={shown.id: Fraction(1)}),
                (msgspec.structs.replace(unit, exercises=(shown,)),),
                {shown.id: half},
                {},
                {},
                {},
            )
            (result,) = Grader(plan, supervisor).grade(Submission("s", source)).exercises
            assert {check.outcome.verdict for check in result.checks} == verdicts


def test_a_judge_that_breaks_costs_nobody(slopes: Plan, supervisor: Supervisor) -> None:
    broken = exercises.decode(
        EXERCISE.replace("return abs(here.gradient", "return abs(here.gradiant").encode(), "a", KINDS
    )
    half = KINDS["own"].prepare(broken, 20, "seed", True)
    asked = slopes.assignment.exercises[0]
    plan = planning.only(slopes, [asked.id])
    units = tuple(type(one)(one.modules, (broken,), one.provided) for one in plan.units)
    source = {"functions": ("functions.py", REFERENCE.encode())}
    changed = type(plan)(plan.assignment, units, {asked.id: half}, {}, {}, {})
    (result,) = Grader(changed, supervisor).grade(Submission("s", source)).exercises
    assert [check.outcome.verdict for check in result.checks] == ["judge error", "accepted", "accepted"]


def test_the_handout_checks_the_same(path: Path, tmp_path: Path) -> None:
    assignment = config.load(path)
    half = planning.prepare(assignment).public["slopes"]
    exercise = assignment.exercises[0]
    opened = prepared.opened(prepared.sealed(KINDS["own"], exercise, exercise.points, half))
    assert (opened.half.sent, opened.exercise.spec) == (half.sent, exercise.spec)
    cut = student.template_files(assignment, False, lambda _: None)
    assert b"TODO: return the gradient" in cut["functions.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for written, status in ((REFERENCE, 0), (REFERENCE.replace("(1 - s) * d_out", "(1 - s)"), 3)):
        for name, raw in {**cut, "functions.py": written.encode()}.items():
            (tmp_path / name).write_bytes(raw)
        command = [sys.executable, "-m", "grader", "check", "--config", str(path), "--submission", str(tmp_path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr


def test_the_audit_proves_it_beside_a_formula_of_the_class(path: Path, tmp_path: Path, capsys: Capture) -> None:
    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    keys = "id: sigmoid\ntitle: S\nstatement: S.\nfile: functions.py\nclass: Sigmoid\narguments: {x: -30..30}\n"
    formula = f"format: 1\n{keys}value: sigmoid(x)\nchecks: {{forward: 1, backward: 1}}\n"
    (tmp_path / "exercises" / "b.yaml").write_text(formula)
    audit = [
        "audit",
        "--config",
        str(tmp_path / "config.yaml"),
        "--seeds",
        "1",
        "--reference-seeds",
        "1",
        "--jobs",
        "1",
    ]
    assert main(audit) == 0, capsys.readouterr().out


def test_it_is_explained_and_lint_finds_nothing(path: Path, capsys: Capture) -> None:
    assert main(["lint", "--config", str(path)]) == 0
    assert main(["explain", "slopes", "--config", str(path)]) == 0
    said = capsys.readouterr().out
    assert "even (1): the gradient at x is the gradient at -x." in said
    assert "x = 0, d_out = 4" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "class: Sigmoid",
            "class: Sigmoid\nfunction: f",
            "its judge is for a function, a class or scalars: name one of the",
        ),
        ("class: Sigmoid\n", "", "its judge is for a function, a class or scalars: name one of the three"),
        ("class: Sigmoid", "class: a-b", "a.yaml:7:8: class 'a-b' should be a Python name"),
        ("[x, 3 * d_out]", "[x, 1, 2]", "a point needs one number per argument, and the d_out to send if it is not"),
        ("[x, 3 * d_out]", "[x, 3 * d]", "unknown name 'd'"),
        ("class: Sigmoid", "function: f", "unknown name 'd_out'"),
    ],
)
def test_what_cannot_be_asked_is_told(old: str, new: str, said: str) -> None:
    assert old in EXERCISE
    with pytest.raises(FormError) as caught:
        exercises.decode(EXERCISE.replace(old, new).encode(), "a.yaml", KINDS)
    assert said in str(caught.value)
