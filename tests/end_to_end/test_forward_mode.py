"""Dual numbers: mistakes are found and named in forward mode's own words, and what is there to try shows them."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.diagnosis import misconceptions
from grader.exercise_kinds import carried_along, expression_names
from grader.grading import config
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import CheckResult, Diagnosis, Result, Submission
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT

PACK = ROOT / "examples" / "dual-numbers"
DUAL = (PACK / "reference" / "dual.py").read_text("utf-8")


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(config.load(PACK / "config.yaml"))
    with Supervisor(box, 913) as opened:
        yield opened


@functools.cache
def plan() -> Plan:
    assignment = config.load(PACK / "config.yaml")
    return cohort.plan(assignment, cohort.open_box(assignment)[0], 1)


def graded(held: Supervisor, *changes: tuple[str, str]) -> Result:
    text = DUAL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return Grader(plan(), held).grade(Submission("s", {"dual": ("dual.py", text.encode())}))


def lost(result: Result) -> set[str]:
    return {one.id for one in result.exercises if one.verdict != "accepted"}


def check(result: Result, exercise: str, name: str = "tangent") -> CheckResult:
    (found,) = (one for one in result.exercises if one.id == exercise)
    return next(one for one in found.checks if one.name == name)


def named(result: Result, exercise: str, name: str = "tangent") -> list[str]:
    return [one.name for one in check(result, exercise, name).outcome.diagnosis]


def test_the_reference_earns_all(held: Supervisor) -> None:
    assert (lost(graded(held)), plan().faults) == (set(), {})


PRODUCT = "self.der * other.val + self.val * other.der"
NUMBER = "x if isinstance(x, Dual) else Dual(x, 0.0)"
RETURN_EXP = "    return Dual(value, value * x.der)\n"
NAMES = [
    ("mul", "the product rule lacks the term with y's derivative", (PRODUCT, "self.der * other.val")),
    ("mul", "the product rule lacks the term with x's derivative", (PRODUCT, "self.val * other.der")),
    ("mul", "the derivatives of the two factors are multiplied with each other", (PRODUCT, "self.der * other.der")),
    ("number-add", expression_names.CONSTANT[0], (NUMBER, NUMBER.replace("0.0", "1.0"))),
    ("number-sub", expression_names.CONSTANT[0], (NUMBER, NUMBER.replace("0.0", "1.0"))),
    ("number-mul", expression_names.CONSTANT[0], (NUMBER, NUMBER.replace("0.0", "1.0"))),
    ("number-div", expression_names.CONSTANT[0], (NUMBER, NUMBER.replace("0.0", "1.0"))),
    ("sin", "der was forgotten", ("math.cos(x.val) * x.der", "math.cos(x.val)")),
    ("div", "the sign is flipped", ("self.der - quotient * other.der", "self.der + quotient * other.der")),
    ("power", "the exponent is not lowered by one", ("(exponent - 1)", "exponent")),
]


@pytest.mark.parametrize(("exercise", "name", "change"), NAMES, ids=[f"{one[0]} {one[1][:20]}" for one in NAMES])
def test_a_mistake_of_dual_numbers_is_named(
    exercise: str, name: str, change: tuple[str, str], held: Supervisor
) -> None:
    assert named(graded(held, change), exercise) == [name]


def test_an_operation_that_returns_nothing_is_named_and_no_dialect_blamed(held: Supervisor) -> None:
    result = graded(held, (RETURN_EXP, RETURN_EXP.replace("return ", "")))
    assert named(result, "exp", "value") == ["a `return` is missing"]
    assert "dialect" not in check(result, "exp", "value").outcome.detail


def test_an_exception_inside_of_a_formula_is_not_the_dialects(held: Supervisor) -> None:
    outcome = check(graded(held, ("def __rsub__", "def other_rsub")), "number-sub", "value").outcome
    assert outcome.said.startswith("TypeError: unsupported operand")
    assert outcome.detail == ""


@pytest.mark.parametrize("exercise", ["mul", "together"])
def test_what_is_there_to_try_carries_along_the_argument_that_is_wrong(exercise: str, held: Supervisor) -> None:
    shown = check(graded(held, (PRODUCT, "self.der * other.val")), exercise).outcome.counterexample
    assert shown is not None
    assert shown.argument == "y"
    assert re.findall(r"(\w) = Dual\([\d.]+, ([\d.]+)\)", shown.snippet)[:2] == [("x", "0.0"), ("y", "1.0")]


def test_what_is_there_to_try_runs_and_prints_the_wrong_number(held: Supervisor, tmp_path: object) -> None:
    shown = check(graded(held, ("math.cos(x.val) * x.der", "math.cos(x.val)")), "sin").outcome.counterexample
    assert shown is not None
    source = DUAL.replace("math.cos(x.val) * x.der", "math.cos(x.val)")
    lines = shown.snippet.replace("from dual_numbers.dual import sin, Dual; ", "")
    done = subprocess.run(
        [sys.executable, "-c", f"{source}\n{lines}"], cwd=str(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert float(done.stdout) == pytest.approx(float(shown.returned), rel=1e-5)


def test_a_formula_right_along_each_argument_but_not_along_both_is_found(held: Supervisor) -> None:
    one_at_a_time = f"{PRODUCT} if self.der == 0 or other.der == 0 else self.der * other.der"
    result = graded(held, (PRODUCT, one_at_a_time))
    assert check(result, "mul").outcome.reason.startswith("along several arguments at once")


FIVE = """
format: 1
kind: expression
file: dual.py
under_test: [Dual]
checks: {value: 1, tangent: 2}
exercises:
  five: {arguments: {a: 1..3, b: 1..3, p: 1..3, q: 1..3, r: 1..3}, value: a * b + p * q - r}
