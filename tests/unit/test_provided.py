"""What is provided: what a unit needs of the reference, nothing under test, and no solution to another exercise."""

from __future__ import annotations

import marshal
from types import SimpleNamespace
from typing import Any

import pytest

from grader.assignment.kind import Needs
from grader.grading import config, needs, planning, provided, units
from grader.grading.config import Assignment
from grader.grading.needs import Held
from grader.grading.provided import Holding, Part
from tests.conftest import ROOT

MODULE1 = ROOT / "examples" / "module1" / "config.yaml"
OLDER = tuple(ROOT / "examples" / f"minitorch-{year}" / "config.yaml" for year in (2020, 2021))


def holding(*under_test: str) -> Holding:
    return Holding([("lecture8", name) for name in under_test], {}, Held(frozenset(), {}, frozenset()))


@pytest.mark.parametrize("rest", ["", '"""Scalars."""\n', "import math\nfrom .autodiff import Context\n"])
def test_where_nothing_is_left_there_is_no_code(rest: str) -> None:
    assert provided.part(f"{rest}class Square: pass\n", "lecture8", holding("Square")) == Part(b"", ())


@pytest.mark.parametrize("rest", ["Context.kept = ()", "for name in (): pass", "setattr(Context, 'kept', ())"])
def test_what_defines_no_name_but_changes_something_is_run(rest: str) -> None:
    source = f"from .autodiff import Context\n{rest}\nclass Square: pass\n"
    part = provided.part(source, "lecture8", holding("Square"))
    assert part.names == ()
    names: dict[str, object] = {"__package__": "p", "__name__": "p.lecture8"}
    with pytest.raises(ImportError):  # it gets as far as its first line
        exec(marshal.loads(part.code), names)


REFERENCE = '''
"""A module."""

from __future__ import annotations

LIMIT = 3


def helper(x):
    return x


def asked_and_needed(x):
    return helper(x) + LIMIT


def asked_only(x):
    return "the solution"
'''


def test_what_another_exercise_asks_for_is_left_out_unless_it_is_needed() -> None:
    asked = {"tools": frozenset({"asked_and_needed", "asked_only"})}
    held = Held(frozenset({("tools", "asked_and_needed")}), {}, frozenset({"tools"}))
    part = provided.part(REFERENCE, "tools", Holding((), asked, held))
    assert part.names == ("LIMIT", "helper", "asked_and_needed")
    assert part.spare == ("asked_only",)
    assert b"the solution" not in part.code


def test_a_module_that_nothing_leads_to_is_hollow_all_through() -> None:
    asked = {"tools": frozenset({"asked_only"})}
    part = provided.part(REFERENCE, "tools", Holding((), asked, Held(frozenset(), {}, frozenset())))
    assert (part.code, part.names, part.spare) == (b"", (), ("helper", "asked_and_needed", "asked_only"))


def test_a_module_that_nobody_has_to_write_is_course_material_and_whole() -> None:
    held = Held(frozenset(), {}, frozenset())
    part = provided.part(REFERENCE, "tools", Holding((), {}, held))
    assert len(part.names) == 4


def held_of(assignment: Assignment) -> dict[str, Held]:
    """What each unit of an assignment holds, by its first exercise."""
    first = [unit.exercises[0] for unit in planning.prepare(assignment).units if unit.provided]
    return {one.id: units.held(assignment, one) for one in first}


@pytest.mark.slow
def test_what_each_unit_of_the_course_holds_of_what_others_ask_for() -> None:
    """The whole of it, so that no more comes in unseen. What is made is made from a formula."""
    held = {id: sorted(name for _, name in one.whole) for id, one in held_of(config.load(MODULE1)).items()}
    machine = ["Context", "Scalar", "ScalarFunction"]
    assert held == {
        "chained": sorted([*machine, "Square", "TimesFive"]),
        "h": machine,
        "square-history": machine,
        "queue-backpropagation": sorted([*machine, "backpropagate", "topological_sort"]),
        "op-mul": [],
        "central-difference": [],
        "context": [],
        "function-add": ["Context"],
        "apply": ["Context", "Scalar"],
        "scalar-operators": ["Context", "ScalarFunction"],
        "topological-sort": machine,
        "backpropagate": sorted([*machine, "topological_sort"]),
    }


@pytest.mark.slow
def test_no_unit_holds_a_function_beside_a_function_under_test() -> None:
    for path in (MODULE1, *OLDER, ROOT / "config.yaml"):
        assignment = config.load(path)
        kinds = {one.id: one.kind for one in assignment.exercises}
        for id, held in held_of(assignment).items():
            made = {one.kind for one in held.made.values()}
            assert made <= ({"values"} if kinds[id] == "function" else {"values", "function"}), id
            if kinds[id] in ("values", "context", "difference"):
                assert not made and not held.whole


