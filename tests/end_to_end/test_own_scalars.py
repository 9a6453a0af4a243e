"""Checks of one's own on a function of variables: MiniTorch's and micrograd's, provided and of a student's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.assignment import exercises
from grader.assignment.forms import FormError
from grader.bundle import student
from grader.cli import main
from grader.exercise_kinds import speaking
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import CheckResult, Submission
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.small_courses import laid_out

EXERCISE = """format: 1
kind: own
id: cubic
title: A cubic form
statement: It is the same with its arguments exchanged, and homogeneous of degree 3.
file: forms.py
scalars: cubic
arguments: {x: -9..9, y: -9..9}
inputs: [{x: 2, y: 3, d_out: 5}]
at: [[x, y], [y, x], [x, y, 2 * d_out]]
judge: |
  def symmetric(x, y, d_out, here, exchanged, doubled):
      "cubic(y, x) has the value of cubic(x, y), and its gradients the other way round"
      same = math.isclose(here.value, exchanged.value, rel_tol=1e-9, abs_tol=1e-9)
      return same and all(
          math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(here.gradients, exchanged.gradients[::-1])
      )

  def euler(x, y, d_out, here, exchanged, doubled):
      "x · ∂/∂x + y · ∂/∂y is 3 · cubic(x, y) · d_out"
      along = x * here.gradients[0] + y * here.gradients[1]
      return math.isclose(along, 3 * here.value * d_out, rel_tol=1e-9, abs_tol=1e-6)

  def linear(x, y, d_out, here, exchanged, doubled):
      return math.isclose(doubled.gradient, 2 * here.gradient, rel_tol=1e-9, abs_tol=1e-9) or "not linear"
