"""The student template stays in step with the reference."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from grader import cli
from grader.assignment.template import without_answers, without_solutions
from grader.submissions import papers

ROOT = Path(__file__).parents[2]


def test_the_template_in_the_repository_is_what_the_reference_gives(tmp_path: Path) -> None:
    assert cli.main(["template", "--reference", str(ROOT / "reference"), "--out", str(tmp_path)]) == 0
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept = ROOT / "student_template"
    assert sorted(p.relative_to(tmp_path) for p in written) == sorted(
        p.relative_to(kept) for p in kept.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    )
    for path in written:
        assert path.read_text() == (kept / path.relative_to(tmp_path)).read_text(), "run `make template`"


def test_a_solution_becomes_its_prompt() -> None:
    source = "def f(x):\n    # solution: add one\n    y = x + 1\n    return y\n    # end solution\n"
    assert without_solutions(source) == ('def f(x):\n    # TODO: add one\n    raise NotImplementedError("add one")\n')


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# solution: a\n", "line 1: this solution never ends"),
        ("x = 1\n# end solution\n", "line 2: a solution ends that never started"),
        ("# solution: a\n# solution: b\n# end solution\n", "line 2: a solution starts inside the one of line 1"),
    ],
)
def test_markers_that_do_not_pair_up_are_named_with_their_line(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        without_solutions(source)


def test_no_solution_is_left_in_the_template() -> None:
    for path in (ROOT / "student_template").rglob("*.py"):
        assert "solution" not in path.read_text()


def test_a_template_is_cut_to_an_assignment_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["template", "--config", str(ROOT / "config.yaml"), "--out", str(tmp_path), "--notebook"]
    assert cli.main(command) == 0
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    package = {f"minitorch/{name}.py" for name in ("__init__", "autodiff", "scalar_functions")}
    assert names == {*package, "lecture8.ipynb", "README.md"}
    assert "template: gave Context.save_for_backward (autodiff.py) with its solution" in capsys.readouterr().err


def test_a_notebook_has_the_statement_above_the_code_it_is_about(tmp_path: Path) -> None:
    assert cli.main(["template", "--config", str(ROOT / "config.yaml"), "--out", str(tmp_path), "--notebook"]) == 0
    made = json.loads((tmp_path / "lecture8.ipynb").read_text())
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 4)
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in made["cells"]]
    (at,) = (i for i, (_, text) in enumerate(cells) if text.startswith("class Square("))
    assert cells[at - 1][0] == "markdown"
    assert cells[at - 1][1].startswith("**Square, with a saved argument** (`--exercise square`)")
    assert ("code", "from minitorch.autodiff import Context") not in cells  # with the other imports
    assert any("from minitorch.autodiff import Context" in text for _, text in cells)
    assert all(ast.parse(text) for kind, text in cells if kind == "code")


def test_without_an_assignment_every_module_nothing_imports_is_one(tmp_path: Path) -> None:
    command = ["template", "--reference", str(ROOT / "reference"), "--out", str(tmp_path), "--notebook"]
    assert cli.main(command) == 0
    assert [path.name for path in tmp_path.rglob("*.ipynb")] == ["lecture8.ipynb"]


def test_where_each_module_is_imported_none_is_a_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ROOT / "examples" / "needle-hw1" / "config.yaml"
    assert cli.main(["template", "--config", str(path), "--out", str(tmp_path), "--notebook"]) == 2
    assert "no module can be a notebook" in capsys.readouterr().err


def test_a_solution_outside_of_any_function_leaves_a_file_that_loads() -> None:
    made = without_solutions("x = 1\n# solution: a helper\ndef f():\n    return 2\n\n\n# end solution\n")
    assert made == "x = 1\n# TODO: a helper\n"


ANSWERED = {
    "in a line": ("  a: 2 * x  # by the power rule\n  b: y\n", "  a:\n  b:\n"),
    "in quotes": ("  a: \"2 * x\"\n  b: 'y'\n", "  a:\n  b:\n"),
    "further in": ("     a: 2 * x\n     b: y\n", "     a:\n     b:\n"),
    "in lines of its own": ("  a: |\n    2 * x\n\n  b: >-\n    y\n    + 1\n", "  a:\n  b:\n"),
    "without any": ("  a:\n  b:\n", "  a:\n  b:\n"),
    "without an end": ("  a: 2 * x\n  b: y", "  a:\n  b:"),
}


@pytest.mark.parametrize("how", ANSWERED)
def test_no_answer_is_left_however_it_is_written(how: str) -> None:
    written, left = ANSWERED[how]
    made = without_answers(f"# Pencil and paper\nanswers:\n{written}", "answers.yaml")
    assert made.rstrip() == f"# Pencil and paper\nanswers:\n{left}".rstrip()
    assert set(papers.answers(made.encode()).values()) <= {""}


def test_no_answer_is_left_between_braces() -> None:
    made = without_answers("answers: {a: 2 * x, b: y + 1}\n", "answers.yaml")
    assert "x" not in made and "y" not in made
    assert set(papers.answers(made.encode())) == {"a", "b"}
