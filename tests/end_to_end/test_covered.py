"""The lines that are marked are those that ran with the input shown, no others; whoever hides from it loses nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.grading.config import Assignment, load
from grader.grading.covering import Onlooker
from grader.grading.grader import Grader
from grader.model import Result, Submission
from grader.reports.audience import for_student
from grader.sandbox.probes.covered import MOST, CoveredReply, CoveredRequest, complete
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.end_to_end.test_cli import folder, grader

__all__ = ["folder"]

HEAD = """\
from .autodiff import Context
from .scalar_functions import ScalarFunction


class Square(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, d_out):
"""
BRANCHES = """\
        (x,) = ctx.saved_values
        if abs(x) < 1e9:
            slope = x
        else:
            slope = 2 * x
        return slope * d_out
"""


def ran(config: str, module: str, source: str, exercise: str, path: str = "") -> tuple[list[str], object]:
    """Grade one file, and return the source of each line that ran with what shows its mistake, and the result."""
    assignment: Assignment = load(ROOT / config, (exercise,))
    box, found = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        plan = cohort.plan(assignment, supervisor, found.tier)
        path = path or f"{module}.py"
        submission = Submission("u1", {module: (path, source.encode())})
        result = Grader(plan, supervisor).grade(submission)
        lines = Onlooker(plan, supervisor).covered(submission, result)
    assert set(lines) <= {exercise}
    text = source.splitlines()
    return [text[line - 1].strip() for line in lines.get(exercise, {}).get(path, ())], result


def test_the_branch_that_was_taken_is_marked_and_the_other_is_not() -> None:
    lines, _ = ran("config.yaml", "lecture8", HEAD + BRANCHES, "square")
    assert lines == [
        "ctx.save_for_backward(x)",
        "return x * x",
        "(x,) = ctx.saved_values",
        "if abs(x) < 1e9:",
        "slope = x",
        "return slope * d_out",
    ]


def test_where_a_value_is_wrong_backward_is_not_asked() -> None:
    lines, _ = ran("config.yaml", "lecture8", (HEAD + BRANCHES).replace("x * x", "x + x"), "square")
    assert lines == ["ctx.save_for_backward(x)", "return x + x"]


REMEMBERS = """\
import functools

from .scalar_functions import ScalarFunction


@functools.lru_cache
def double(v):
    return v + v


class Square(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, d_out):
        return double(*ctx.saved_values)


class Exp(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return double(x)

    @staticmethod
    def backward(ctx, d_out):
        return d_out
"""


def test_a_helper_that_remembers_ran_for_each_exercise() -> None:
    assignment = load(ROOT / "config.yaml", ("square", "exp"))
    box, found = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        plan = cohort.plan(assignment, supervisor, found.tier)
        submission = Submission("u1", {"lecture8": ("lecture8.py", REMEMBERS.encode())})
        result = Grader(plan, supervisor).grade(submission)
        lines = Onlooker(plan, supervisor).covered(submission, result)
    inside = REMEMBERS.splitlines().index("    return v + v") + 1
    assert {id: inside in those["lecture8.py"] for id, those in lines.items()} == {"square": True, "exp": True}


def test_right_code_has_nothing_to_look_at() -> None:
    assert ran("config.yaml", "lecture8", HEAD + BRANCHES.replace("slope = x\n", "slope = 2 * x\n"), "square")[0] == []


def test_a_notebooks_lines_are_those_of_its_joined_cells() -> None:
    cells = "# code cell 1\n" + HEAD + BRANCHES
    lines, _ = ran("config.yaml", "lecture8", cells, "square", path="hw.ipynb")
    assert "slope = x" in lines
    assert "slope = 2 * x" not in lines


def test_a_courses_own_variables_are_looked_at_as_well() -> None:
    source = (ROOT / "examples" / "micrograd" / "reference" / "engine.py").read_text()
    assert source.count("other.data * out.grad") == 1
    wrong = source.replace("other.data * out.grad", "out.grad")
    config = "examples/micrograd/config.yaml"
    exercise = next(one.id for one in load(ROOT / config).exercises if one.id in ("mul", "multiply", "product"))
    lines, _ = ran(config, "engine", wrong, exercise)
    assert any("out.grad" in one for one in lines)


def test_a_graphs_lines_are_those_of_the_graph_that_is_shown() -> None:
    source = (ROOT / "reference" / "autodiff.py").read_text()
    before = source.partition("def backpropagate(")[0]
    walk = (
        "def backpropagate(variable, deriv):\n"
        "    if variable.is_leaf():\n"
        "        variable.accumulate_derivative(deriv)\n"
        "        return\n"
        "    for parent, share in variable.chain_rule(deriv):\n"
        "        if len(list(variable.parents)) > 2:\n"
        "            print('never')\n"
        "        if parent.is_constant():\n"
        "            continue\n"
        "        backpropagate(parent, share / 2)\n"
    )
    lines, result = ran("examples/module1/config.yaml", "autodiff", before + walk, "backpropagate")
    assert "backpropagate(parent, share / 2)" in lines
    assert "variable.accumulate_derivative(deriv)" in lines
    assert not {"print('never')", "continue"} & {*lines}
    assert isinstance(result, Result)
    shown = [check.outcome.counterexample for one in (result, for_student(result)) for check in one.exercises[0].checks]
    asked = [bool(one.picture.asked) for one in shown if one and one.picture]
    assert True in asked and False in asked, "staff's copy has the question, and the student's has not"


@pytest.mark.parametrize(
    "hides",
    [
        "        import sys; sys.settrace(None)\n",
        "        import sys; sys.settrace(lambda *_: 1 / 0)\n",
        "        import sys; sys._getframe().f_trace = None\n",
    ],
)
def test_whoever_hides_is_graded_all_the_same(hides: str) -> None:
    lines, result = ran("config.yaml", "lecture8", HEAD + hides + BRANCHES, "square")
    seen, plain = ran("config.yaml", "lecture8", HEAD + BRANCHES, "square")
    assert result.earned == plain.earned  # type: ignore[attr-defined]
    assert set(lines) <= {*seen, hides.strip()}


def test_an_answer_with_too_many_lines_is_none() -> None:
    ask = CoveredRequest("function", b"")
    assert complete(ask, CoveredReply((("a.py", 1),) * MOST))
    assert not complete(ask, CoveredReply((("a.py", 1),) * (MOST + 1)))


def test_the_page_marks_them_and_the_report_keeps_them(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (folder / "u1.py").write_text(HEAD + BRANCHES)
    grader("grade", folder, "--out", out)
    kept = json.loads((out / "code" / "u1.json").read_text())["ran"]["square"]
    assert kept == {"u1.py": [8, 9, 13, 14, 15, 18]}
    page = (out / "staff" / "u1.html").read_text()
    assert page.count('class="l ran"') == 6
    assert "ran with the input shown" in page
    again = page
    grader("pages", "--out", out)
    assert (out / "staff" / "u1.html").read_text() == again
