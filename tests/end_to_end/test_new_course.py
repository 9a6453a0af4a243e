"""`grader new course` makes a course from a few answers, and tries what was answered on the author's solved file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli import main
from tests.conftest import ROOT

SOLVED = ROOT / "examples" / "micrograd" / "reference" / "engine.py"
ANSWERS = {
    "--class": "Value",
    "--leaf": "Value({})",
    "--value": "{}.data",
    "--backward": "{}.backward()",
    "--gradient": "{}.grad",
}


def new(folder: Path, solved: Path = SOLVED, **changed: str) -> int:
    answers = {**ANSWERS, **{f"--{name.rstrip('_')}": text for name, text in changed.items()}}
    given = [word for pair in answers.items() for word in pair]
    return main(["new", "course", str(folder), "--solved", str(solved), *given])


def test_a_course_from_a_few_answers_grades_its_author(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(tmp_path / "hw2") == 0
    assert "your solved file earns all points" in capsys.readouterr().err
    assert main(["grade", "--config", str(tmp_path / "hw2" / "config.yaml")]) == 0
    assert "1 with full marks" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"value": "{}.number"}, "value(leaf(3.0)) should be 3.0; it raised AttributeError"),
        ({"gradient": "{}.data"}, "gradient(x), gradient(y) should be -4.5, -4.5"),
        ({"backward": "{}.backward({d})"}, "backward(x * y, -1.5) should run; it raised TypeError"),
        ({"leaf": "float({})"}, "leaf(3.0) should make a variable; it came to float"),
    ],
)
def test_a_wrong_answer_is_told_by_the_line_it_stands_on(
    changed: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(tmp_path / "hw2", **changed) == 2
    written = capsys.readouterr()
    assert "dialect.py:" in written.out and said in written.out
    assert "mend" in written.err


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"class_": "Valve"}, "there is no class Valve; its classes: Value"),
        ({"leaf": "Value(x)"}, "--leaf Value(x): should have {}"),
        (
            {"leaf": "Value({}, {d})"},
            "--leaf Value({}, {d}): should have {}",
        ),
        ({"gradient": "{}.{grad}"}, "--gradient {}.{grad}: should have {}"),
    ],
)
def test_an_answer_that_cannot_be_used_writes_nothing(
    changed: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(tmp_path / "hw2", **changed) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "hw2").exists()


def test_what_is_there_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert new(tmp_path) == 2
    assert "there is something already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_solved_file_that_is_no_python_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "engine.py").write_text("class Value(:\n")
    assert new(tmp_path / "hw2", tmp_path / "engine.py") == 2
    assert "engine.py:1: is no Python" in capsys.readouterr().err
