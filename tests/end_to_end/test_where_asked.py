"""Where an exercise is asked, and for which gradients: half-open and joint domains, whole numbers, constants."""

from __future__ import annotations
import __future__

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.assignment import exercises
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError
from grader.cli import main
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, from_formulas, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.oracle.inputs import draw
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import prepared
from tests.conftest import ROOT
from tests.small_courses import laid_out

EXERCISES = """format: 1
file: functions.py
checks: {forward: 1, backward: 1, contract: 1}
exercises:
  power:
    class: Power
    arguments: {x: real, n: whole 0..4}
    value: x ** n
    without_gradient: [n]
    misconceptions:
      - returns: [x ** n * d_out]
        say: the power is one too high
  angle: {class: Angle, arguments: {x: 0 < x <= 1}, value: log(x) + sqrt(2 - x)}
  gap: {class: Gap, arguments: {x: -50..50, y: -50..50}, condition: "x < y", value: log(y - x)}
"""

REFERENCE = '''"""Functions whose arguments may not be everything."""

from __future__ import annotations

import math


class Power:
    """x to the n."""

    @staticmethod
    def forward(ctx, x, n):
        # solution: return x ** n
        ctx.save_for_backward(x, n)
        return x**n
        # end solution

    @staticmethod
    def backward(ctx, d_out):
        # solution: return the gradient by x
        x, n = ctx.saved_values
        return (n * x ** (n - 1) if n else 0.0) * d_out, None
        # end solution


class Angle:
    """log(x) + sqrt(2 - x)."""

    @staticmethod
    def forward(ctx, x):
        # solution: return the value
        ctx.save_for_backward(x)
        return math.log(x) + math.sqrt(2 - x)
        # end solution

    @staticmethod
    def backward(ctx, d_out):
        # solution: return the gradient
        (x,) = ctx.saved_values
        return (1 / x - 0.5 / math.sqrt(2 - x)) * d_out
        # end solution


class Gap:
    """log(y - x)."""

    @staticmethod
    def forward(ctx, x, y):
        # solution: return the value
        ctx.save_for_backward(x, y)
        return math.log(y - x)
        # end solution

    @staticmethod
    def backward(ctx, d_out):
        # solution: return the gradients
        x, y = ctx.saved_values
        return -d_out / (y - x), d_out / (y - x)
        # end solution
'''

CONFIG = """format: 1
assignment: where
title: "Where functions are asked"
exercises: [exercises]
layout: {package: "", modules: [functions], reference: reference}
corpus: {seed: "5b1d2f60a1b94e03", public: 50, private: 50}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The config of a course with these exercises."""
    files = {"config.yaml": CONFIG, "exercises/a.yaml": EXERCISES, "reference/functions.py": REFERENCE}
    return laid_out(tmp_path_factory.mktemp("course"), files)


@pytest.fixture(scope="module")
def where(path: Path) -> Plan:
    """Those exercises, prepared."""
    made = planning.prepare(config.load(path))
    assert made.faults == {}
    return made


@pytest.fixture
def lost(where: Plan, supervisor: Supervisor) -> Callable[[str, str], set[str]]:
    """Return what is lost where one text of the reference is another."""

    def of(old: str, new: str) -> set[str]:
        assert old in REFERENCE
        source = REFERENCE.replace(old, new).encode()
        result = Grader(where, supervisor).grade(Submission("s", {"functions": ("functions.py", source)}))
        return {
            f"{one.id} {check.name}"
            for one in result.exercises
            for check in one.checks
            if check.outcome.verdict != "accepted"
        }

    return of


RETURNED = "return (n * x ** (n - 1) if n else 0.0) * d_out, None"
BY_X = "(n * x ** (n - 1) if n else 0.0) * d_out"


@pytest.mark.parametrize(
    "new",
    [
        f"return {BY_X}",
        f"return ({BY_X},)",
        f"return [{BY_X}]",
        f"return {BY_X}, 0.0",
        f"return {BY_X}, 0",
        f"return {BY_X}, 7.5",
        f"return {BY_X}, math.nan",
        f"return [{BY_X}, 'no gradient']",
        f"return {BY_X}, x**n * math.log(abs(x) + 1) * d_out",
    ],
)
def test_a_gradient_that_is_not_asked_may_be_anything(new: str, lost: Callable[[str, str], set[str]]) -> None:
    assert lost(RETURNED, new) == set()


