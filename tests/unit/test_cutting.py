"""The template is cut to what an assignment asks: what is to be written, what is given, what is left out."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from grader.bundle import cutting
from grader.bundle.cutting import Cut
from grader.grading import config
from grader.selfcheck import making
from tests.conftest import ROOT

PACKS = ("config.yaml", *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("examples/*/config.yaml"))))
HELD = {
    "config.yaml": {"Context.save_for_backward"},
}
"""Config -> what its handout gives with its solution. All others give nothing away."""


def cut(path: Path) -> tuple[Cut, list[str]]:
    assignment = config.load(path)
    said: list[str] = []
    runs = {one.id: one.runs for one in making.prepare(assignment).exercises}
    return cutting.cut(assignment, runs, said.append), said


def course(folder: Path, *exercises: str) -> Path:
    """Lay out the main course with these exercises only."""
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, folder / name)
    text = (ROOT / "config.yaml").read_text().replace("[exercises/lecture8]", f"[{', '.join(exercises)}]")
    (folder / "config.yaml").write_text(text)
    return folder / "config.yaml"


def defined(text: str) -> set[str]:
    return {node.name for node in ast.parse(text).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


@pytest.mark.parametrize("name", PACKS)
def test_each_thing_asked_is_a_todo_and_nothing_else_is(name: str) -> None:
    assignment = config.load(ROOT / name)
    made, said = cut(ROOT / name)
    asked = {(one.module, word) for one in assignment.exercises for word in one.under_test}
    for module, text in made.texts.items():
        compile(text, module, "exec")
        theirs = {part for found, part in made.asked if found == module}
        assert cutting.unwritten(text, theirs) == []
        assert set(cutting.unwritten(text, ())) == theirs
        together = any(one.own_files for one in assignment.exercises)
        assert together or all((module, part.partition(".")[0]) in asked for part in theirs)
    assert {part for _, part in made.given} == HELD.get(name, set())
    assert len([one for one in said if one.startswith("gave ")]) == len(HELD.get(name, ()))


def test_lecture_8_has_no_module_and_no_solution_of_module_1() -> None:
    made, said = cut(ROOT / "config.yaml")
    assert sorted(made.texts) == ["autodiff", "lecture8", "scalar_functions"]
    assert defined(made.texts["autodiff"]) == {"Variable", "Context"}
    assert "def apply" not in made.texts["scalar_functions"]
    assert "import operators" not in made.texts["scalar_functions"]
    assert "class Sigmoid" not in made.texts["scalar_functions"]
    assert "def chained" not in made.texts["lecture8"]
    assert any(one.startswith("gave Context.save_for_backward (autodiff.py) with its solution") for one in said)
    assert any(one.startswith("left out") and "operators.py, scalar.py" in one for one in said)


def test_module_1_leaves_out_what_only_lecture_8_asks() -> None:
    made, said = cut(ROOT / "examples" / "module1" / "config.yaml")
    assert defined(made.texts["lecture8"]) == {"TimesFive", "Square", "chained", "h", "backpropagate"}
    assert not {"map", "zipWith", "exp_back"} & defined(made.texts["operators"])
    assert any(one.startswith("sigmoid_back (operators.py) is left to students: all-together runs it") for one in said)


def test_what_a_walk_runs_through_is_given_solved_and_said(tmp_path: Path) -> None:
    made, said = cut(course(tmp_path, "exercises/lecture8/graphs/04-queue.yaml"))
    assert {part for _, part in made.asked} == {"backpropagate"}
    given = {part for _, part in made.given}
    assert {"Scalar.chain_rule", "ScalarFunction.apply", "Context.save_for_backward", "Mul.backward"} <= given
    assert "topological_sort" in given  # of autodiff.backpropagate, which Scalar.backward calls
    assert len([one for one in said if one.startswith("gave ")]) == len(given)


def test_of_a_class_asked_for_its_forward_no_backward_is_left(tmp_path: Path) -> None:
    made, _ = cut(course(tmp_path, "exercises/lecture8/01-times-five-forward.yaml"))
    assert {part for _, part in made.asked} == {"TimesFive.forward"}
    assert "def backward" not in made.texts["lecture8"]
    assert defined(made.texts["lecture8"]) == {"TimesFive"}


def test_everything_a_network_runs_stays_to_be_written(tmp_path: Path) -> None:
    made, said = cut(course(tmp_path, "exercises/module1/35-all-together.yaml"))
    assert made.given == frozenset()
    assert {"Scalar.chain_rule", "backpropagate", "ScalarFunction.apply"} <= {part for _, part in made.asked}
    assert all("is left to students: all-together runs it" in one or one.startswith("left out") for one in said)


SOURCE = '''"""A module."""

import math
from typing import TYPE_CHECKING, Any

from .other import gone, kept

if TYPE_CHECKING:
    from .third import Third


# what dropped is for
def dropped(x: Third) -> Any:
    # solution: a root
    return gone(math.sqrt(x))
    # end solution


def square(x):
    """Return x²."""
    # solution: the square
    return kept(x) * x
    # end solution


# solution: a helper
def _helper():
    return 1


# end solution
'''


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "reference"
    folder.mkdir()
    (folder / "ours.py").write_text(SOURCE)
    (folder / "other.py").write_text("def gone(x):\n    return x\n\n\ndef kept(x):\n    return x\n")
    (folder / "third.py").write_text("class Third:\n    pass\n")
    (folder / "__init__.py").write_text("from .ours import square\nfrom .third import Third\n")
    (folder / "README.student.md").write_text("# Small\n")
    (tmp_path / "square.yaml").write_text(
        "format: 1\nkind: values\nid: square\ntitle: Square\nstatement: The square.\nfile: ours.py\nfunction: square\n"
        "arguments: {x: real}\nvalue: x * x\nchecks: {value: 1}\n"
    )
    (tmp_path / "config.yaml").write_text(
        "format: 1\nassignment: small\ntitle: Small\nexercises: [square.yaml]\n"
        "layout: {package: small, modules: [third, other, ours], reference: reference}\n"
    )
    return tmp_path / "config.yaml"


def test_comments_and_imports_go_with_what_goes(small: Path) -> None:
    made, _ = cut(small)
    assert made.texts["ours"] == (
        '"""A module."""\n\nfrom .other import kept\n\n\ndef square(x):\n    """Return x²."""\n    # TODO: the square\n'
        '    raise NotImplementedError("the square")\n\n\n# TODO: a helper\n'
    )
    assert "third" not in made.texts
    assert made.packages["__init__"] == "from .ours import square\n"


def test_what_is_no_solution_stays_where_all_it_uses_is_there(small: Path) -> None:
    made, _ = cut(small)
    assert defined(made.texts["other"]) == {"gone", "kept"}
    ours = small.parent / "reference" / "ours.py"
    ours.write_text(SOURCE + "\n\ndef both(x):\n    return dropped(x)\n\n\ndef alone(x):\n    return x\n")
    made, said = cut(small)
    assert defined(made.texts["ours"]) == {"square", "alone"}
    assert "left out, as nothing asked needs it: third.py, both (ours.py), dropped (ours.py)" in said