def test_beside_a_function_under_test_another_is_the_references() -> None:
    """A box that is built of another file's boxes cannot be run without them."""
    sources = {"parts": "class Mul: pass\n", "whole": "from .parts import Mul\nclass Cube:\n    of = Mul\n"}
    cube: Any = SimpleNamespace(kind="function", module="whole", under_test=("Cube",))
    mul: Any = SimpleNamespace(kind="function", module="parts", under_test=("Mul",))
    held = needs.held([cube], Needs(bases=False), {("parts", "Mul"): mul}, sources)
    assert (held.whole, held.made) == (frozenset({("parts", "Mul")}), {})
    graph: Any = SimpleNamespace(kind="graph", module="whole", under_test=("Cube",))
    assert needs.held([graph], Needs(), {("parts", "Mul"): mul}, sources).made == {("parts", "Mul"): mul}


def names_of(part: Part, space: dict[str, Any]) -> dict[str, Any]:
    exec(marshal.loads(part.code), space)
    return space


@pytest.mark.slow
def test_what_is_made_behaves_as_the_reference_does() -> None:
    """The functions of the course on the numbers graphs are made of, forward and backward."""
    import reference.operators
    import reference.scalar_functions
    from reference.autodiff import Context

    units = {unit.exercises[0].id: unit for unit in planning.prepare(config.load(MODULE1)).units}
    package: dict[str, Any] = {"__package__": "reference", "__name__": "reference.made"}
    made = names_of(units["backpropagate"].provided["scalar_functions"], dict(package))
    for name in ("Add", "Mul", "Inv", "Neg", "Log", "Exp", "Sigmoid", "ReLU", "LT", "EQ"):
        ours, theirs = made[name], getattr(reference.scalar_functions, name)
        assert "operators" not in ours.forward.__code__.co_names
        for point in ((2.0, 3.0), (0.25, 0.25), (7.5, -1.0), (1.0, 40.0)):
            args = point[: theirs.forward.__code__.co_argcount - 1]
            a, b = Context(), Context()
            assert ours.forward(a, *args) == pytest.approx(theirs.forward(b, *args), rel=1e-14)
            assert ours.backward(a, -1.5) == pytest.approx(theirs.backward(b, -1.5), rel=1e-14), name
    values = names_of(units["function-add"].provided["operators"], dict(package))
    for name in ("mul", "log_back", "inv_back", "relu_back", "max", "lt", "is_close", "sigmoid"):
        ours, theirs = values[name], getattr(reference.operators, name)
        for x, y in ((2.0, 3.0), (0.5, 0.5), (4.0, -1.0)):
            args = (x, y)[: theirs.__code__.co_argcount]
            assert ours(*args) == pytest.approx(float(theirs(*args)), rel=1e-14), name


def test_what_a_formula_may_hold_can_be_made() -> None:
    """Every function and operator of the exercise language, with its slope against the oracle's."""
    import ast

    from grader.grading.from_formulas import FUNCTIONS, node, prelude
    from grader.oracle import dual
    from grader.oracle.expressions import parse
    from reference.autodiff import Context

    assert {*dual.ONE_ARGUMENT, *dual.TWO_ARGUMENTS} == set(FUNCTIONS)
    texts = [f"{name}(x)" for name in dual.ONE_ARGUMENT] + [f"{name}(x, y) * x" for name in dual.TWO_ARGUMENTS]
    texts += [
        "x + 2 - y",
        "-x * y / 3",
        "x / y",
        "1 / (x + y)",
        "x ** y",
        "x ** 3",
        "2 ** x",
        "+x - 1",
        "5 - x",
        "x ** 0",
    ]
    texts += ["where(x < y, x * x, log(y))", "(x > y) * x", "(x >= 1) + x", "(x <= y) * y", "(x == y) + (x != y) * x"]
    texts += ["pi * x + e ** y", "7", "inv(x * 2)"]
    for text in texts:
        expression = parse(text, ["x", "y"])
        exercise: Any = SimpleNamespace(
            kind="function", spec=SimpleNamespace(formulas=SimpleNamespace(arguments=("x", "y"), value=expression))
        )
        tree = ast.Module([*prelude(["class"]), node(exercise, "F", ast.parse("class F: pass").body[0])], [])  # type: ignore[list-item]
        space: dict[str, Any] = {}
        exec(compile(ast.fix_missing_locations(tree), "made", "exec"), space)
        for point in ((0.7, 1.9), (2.5, 0.3)):
            ctx = Context()
            answer = expression.answer(point)
            assert space["F"].forward(ctx, *point) == pytest.approx(answer.value, rel=1e-14), text
            found = space["F"].backward(ctx, 2.0)
            assert found == pytest.approx([2.0 * lo for lo, _ in answer.partials], rel=1e-12), text