@pytest.mark.parametrize(
    "new",
    [
        "return None",
        "return (None, 0.0)",
        f"return 0.0, {BY_X}",
        f"return {BY_X}, 0.0, 0.0",
        "return ()",
        "return n * x ** n * d_out, None",
        "return (n * x ** (n - 1) if n else 0.0), None",
        "return (n * x ** (n - 1) if n else 1.0) * d_out, None",
        f"return abs({BY_X}), None",
        "return n * abs(x) ** (n - 1) * d_out, None",
        "return (n - (n > 3)) * x ** (n - 1) * d_out if n else 0.0",
    ],
)
def test_the_gradient_that_is_asked_is_judged(new: str, lost: Callable[[str, str], set[str]]) -> None:
    assert {"power backward"} <= lost(RETURNED, new) <= {"power backward", "power contract"}


def test_a_context_that_is_shared_is_seen_where_a_gradient_is_not_asked(
    lost: Callable[[str, str], set[str]],
) -> None:
    kept = lost("ctx.save_for_backward(x, n)\n        return x**n", "Power.kept = (x, n)\n        return x**n")
    assert "power backward" in kept
    changed = REFERENCE.replace("ctx.save_for_backward(x, n)", "Power.kept = x, n")
    found = lost(REFERENCE, changed.replace("x, n = ctx.saved_values", "x, n = Power.kept"))
    assert found == {"power contract"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return math.log(x) + math.sqrt(2 - x)", "return math.log(x) + math.sqrt(2 - x) if x < 1 else 0.0"),
        ("return math.log(x) + math.sqrt(2 - x)", "assert 0 < x <= 1\n        return math.log(x) + math.sqrt(2 - x)"),
        ("return math.log(y - x)", "assert x < y\n        return math.log(y - x)"),
        ("return x**n", "assert n in range(5)\n        return x**n"),
        ("return x**n", "return math.prod([x] * int(n))"),
        ("return x**n", "return x**n if n < 4 else x**3"),
        ("return x**n", "return x**n if n else 0.0"),
        ("return x**n", "return math.exp(n * math.log(abs(x))) if x else 0.0"),
    ],
)
def test_the_domain_is_asked_to_its_ends_and_not_beyond(
    old: str, new: str, lost: Callable[[str, str], set[str]]
) -> None:
    right = "assert" in new or "prod" in new
    found = {one for one in lost(old, new) if one.endswith("forward")}
    assert bool(found) is not right


def test_every_point_that_is_drawn_may_be_asked(where: Plan) -> None:
    for half in (where.public, where.private):
        inputs = {name: [one.args for one in half[name].corpus.inputs] for name in half}
        assert {n for _, n in inputs["power"]} == {0.0, 1.0, 2.0, 3.0, 4.0}
        assert min(x for x, _ in inputs["power"]) < 0 < max(x for x, _ in inputs["power"])
        assert all(0 < x <= 1 for (x,) in inputs["angle"])
        assert (1.0,) in inputs["angle"]
        assert all(x < y for x, y in inputs["gap"])
        assert min(y - x for x, y in inputs["gap"]) < 1 and any(x > 0 for x, _ in inputs["gap"])


def test_a_handout_knows_what_is_asked_where(where: Plan) -> None:
    for exercise in where.assignment.exercises:
        kind, half = KINDS[exercise.kind], where.public[exercise.id]
        opened = prepared.opened(prepared.sealed(kind, exercise, exercise.points, half))
        assert opened.exercise.spec == exercise.spec
        assert opened.half.ask == half.ask
    gap = where.assignment.exercises[2].spec.formulas
    assert gap.value.holds((1.0, 2.0)) and not gap.value.holds((2.0, 2.0))


def test_a_trace_blames_no_gradient_that_is_not_asked(path: Path) -> None:
    folder = path.parent / "theirs"
    folder.mkdir()
    for written, status in ((REFERENCE, "✓ n  0"), (REFERENCE.replace("(n - 1) if", "n if"), "first wrong step")):
        (folder / "functions.py").write_text(written)
        command = [sys.executable, "-m", "grader", "trace", "power", "--config", str(path), "--submission", str(folder)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert status in done.stdout
        assert "for n" not in done.stdout.replace("0 for n", "")


def test_what_is_made_from_the_formula_has_no_gradient_there_either(where: Plan) -> None:
    exercise = where.assignment.exercises[0]
    original = ast.parse("class Power(Base): pass").body[0]
    made = from_formulas.node(exercise, "Power", original)
    assert made is not None
    code = ast.Module([*ast.parse("class Base: pass").body, *from_formulas.prelude(["class"]), made], [])
    space: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(code), "made", "exec", __future__.annotations.compiler_flag, True), space)
    context = SimpleNamespace(saved_values=(-2.0, 3.0))
    assert space["Power"].backward(context, 2.0) == (24.0, 0.0)