"""


def test_five_arguments_are_carried_along_at_once_as_two_are(tmp_path: Path) -> None:
    pack = shutil.copytree(PACK, tmp_path / "pack", ignore=shutil.ignore_patterns("submissions", "reports", ".grader"))
    (pack / "exercises" / "03-five.yaml").write_text(FIVE)
    assignment = config.load(pack / "config.yaml")
    box, _ = cohort.open_box(assignment)
    with Supervisor(box, 914) as opened:
        prepared = cohort.plan(assignment, box, 1)
        assert prepared.faults == {}
        right = Grader(prepared, opened).grade(Submission("s", {"dual": ("dual.py", DUAL.encode())}))
        slip = DUAL.replace(PRODUCT, f"{PRODUCT} if self.der == 0 or other.der == 0 else self.der * other.der")
        wrong = Grader(prepared, opened).grade(Submission("s", {"dual": ("dual.py", slip.encode())}))
    assert "five" not in lost(right)
    assert check(wrong, "five").outcome.reason.startswith("along several arguments at once")


@pytest.mark.parametrize("one", [*misconceptions.COMMON, *misconceptions.RARER], ids=lambda one: one.name[:60])
def test_no_name_in_forward_mode_speaks_of_what_is_sent_back(one: Diagnosis) -> None:
    said = carried_along.reworded(Diagnosis(one.name, one.why))
    text = f"{said.name} {said.why}"
    assert not re.search("backward|forward|saved|gradient|graph", text.replace("a step forward", "")), text
    assert said.why[:1].isupper() or said.why.startswith(("d_out", "int()", "round()"))


def test_who_hands_in_another_interface_is_told_what_is_asked_for(held: Supervisor) -> None:
    engine = (ROOT / "examples" / "micrograd" / "reference" / "engine.py").read_bytes()
    result = Grader(plan(), held).grade(Submission("s", {"dual": ("dual.py", engine)}))
    (reason,) = {one.outcome.reason for exercise in result.exercises for one in exercise.checks}
    assert reason == "these files are in the interface micrograd, and this assignment asks for Dual"
