"""Notebooks are read as the files they stand for: their code, without what only a notebook understands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.worker import notebooks
from grader.submissions.entries import SOURCE_CAP
from grader.submissions.handed_in import HandedIn
from grader.submissions.homes import Layout
from tests.conftest import ROOT
from tests.desk.homes import check, home

LAYOUT = Layout("minitorch", ("operators", "autodiff", "scalar_functions", "scalar", "lecture8"), ("lecture8",))


def notebook(*cells: str, **more: Any) -> bytes:
    made = [{"cell_type": "code", "source": cell.splitlines(True), "outputs": [{"data": "x"}]} for cell in cells]
    prose = {"cell_type": "markdown", "source": ["# this is no python"]}
    return json.dumps({"nbformat": 4, "cells": [prose, *made], **more}).encode()


def solved() -> tuple[str, ...]:
    """The solution, cut into cells, with what people have in notebooks between them."""
    head, *classes = (ROOT / "reference" / "lecture8.py").read_text().split("\n\n\nclass ")
    return (
        "%matplotlib inline\n!pip install numpy\n" + head,
        "%%bash\nls -l",
        *(f"class {one}" for one in classes[:3]),
        "%%time\nclass " + classes[3],
        *(f"class {one}" for one in classes[4:]),
        "Square.forward?\nfiles = !ls\nfor i in range(2):\n    %time pass\nprint('done')",
    )


def read(folder: Path, name: str, raw: bytes) -> HandedIn:
    (folder / name).write_bytes(raw)
    return HandedIn(folder, LAYOUT)


@pytest.mark.parametrize("name", ["lecture8.ipynb", "u1/minitorch/lecture8.ipynb", "my homework.IPYNB"])
def test_a_solved_notebook_gets_full_marks_however_it_is_handed_in(
    name: str, tmp_path: Path, plan: Plan, supervisor: Supervisor
) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (found,) = read(tmp_path, name, notebook(*solved()))
    result = Grader(plan, supervisor).grade(found)
    assert result.earned == result.possible, [one.checks[0].outcome for one in result.exercises]


def test_a_solved_notebook_is_all_done_at_the_desk(tmp_path: Path) -> None:
    template = home(tmp_path)
    (template / "minitorch" / "lecture8.py").unlink()
    (template / "minitorch" / "lecture8.ipynb").write_bytes(notebook(*solved()))
    done = check(template)
    assert (done.returncode, done.stdout.splitlines()[-2]) == (0, "all 11 done")


def test_a_solved_notebook_beside_its_template_is_found_and_said_once(tmp_path: Path) -> None:
    template = home(tmp_path)
    (template / "minitorch" / "lecture8.ipynb.json").write_bytes(notebook(*solved()))
    done = check(template)
    assert (done.returncode, done.stdout.splitlines()[-2]) == (0, "all 11 done")
    assert done.stdout.count("Note: ") == 2
    assert " ".join(done.stdout.split()).startswith(
        "Note: lecture8.ipynb.json was read as lecture8.ipynb. Note: lecture8.ipynb.json was read; lecture8.py beside "
        "it was not, because less is written in it. ✓"
    )
    assert len(json.loads(check(template, "--json").stdout)["notes"]) == 2


def test_a_mistake_in_a_notebook_is_told_by_its_cell(tmp_path: Path, plan: Plan, supervisor: Supervisor) -> None:
    (found,) = read(tmp_path, "lecture8.ipynb", notebook("import math", "x = 1\ny = 1 / 0"))
    outcome = Grader(plan, supervisor).grade(found).exercises[0].checks[0].outcome
    assert outcome.place == "lecture8.ipynb, code cell 2, line 2: y = 1 / 0"
    (found,) = read(tmp_path, "lecture8.ipynb", notebook("import math", "def f(:\n    pass"))
    outcome = Grader(plan, supervisor).grade(found).exercises[0].checks[0].outcome
    assert outcome.place == "lecture8.ipynb, code cell 2, line 1: def f(:"


def test_a_file_has_the_last_word_over_a_notebook_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "u1"
    folder.mkdir()
    (folder / "lecture8.py").write_text("x = 1")
    (found,) = read(tmp_path, "u1/lecture8.ipynb", notebook("x = 2"))
    assert found.modules["lecture8"] == ("lecture8.py", b"x = 1")


def test_cells_of_the_old_format_and_source_in_one_piece_are_read(tmp_path: Path) -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}, {"cell_type": "heading"}]}]}
    (found,) = read(tmp_path, "lecture8.ipynb", json.dumps(old).encode())
    assert found.modules["lecture8"][1] == b"# code cell 1\nx = 1\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "lecture8.ipynb is not a whole notebook"),
        (b"\xff\xfe", "lecture8.ipynb is not a whole notebook"),
        (b"[" * 100_000, "lecture8.ipynb is not a whole notebook"),
        (b"[]", "without a code cell"),
        (b'{"cells": 3, "worksheets": [7]}', "without a code cell"),
        (notebook(), "without a code cell"),
        (notebook("x" * SOURCE_CAP), "far too large"),
    ],
)
def test_what_is_no_notebook_says_why(raw: bytes, said: str, tmp_path: Path) -> None:
    (found,) = read(tmp_path, "lecture8.ipynb", raw)
    assert said in found.problem


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("x = ('%d'\n     % 3)", "x = ('%d'\n     % 3)"),
        ("'''\n%time\n!ls\n'''", "'''\n%time\n!ls\n'''"),
        ("%time f()\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls\ny = !ls", "if x:\n    pass\ny = None"),
        ("f?\n?f\nf??\nx = 1  # why?", "pass\npass\npass\nx = 1  # why?"),
        ("x = %timeit -o f()\nassert x != 3", "x = None\nassert x != 3"),
        ("%%timeit -n 3\nx = 1", "\nx = 1"),
        ("%%html\n<b>x</b>", "\n"),
        ("%%writefile lecture8.py\nx = 1", "\nx = 1"),
        ("%%writefile notes.txt\nnot python", "\n"),
        ("def broken(:\n    pass", "def broken(:\n    pass"),
        ("!pip install \\\n    numpy \\\n    scipy\nx = 1", "pass\n\n\nx = 1"),
        ("files = !ls \\\n   -l\nx = 1", "files = None\n\nx = 1"),
        ("await f()", "await f()"),
    ],
)
def test_what_only_a_notebook_understands_is_taken_out_line_for_line(cell: str, plain: str) -> None:
    text = f"{notebooks.MARKER}1\n{cell}\n"
    (found,) = notebooks.cells(text)
    assert found.source == f"{notebooks.MARKER}1\n{plain}\n"


def test_a_line_is_placed_in_its_cell() -> None:
    text = f"{notebooks.MARKER}1\na\nb\n{notebooks.MARKER}2\nc\n"
    assert [notebooks.place(text, line) for line in (2, 3, 5)] == [(1, 1), (1, 2), (2, 1)]
    assert notebooks.place("a\nb", 2) == (0, 2)
