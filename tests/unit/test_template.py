"""The student template stays in step with the reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.template import without_solutions, write_template

ROOT = Path(__file__).parents[2]


def test_the_template_in_the_repository_is_what_the_reference_gives(tmp_path: Path) -> None:
    written = write_template(ROOT / "reference", tmp_path)
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
