"""`grader new exercise`: a table of formulas, each written, held to the exact derivative, and audited."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from grader import cli
from grader.assignment.domains import DOMAINS
from grader.assignment.exercise import Equivalent
from grader.authoring import derivatives, sameness, solving
from grader.judging import bands
from grader.model import Domain, Input
from grader.oracle import dual
from grader.oracle.expressions import parse
from grader.oracle.inputs import draw
from tests.small_courses import with_one_exercise

TABLE: dict[str, str] = {
    # every function of the formula language, alone
    "log(x)": "x=positive",
    "exp(x)": "x=real",
    "sqrt(x)": "x=positive",
    "inv(x)": "x=nonzero",
    "sin(x)": "x=real",
    "cos(-x)": "x=real",
    "tan(x)": "x=-1..1",
    "tanh(x)": "x=real",
    "sigmoid(x)": "x=real",
    "sigmoid(2 * x)": "x=-5..5",
    "relu(x)": "x=real",
    "abs(x)": "x=real",
    "min(x, y)": "x=real y=real",
    "max(x, y)": "x=real y=real",
    "where(x > y, x, y)": "x=real y=real",
    # no function at all, numbers alone, steps
    "x": "x=real",
    "-x": "x=real",
    "x + 1": "x=real",
    "x * 1 + 0": "x=real",
    "x < 2": "x=real",
    "x < y": "x=real y=real",
    "x == y": "x=real y=real",
    # powers and quotients
    "1 / x": "x=nonzero",
    "x ** -2": "x=nonzero",
    "2 ** x": "x=-9..9",
    "x ** x": "x=positive",
    "x ** y": "x=positive y=-3..3",
    "pi * x ** 2": "x=real",
    "e * x + pi": "x=real",
    "x / y": "x=real y=nonzero",
    # kinks in other places than 0, and functions of functions
    "where(x > 1, x ** 2, 2 * x - 1)": "x=real",
    "where(x > 0, x, 0.5 * y)": "x=real y=real",
    "where(x <= 0, exp(x) - 1, x)": "x=real",
    "min(max(x, -1), 1)": "x=real",
    "relu(x) ** 2": "x=real",
    "abs(x) * x": "x=real",
    "abs(x - y)": "x=real y=real",
    "x / (1 + abs(x))": "x=real",
    "x * (x > 0)": "x=real",
    "x * sigmoid(x)": "x=real",
    "log(sigmoid(x))": "x=real",
    "sin(x + y)": "x=real y=real",
    "-(x - y) ** 2": "x=real y=real",
    "sqrt(x ** 2 + y ** 2)": "x=nonzero y=nonzero",
    "log(x * y) + exp(x * y)": "x=positive y=positive",
    # three and four arguments
    "x + y + z": "x=real y=real z=real",
    "x * y + z": "x=real y=real z=real",
    "max(x, max(y, z))": "x=real y=real z=real",
    "where(x > 0, y, z)": "x=real y=real z=real",
    "(x < y) * z": "x=real y=real z=real",
    "relu(x) * sigmoid(y) - tanh(z)": "x=real y=real z=real",
    "tan(x) + cos(y) * sin(z)": "x=-1..1 y=real z=real",
    "x * y * z * w": "x=real y=real z=real w=real",
    "relu(w * x + v * y)": "w=real x=real v=real y=real",
    "max(x, y) - min(z, w)": "x=real y=real z=real w=real",
    "(x + y) / (z * w)": "x=real y=real z=nonzero w=nonzero",
    "log(x) * sqrt(y) / z + inv(w)": "x=positive y=positive z=nonzero w=nonzero",
}
"""Formula -> its arguments with their domains."""

FEW = ("sigmoid(x)", "x + y + z", "min(max(x, -1), 1)", "log(x) * sqrt(y) / z + inv(w)")
"""What the quick tests audit; `make prove` audits all."""


def domains(arguments: str) -> dict[str, Domain]:
    """Read arguments as the table has them."""
    found = {}
    for one in arguments.split():
        name, _, text = one.partition("=")
        lo, dots, hi = text.partition("..")
        found[name] = Domain(float(lo), float(hi)) if dots else DOMAINS[text]
    return found


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one exercise, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return with_one_exercise(tmp_path)


def new(formula: str, arguments: str, *more: str) -> int:
    """Start an exercise called New, and return the exit status."""
    given = [word for one in arguments.split() for word in ("--argument", one)]
    return cli.main(["new", "exercise", "--title", "New", "--statement", "s", *given, f"--value={formula}", *more])


def test_the_table_has_every_function_of_the_formula_language() -> None:
    called = {
        node.func.id
        for formula in TABLE
        for node in ast.walk(ast.parse(formula))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called == {*dual.ONE_ARGUMENT, *dual.TWO_ARGUMENTS, "where"}
    assert {len(arguments.split()) for arguments in TABLE.values()} == {1, 2, 3, 4}


@pytest.mark.parametrize(("formula", "arguments"), TABLE.items())
def test_a_written_solution_gives_exact_values_and_gradients(formula: str, arguments: str, course: Path) -> None:
    assert new(formula, arguments) == 0
    within = domains(arguments)
    corpus = draw(tuple(within.values()), parse(formula, tuple(within)), 200, "written")
    written = _class_of(course)
    for one, answer in zip(corpus.inputs, corpus.answers):
        ctx = _Context()
        assert bands.within(float(written.forward(ctx, *one.args)), bands.value_band(answer)), one
        returned = written.backward(ctx, one.d_out)
        gradients = returned if isinstance(returned, tuple) else (returned,)
        expected = bands.gradient_bands(Input(one.args, one.d_out), answer)
        assert len(gradients) == len(expected)
        assert all(bands.within(float(got), band) for got, band in zip(gradients, expected)), one


class _Context:
    saved_values: tuple[float, ...] = ()

    def save_for_backward(self, *values: float) -> None:
        self.saved_values = values


def _class_of(course: Path) -> Any:
    """Run the class that was written to the end of the reference, alone."""
    source = (course / "reference" / "lecture8.py").read_text()
    alone = "import math\n" + source[source.index("class New(") :]
    names: dict[str, Any] = {"ScalarFunction": object, "Context": _Context}
    exec(compile(alone, "new.py", "exec"), names)
    return names["New"]


@pytest.mark.slow
@pytest.mark.usefixtures("course")
@pytest.mark.parametrize("formula", FEW)
def test_a_new_exercise_passes_its_own_audit(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    _audited(formula, capsys)


@pytest.mark.prove
@pytest.mark.usefixtures("course")
@pytest.mark.parametrize("formula", [one for one in TABLE if one not in FEW])
def test_every_formula_of_the_table_passes_its_audit(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    _audited(formula, capsys)


def _audited(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(formula, TABLE[formula]) == 0
    status = cli.main(["audit", "new", "--seeds", "1", "--reference-seeds", "2", "--jobs", "1"])
    assert status == 0, capsys.readouterr().out


# --- what is listed as no mistake ----------------------------------------------------------------------------------


CLASS = """
class New:
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return {value}

    @staticmethod
    def backward(ctx, d_out):
        x, y = ctx.saved_values
        return {gradients}
