"""What is planted: each slip once, only where students write, and nothing that is no mistake."""

from __future__ import annotations

import ast
import textwrap

import pytest

from grader.assignment.domains import DOMAINS
from grader.assignment.formulas import Formulas
from grader.audit import plants
from grader.audit.mutants import machinery, styles, syntax, table
from grader.grading import config
from grader.oracle.expressions import parse
from grader.oracle.inputs import draw
from tests.conftest import ROOT


def planted(source: str, name: str, numeric: bool = True) -> list[str]:
    return [one.what for one in syntax.mistakes("m", textwrap.dedent(source), [name], numeric)]


def test_every_slip_of_a_line_is_planted_once() -> None:
    found = planted("def f(x, y):\n    return 2 * x - y\n", "f")
    assert [one.removeprefix("return 2 * x - y → ") for one in found] == [
        "2 * x - y",
        "return -(2 * x - y)",
        "return 2 * x + y",
        "return 2 * x",
        "return y",
        "return 2 + x - y",
        "return 2 - y",
        "return x - y",
        "return 3 * x - y",
        "return 2 * y - y",
        "return 2 * x - x",
    ]


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        ("if x < y: pass", "if x <= y:"),
        ("if x < y: pass", "if not x < y:"),
        ("total += x", "total = x"),
        ("total += x", "total -= x"),
        ("for one in x: pass", "for one in list(x)[1:]:"),
        ("return x if y else 0.0", "return 0.0 if y else x"),
        ("return [one for one in x if one]", "return [one for one in x]"),
        ("return x is None and y", "return x is None or y"),
        ("return x is None and y", "return y"),
        ("return g(x, y)", "return g(y, x)"),
        ("return math.exp(x)", "return x"),
        ("store.append(x)", "pass"),
        ("return (x, y)", "return (y, x)"),
    ],
)
def test_a_slip_of_each_kind(line: str, slip: str) -> None:
    assert any(one.endswith(f"→ {slip}") for one in planted(f"def f(x, y):\n    {line}\n", "f"))


def test_only_what_students_write_is_touched() -> None:
    source = """
    class Square:
        def forward(ctx, x):
            given = x + 1
            # solution: save
            ctx.save_for_backward(x)
            # end solution
            return given

        def other(self):
            return 1 + 1
    """
    assert planted(source, "Square") == ["ctx.save_for_backward(x) → pass"]
    assert planted(source, "Circle") == []


def test_everything_planted_is_python_and_differs_from_the_reference() -> None:
    source = (ROOT / "reference" / "lecture8.py").read_text()
    found = list(syntax.mistakes("lecture8", source, ["Mul", "LogPlusExp"], True))
    assert len({one.source for one in found}) == len(found)
    for one in found:
        assert ast.dump(ast.parse(one.source)) != ast.dump(ast.parse(source))


def formulas(value: str, *names: str) -> Formulas:
    return Formulas(names, tuple(DOMAINS["real"] for _ in names), parse(value, names))


def of_the_table(value: str, *names: str) -> set[str]:
    of = formulas(value, *names)
    return {one.what for one in table.gradients("m", "", "F", of, draw(of.domains, of.value, 50, "1"))}


def test_what_is_no_mistake_for_a_formula_is_not_planted() -> None:
    curved, line = of_the_table("x ** 3", "x"), of_the_table("5 * x", "x")
    assert {"taken at x · d_out", "taken at x + 1", "d_out forgotten"} <= curved
    assert not {"taken at x · d_out", "taken at x + 1"} & line
    assert of_the_table("x < y", "x", "y") == {
        "d_out alone",
        "the value for the derivative",
        "d_out added",
        "a constant too much",
    }
    assert "the gradients swapped" in of_the_table("x * y", "x", "y")
    assert "the gradients swapped" not in of_the_table("x + y", "x", "y")


def test_what_builds_on_a_function_that_is_not_there_is_not_planted() -> None:
    alone = {one.what for one in machinery.mistakes("m", "def backpropagate(v, d): pass", ["backpropagate"])}
    both = "def topological_sort(v): pass\ndef backpropagate(v, d): pass"
    assert alone < {one.what for one in machinery.mistakes("m", both, ["backpropagate"])}


def test_styles_that_a_context_has_nothing_for_are_left_out() -> None:
    source = (ROOT / "reference" / "lecture8.py").read_text()
    context = (ROOT / "reference" / "autodiff.py").read_text()
    every = {one.what for one in styles.functions("lecture8", source, "Square", context, True)}
    assert every == {*styles.STYLES, *styles.BARE}
    assert "saved values by their other name" not in {
        one.what for one in styles.functions("lecture8", source, "Square", "", False)
    }


def test_exercises_on_the_same_code_are_audited_together() -> None:
    exercises = config.load(ROOT / "examples" / "module1" / "config.yaml").exercises
    assert plants.together(exercises, ["chain-rule"]) == ("scalar-operators", "scalar-roles", "chain-rule")
    assert plants.together(exercises, ["op-mul"]) == ("op-mul",)


def test_slips_that_read_alike_are_told_apart() -> None:
    twice = "def f(x):\n    g(x)\n    g(x)\n"
    assert planted(twice, "f") == ["g(x) → pass", "g(x) → pass (no. 2)"]