@pytest.mark.parametrize("back", ["* d_out, 0.0", "* d_out", "* d_out, n"])
def test_however_no_gradient_is_written_the_audit_proves_it(
    back: str, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    assert REFERENCE.count("* d_out, None") == 1
    (tmp_path / "reference" / "functions.py").write_text(REFERENCE.replace("* d_out, None", back))
    (tmp_path / "exercises" / "a.yaml").write_text(EXERCISES.partition("  angle:")[0])
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


def test_the_audit_proves_them(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit = ["audit", "--config", str(path), "--seeds", "1", "--reference-seeds", "3", "--jobs", "2"]
    assert main(audit) == 0, capsys.readouterr().out


def one(**changed: str) -> Exercise:
    """Read an exercise with some of its keys changed."""
    keys = {
        "arguments": "{x: real, y: real}",
        "value": "x + y",
        "class": "F",
        "id": "f",
        "title": "F",
        "statement": "F.",
        "file": "a.py",
        "checks": "{forward: 1}",
        "format": "1",
        **changed,
    }
    return exercises.decode("".join(f"{key}: {text}\n" for key, text in keys.items()).encode(), "e.yaml", KINDS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0 < x <= 1", (0.0, 1.0, True, False)),
        ("0 <= x < 1", (0.0, 1.0, False, True)),
        ("-1.5 < x < 1e3", (-1.5, 1000.0, True, True)),
        ("x > 0", (0.0, 1e4, True, True)),
        ("x >= -2", (-2.0, 1e4, False, True)),
        ("x < 3", (-1e4, 3.0, True, True)),
        ("x <= 2e4", (-1e4, 2e4, True, False)),
        ("whole", (-100.0, 100.0, False, False)),
        ("whole 1..6", (1.0, 6.0, False, False)),
        ("whole x >= 2", (2.0, 102.0, False, True)),
    ],
)
def test_a_domain_reads_as_it_is_written(text: str, wanted: tuple[float, float, bool, bool]) -> None:
    (domain, _) = one(arguments=f"{{x: {text}, y: real}}").spec.formulas.domains
    assert (domain.lo, domain.hi, domain.lo_open, domain.hi_open) == wanted
    assert domain.whole == text.startswith("whole")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"arguments": "{x: 1 < y <= 2, y: real}"}, "e.yaml:1:16: domain '1 < y <= 2' of x should be one of real, "),
        ({"arguments": "{x: 2 < x < 1, y: real}"}, "an inequality like 0 < x <= 1"),
        ({"arguments": "{x: 1 < x > 0, y: real}"}, "domain '1 < x > 0' of x should be"),
        ({"arguments": "{x: a < x, y: real}"}, "domain 'a < x' of x should be"),
        ({"arguments": "{x: whole 0 < x < 2, y: real}"}, "domain 'whole 0 < x < 2' of x should be"),
        ({"arguments": "{x: wohle, y: real}"}, "did you mean 'whole'?"),
        ({"condition": "x < z"}, "e.yaml:10:16: in 'x < z': unknown name 'z'"),
        ({"condition": "x + y"}, "e.yaml:10:12: condition 'x + y' should be a comparison, like x < y; several are"),
        ({"condition": "x < y", "inputs": "[{x: 2, y: 1}]"}, "e.yaml:11:10: x < y does not hold here"),
        ({"without_gradient": "[z]"}, "e.yaml:10:20: 'z' should be one of the arguments, x, y, named once"),
        ({"without_gradient": "[x, x]"}, "'x' should be one of the arguments, x, y, named once"),
        ({"without_gradient": "[x, y]"}, "by one argument at least a gradient is asked; leave that one out"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_place(changed: dict[str, str], said: str) -> None:
    with pytest.raises(FormError) as caught:
        one(**changed)
    assert said in str(caught.value)


def test_several_conditions_hold_together() -> None:
    formulas = one(condition='["x < y", "x + y > 0"]').spec.formulas
    corpus = draw(formulas.domains, formulas.value, 200, "seed")
    assert all(x < y and x + y > 0 for x, y in (each.args for each in corpus.inputs))
    assert any(x < 0 for x, _ in (each.args for each in corpus.inputs))


def test_a_condition_that_nearly_never_holds_is_our_fault() -> None:
    formulas = one(condition="abs(x - y) < 1e-9").spec.formulas
    with pytest.raises(ValueError, match="inputs can be drawn from its domain; widen it or ask for fewer"):
        draw(formulas.domains, formulas.value, 50, "seed")