"""


def listed(value: str, gradients: str) -> list[str]:
    """Return the changes that are listed as no mistake."""
    source = CLASS.format(value=value, gradients=gradients)
    return [mistake for mistake, _ in sameness.equivalents("new", source, "New")]


def covered(name: str, value: str, gradients: str) -> bool:
    """Say whether a change is listed as no mistake."""
    return any(Equivalent(one, "").is_about(name) for one in listed(value, gradients))


def test_an_order_that_makes_no_difference_is_no_mistake() -> None:
    assert listed("max(x, y)", "x * d_out, 2 * y * d_out") == ["New.forward: return max(x, y) → return max(y, x)"]
    even = listed("math.cos(-x) * y", "x * d_out, 2 * y * d_out")
    assert even == ["New.forward: return math.cos(-x) * y → return math.cos(x) * y"]


def test_a_tie_is_free_only_where_both_sides_meet() -> None:
    tie = "New.forward: return x if x > 1.0 else {0} → return x if x >= 1.0 else {0}"
    assert tie.format("1.0") in listed("x if x > 1.0 else 1.0", "d_out, y * d_out")
    assert tie.format("2.0") not in listed("x if x > 1.0 else 2.0", "d_out, y * d_out")
    assert tie.format("y") not in listed("x if x > 1.0 else y", "d_out, y * d_out")


MEETING = {
    "0.5 * x ** 2 if abs(x) {} y else y * (abs(x) - 0.5 * y)": True,
    "0.5 * x ** 2 if abs(x) {} y else y * (abs(x) - 0.4 * y)": False,
    "x * (x {} 0.0) + y": True,
    "(x + 1.0) * (x {} 0.0) + y": False,
    "x * x if x {} y else x * y": True,
    "max(x, 0.0) if x {} y else y": False,  # they meet where both are positive only
    "math.exp(x) if x {} y else math.exp(y)": True,  # by its form: no fraction is exp(x)
}


@pytest.mark.parametrize("value", MEETING)
@pytest.mark.parametrize(("sign", "other"), [("<", "<="), (">=", ">")])
def test_a_tie_that_comes_to_the_same_is_free(value: str, sign: str, other: str) -> None:
    name = f"New.forward: return {value.format(sign)} → return {value.format(other)}"
    assert covered(name, value.format(sign), "d_out, y * d_out") is MEETING[value]


def test_a_gradient_s_tie_is_free_at_a_border_of_the_formula_only() -> None:
    written, other = (
        "(1.0 if x > {0} else 0.0) * d_out, x * y * d_out",
        "(1.0 if x >= {0} else 0.0) * d_out, x * y * d_out",
    )
    for border, free in (("0.0", True), ("1.0", False)):
        name = f"New.backward: return ({written.format(border)}) → return ({other.format(border)})"
        assert covered(name, "max(x, 0.0)", written.format(border)) is free


def test_a_jump_that_a_gradient_has_in_it_is_exact_at_the_tie() -> None:
    choice, other = "1.0 if x > 0.0 else 2.0", "1.0 if x >= 0.0 else 2.0"
    gradients = f"0.0, ({choice}) * d_out"
    change = f"New.backward: return ({gradients}) → return (0.0, ({other}) * d_out)"
    assert not covered(change, f"({choice}) * y", gradients)
    assert covered(change, "(x if x > 0.0 else 2.0 * x) * y", gradients)


def test_a_border_behind_an_idle_bound_is_one() -> None:
    written, other = "(1.0 if x < 1.0 else 0.0) * d_out, y * d_out", "(1.0 if x <= 1.0 else 0.0) * d_out, y * d_out"
    name = f"New.backward: return ({written}) → return ({other})"
    for bound, free in (("-1.0", True), ("5.0", False)):
        assert covered(name, f"min(max(x, {bound}), 1.0)", written) is free


def test_a_long_name_is_listed_by_what_changes() -> None:
    choice = "1.0 if x > 0.0 else 0.0"
    found = listed(
        "max(x, 0.0)", f"({choice}) * d_out * math.exp(y) * math.cos(y), ({choice}) * y * d_out * math.sin(y)"
    )
    assert found == [
        "New.forward: return max(x, 0.0) → return max(0.0, x)",
        "New.backward: *(1.0 if x > 0.0 else 0.* → *(1.0 if x >= 0.0 else 0.*",  # both of them
    ]


def test_real_mistakes_are_never_listed() -> None:
    assert listed("x * y", "y * d_out, x * d_out") == []
    assert listed("x - y", "x * d_out, -d_out * y") == []


# --- what is written -----------------------------------------------------------------------------------------------


def test_only_what_a_derivative_needs_is_saved(course: Path) -> None:
    assert new("x ** 2 + 3 * y + z", "x=real y=real z=real") == 0
    written = (course / "reference" / "lecture8.py").read_text().partition("class New(")[2]
    assert "ctx.save_for_backward(x)\n" in written
    assert "(x,) = ctx.saved_values\n" in written
    assert "return (2 * x) * d_out, 3.0 * d_out, d_out\n" in written


def test_a_contract_that_nothing_could_break_is_not_asked(course: Path) -> None:
    assert new("x + y", "x=real y=real") == 0
    assert "checks: {forward: 1, backward: 2}\n" in (course / "exercises" / "06-new.yaml").read_text()


@pytest.mark.usefixtures("course")
def test_a_derivative_of_one_s_own_is_held_to_the_formula(capsys: pytest.CaptureFixture[str]) -> None:
    assert new("relu(x)", "x=real", "--derivative", "where(x > 1, 1, 0)") == 2
    assert "the derivative by x of 'relu(x)' is another: at x = " in capsys.readouterr().err
    assert new("relu(x)", "x=real", "--derivative", "where(x >= 0, 1, 0)") == 0


@pytest.mark.usefixtures("course")
def test_a_module_that_lacks_what_a_class_is_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert new("x ** 3", "x=real", "--file", "operators.py") == 2
    said = "operators.py: has no ScalarFunction and no Context, which a class with forward and backward is made of here"
    assert said in capsys.readouterr().err


def test_math_is_imported_where_it_is_not(course: Path) -> None:
    module = course / "reference" / "lecture8.py"
    module.write_text(module.read_text().replace("import math\n", "", 1))
    assert new("exp(x)", "x=real") == 0
    tree = ast.parse(module.read_text())
    assert any(isinstance(one, ast.Import) and one.names[0].name == "math" for one in tree.body)


@pytest.mark.parametrize(
    ("formula", "by"),
    [
        ("x * x", "2 * x"),
        ("x ** 3", "3 * x ** 2"),
        ("x - x", "0"),
        ("5", "0"),
        ("sqrt(x)", "1 / (2 * sqrt(x))"),
        ("abs(2 * x)", "where(2 * x > 0, 2, -2)"),
        ("where(x > 0, x, x)", "1"),
        ("relu(x) ** 2", "2 * relu(x)"),
        ("min(max(x, -1), 1)", "where(x < 1, where(x > -1, 1, 0), 0)"),
        ("relu(relu(x))", "where(x > 0, where(x > 0, 1, 0), 0)"),
    ],
)
def test_derivatives_as_people_write_them(formula: str, by: str) -> None:
    assert derivatives.derivatives(formula, ["x"]) == (by,)


def test_what_would_overflow_is_written_so_that_it_does_not() -> None:
    written = ast.unparse(solving.python("sigmoid(x)", {"x": DOMAINS["real"]}))
    assert written == "math.exp((x - abs(x)) / 2) / (1.0 + math.exp(-abs(x)))"
    assert ast.unparse(solving.python("sigmoid(x)", {"x": DOMAINS["positive"]})) == "1.0 / (1.0 + math.exp(-x))"
