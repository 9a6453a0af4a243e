"""What new students stumbled over on the way from a Module 1 handout to all done: each mistake, made again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import homes
from tests.desk.homes import MODULE1, check
from tests.desk.test_try_it import Block, blocks, every_block, shows_it_again, tried

LAST = "return self.history is not None and self.history.last_fn is None"

MISTAKES = {
    "is_leaf fails of a constant": ("scalar", LAST, "return self.history.last_fn is None"),
    "pairs come from a generator that fails": (
        "scalar",
        "gradients = history.last_fn._backward(history.ctx, d_output)\n        return [",
        "yield from zip(history.inputs, history.last_fn.backward(history.ctx, d_output))\n        return [",
    ),
    "apply returns a float": (
        "scalar_functions",
        "return Scalar(value, ScalarHistory(cls, ctx, inputs))",
        "return value",
    ),
}
"""Mistake -> (module, what is right, what was written instead)."""


@pytest.fixture
def handout(tmp_path: Path) -> Path:
    """Return a Module 1 handout, all done."""
    folder = homes.unpacked(tmp_path, MODULE1)
    homes.fill_in(folder, MODULE1)
    return folder


def edit(handout: Path, module: str, right: str, written: str) -> None:
    path = handout / "minitorch" / f"{module}.py"
    text = path.read_text("utf-8")
    assert right in text, text
    path.write_text(text.replace(right, written, 1), "utf-8")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_given_to_try_shows_it_again(mistake: str, handout: Path) -> None:
    edit(handout, *MISTAKES[mistake])
    assert every_block(handout)


def test_a_float_from_apply_is_told_as_such_by_whatever_meets_it(handout: Path) -> None:
    edit(handout, *MISTAKES["apply returns a float"])
    said = check(handout, "--exercise", "chained", "--exercise", "scalar-roles", "--exercise", "square-history")
    told = " ".join(said.stdout.split())
    assert "chained does not return a Scalar" in told
    assert "expected a Scalar of 100.0" in told
    assert "roles: wrong answer: x * y returned a float, not a Scalar" in told
    assert "is_constant is wrong" not in told
    assert told.count("see 'ScalarFunction.apply'. Correct that first.") == 3


def test_functions_are_applied_where_an_operator_is_not_written(handout: Path) -> None:
    edit(handout, *MISTAKES["pairs come from a generator that fails"])
    edit(handout, "scalar", "return Neg.apply(self)", "raise NotImplementedError")
    (block,) = [one for one in every_block(handout) if "chain_rule" in one.code]
    assert "Neg.apply(x)" in block.code


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Return a handout of lecture 8 as a notebook, all done."""
    folder = homes.unpacked(tmp_path, notebook=True)
    homes.fill_in(folder)
    return folder


def edit_cell(handout: Path, right: str, written: str) -> None:
    path = handout / "lecture8.ipynb"
    content = json.loads(path.read_text("utf-8"))
    cell = next(one for one in content["cells"] if right in "".join(one["source"]))
    cell["source"] = "".join(cell["source"]).replace(right, written, 1)
    path.write_text(json.dumps(content), "utf-8")


def test_a_notebooks_handout_names_the_notebook_and_no_file_instead(notebook: Path) -> None:
    readme = (notebook / "README.md").read_text("utf-8")
    assert "Hand in lecture8.ipynb." in readme
    assert "| `lecture8.ipynb` | the lecture's own functions" in readme
    assert "lecture8.py" not in readme


def test_what_is_there_to_try_runs_in_a_cell_of_the_notebook(notebook: Path) -> None:
    edit_cell(notebook, "return float(2.0 * x * d_out)", "return float(2.0 * x)")
    said = check(notebook, "--all").stdout
    (block,) = blocks(said)
    assert block.code.startswith("# in a new cell of lecture8.ipynb\n")
    assert "(lecture8.ipynb, --exercise square)" in " ".join(said.split())
    cells = json.loads((notebook / "lecture8.ipynb").read_text("utf-8"))["cells"]
    code = "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "code")
    assert shows_it_again(block, tried(notebook, Block(block.told, f"{code}\n{block.code}")))


def test_a_slip_in_a_cell_is_shown_as_the_cell_has_it(notebook: Path) -> None:
    edit_cell(notebook, "class Log(ScalarFunction):", "import nowhere_at_all\nclass Log(ScalarFunction):")
    edit_cell(notebook, "return math.log(x)", "return nowhere_at_all.log(x)")
    edit_cell(notebook, "class Exp(ScalarFunction):", "class Exp(ScalarFunction)")
    said = " ".join(check(notebook, "--all").stdout.split())
    assert re.search(r"\(imported in line 1 of lecture8\.ipynb, code cell \d+\)", said)
    assert re.search(r"lecture8\.ipynb, code cell \d+, line 1: class Exp\(ScalarFunction\) SyntaxError", said)
    assert "loading lecture8.ipynb raised an exception" in said


@pytest.mark.parametrize("name", ["config.yaml", MODULE1])
def test_a_readme_says_how_to_see_more_and_its_trace_runs(name: str, tmp_path: Path) -> None:
    handout = homes.unpacked(tmp_path, name)
    readme = (handout / "README.md").read_text("utf-8")
    assert "`grader check --html`" in readme
    traced = re.search(r"`grader trace ([\w-]+)` runs", readme)
    assert traced is not None
    homes.fill_in(handout, name)
    command = [sys.executable, "-m", "grader", "trace", traced[1]]
    done = subprocess.run(command, cwd=handout, env=homes.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