checks: {symmetric: 1, euler: 1, linear: 1}
"""
EXPRESSION = """format: 1
kind: expression
id: cubic
title: A cubic form
statement: Build it.
file: forms.py
function: cubic
arguments: {x: -9..9, y: -9..9}
value: x * x * y + x * y * y
checks: {value: 1, gradient: 1}
"""
RIGHT = "return x * x * y + x * y * y"
REFERENCE = f'''"""Forms in two variables."""


def cubic(x, y):
    """Return x · x · y + x · y · y."""
    # solution: return it
    {RIGHT}
    # end solution
'''
LAYOUTS = {
    "minitorch": "{package: minitorch, modules: [operators, autodiff, scalar_functions, scalar, forms]}",
    "micrograd": "{package: micrograd, modules: [engine, forms]}",
}
REFERENCES = {"minitorch": ROOT / "reference", "micrograd": ROOT / "examples" / "micrograd" / "reference"}


@pytest.fixture(scope="module", params=list(LAYOUTS))
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The config of a course with this exercise, on each interface."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(REFERENCES[request.param], folder / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    text = (
        f"format: 1\nassignment: forms\ntitle: Forms\nthrough: {request.param}\nexercises: [exercises]\n"
        f'layout: {LAYOUTS[request.param]}\ncorpus: {{seed: "77aa11", public: 15, private: 15}}\n'
    )
    return laid_out(folder, {"config.yaml": text, "exercises/a.yaml": EXERCISE, "reference/forms.py": REFERENCE})


@pytest.fixture(scope="module")
def forms(path: Path) -> Plan:
    """That exercise, prepared."""
    made = planning.prepare(config.load(path))
    assert made.faults == {}
    return made


@pytest.fixture
def checks(forms: Plan, supervisor: Supervisor) -> Callable[[str], dict[str, CheckResult]]:
    """Grade the reference with another text for what is right, and return its checks."""

    def of(text: str) -> dict[str, CheckResult]:
        source = REFERENCE.replace(RIGHT, text).encode()
        graded = Grader(forms, supervisor).grade(Submission("s", {"forms": ("forms.py", source)}))
        return {check.name: check for check in graded.exercises[0].checks}

    return of


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        "return (x + y) * x * y",
        "z = x * y; return z * x + y * z",
        "return sum((a * x * y for a in (x, y)), 0.0)",
        "both = [x, y]; out = both[0] * both[1]; return out * (both[0] + both[1])",
    ],
)
def test_what_has_the_properties_is_right(text: str, checks: Callable[[str], dict[str, CheckResult]]) -> None:
    assert {check.outcome.verdict for check in checks(text).values()} == {"accepted"}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("return x * x * y", {"symmetric"}),
        ("return x * y", {"euler"}),
        ("return x * x * y + x * y * y + 1.0", {"euler"}),
        ("return x * x * x", {"symmetric"}),  # y has no derivative, which is 0
        ("return 1.0", {"symmetric", "euler", "linear"}),
        ("return None", {"symmetric", "euler", "linear"}),
        ("raise ValueError('no')", {"symmetric", "euler", "linear"}),
        ("raise NotImplementedError", {"symmetric", "euler", "linear"}),
    ],
)
def test_what_has_not_is_wrong(text: str, lost: set[str], checks: Callable[[str], dict[str, CheckResult]]) -> None:
    found = checks(text)
    assert {name for name, check in found.items() if check.outcome.verdict != "accepted"} == lost


def test_no_derivative_anywhere_is_not_0_everywhere(checks: Callable[[str], dict[str, CheckResult]]) -> None:
    found = checks("return type(x)(2.0) * type(x)(1.5)")
    assert found["euler"].outcome.verdict == "wrong answer"


def test_a_mistake_is_shown_with_lines_that_run(
    path: Path, checks: Callable[[str], dict[str, CheckResult]], tmp_path: Path
) -> None:
    shown = checks("return x * y")["euler"].outcome.counterexample
    assert shown is not None
    assert shown.expected == "x · ∂/∂x + y · ∂/∂y is 3 · cubic(x, y) · d_out"
    name = "derivative" if "minitorch" in path.parent.name else "grad"
    assert f"x.{name} = " in shown.returned
    package = config.load(path).layout.package
    shutil.copytree(path.parent / "reference", tmp_path / package)
    (tmp_path / package / "forms.py").write_text(REFERENCE.replace(RIGHT, "return x * y"))
    (tmp_path / "try_it.py").write_text(shown.snippet.replace("; ", "\n"))
    done = subprocess.run([sys.executable, "try_it.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + shown.snippet
    assert len(done.stdout.splitlines()) == 3


def test_an_exception_at_some_inputs_is_shown_with_one(checks: Callable[[str], dict[str, CheckResult]]) -> None:
    found = checks("if x.data > 1: raise ValueError('no')\n    return x * y * (x + y)")["euler"].outcome
    assert found.verdict == "runtime error"
    assert re.search(r"out = cubic\(x, y\)", found.call)


@pytest.mark.parametrize("text", ["return 1.0", "return None"])
def test_what_is_no_variable_is_said_to_be_none(text: str, checks: Callable[[str], dict[str, CheckResult]]) -> None:
    assert checks(text)["euler"].outcome.detail.startswith("what came back is no variable of yours")


def test_one_that_raises_or_is_missing_says_so(checks: Callable[[str], dict[str, CheckResult]]) -> None:
    raised = checks("return 1 / 0")["euler"].outcome
    assert (raised.verdict, "cubic" in raised.reason) == ("runtime error", True)
    absent = checks("return x\n\n\ndel cubic\n\n\ndef other(x):\n    return x")["euler"].outcome
    assert (absent.verdict, absent.reason) == ("not attempted", "there is no cubic in forms.py")


def test_the_handout_checks_the_same(path: Path, tmp_path: Path) -> None:
    cut = student.template_files(config.load(path), False, lambda _: None)
    (file,) = (name for name in cut if name.endswith("forms.py"))
    assert b"TODO: return it" in cut[file]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shutil.copytree(path.parent / "reference", tmp_path, dirs_exist_ok=True)
    for written, status in ((REFERENCE, 0), (REFERENCE.replace(RIGHT, "return x * y"), 3)):
        (tmp_path / "forms.py").write_bytes(written.encode())
        command = [sys.executable, "-m", "grader", "check", "--config", str(path), "--submission", str(tmp_path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr


def test_a_file_of_variables_that_is_not_there_is_no_exception(path: Path, tmp_path: Path) -> None:
    (tmp_path / "forms.py").write_text(REFERENCE)
    command = [sys.executable, "-m", "grader", "check", "--config", str(path), "--submission", str(tmp_path)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert re.search(r"there is no (Scalar|Value) in your files", done.stdout), done.stdout
    assert "Error" not in done.stdout


def test_an_expression_of_the_same_function_is_typed_with_all_imports(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    (tmp_path / "exercises" / "a.yaml").write_text(EXPRESSION)
    (one,) = config.load(tmp_path / "config.yaml").exercises
    typed = speaking.of(one, "cubic", ("x", "y"), "cubic").snippet((2.0, 3.0), 1.0)
    (tmp_path / "reference").rename(tmp_path / one.package)
    done = subprocess.run([sys.executable, "-c", typed], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "21.0 16.0\n"), typed


def test_it_is_explained_and_lint_finds_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--config", str(path)]) == 0
    assert main(["explain", "cubic", "--config", str(path)]) == 0
    said = capsys.readouterr().out
    assert "symmetric (1): cubic(y, x) has the value of cubic(x, y)" in said
    assert "x = 2, y = 3, d_out = 5" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "scalars: cubic",
            "scalars: cubic\nfunction: f",
            "its judge is for a function, a class or scalars: name one of the three",
        ),
        ("scalars: cubic", "scalars: a-b", "a.yaml:7:10: scalars 'a-b' should be a Python name"),
        ("[x, y, 2 * d_out]", "[x, 1, 2, 3]", "a point needs one number per argument, and the d_out to send"),
    ],
)
def test_what_cannot_be_asked_is_told(old: str, new: str, said: str) -> None:
    assert old in EXERCISE
    with pytest.raises(FormError) as caught:
        exercises.decode(EXERCISE.replace(old, new).encode(), "a.yaml", KINDS)
    assert said in str(caught.value)


def test_a_course_that_sends_nothing_back_is_refused(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    config_file = tmp_path / "config.yaml"
    config_file.write_text(config_file.read_text().replace("through: ", "through: dual  # was "))
    with pytest.raises(FormError, match="dual sends nothing back through what a function returns"):
        config.load(config_file)
