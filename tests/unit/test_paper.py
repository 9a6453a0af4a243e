"""Derivatives worked out by hand: any equal form is right, the mistake is named, and nothing is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import exercises
from grader.assignment.exercise import Exercise
from grader.exercise_kinds import paper
from grader.exercise_kinds.kinds import KINDS
from grader.model import Outcome
from grader.submissions.entries import Unreadable
from grader.submissions.handed_in import find
from grader.submissions.homes import Layout
from grader.submissions.papers import answers

TEXT = """
format: 1
kind: paper
id: by-y
title: T
statement: S
file: answers.yaml
arguments: {x: 0.1..5, y: 0.1..5}
value: log(x * y) + exp(x * y)
by: y
where: {z: x * y}
checks: {derivative: 1}
"""


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    path = tmp_path / "by-y.yaml"
    path.write_text(TEXT)
    return exercises.read(path, "by-y.yaml", KINDS)


def judged(exercise: Exercise, answer: str | None) -> Outcome:
    half = paper.prepare(exercise, 50, "s", True)
    return paper.judge(exercise, half, {exercise.id: answer}.get)["derivative"]


@pytest.mark.parametrize("answer", ["x * (1 / z + exp(z))", "1/y + x*exp(x*y)", "exp(z)*x + x/z", " x/(x*y)+x*exp(z) "])
def test_any_equal_form_is_right(answer: str, exercise: Exercise) -> None:
    assert judged(exercise, answer).verdict == "accepted"


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ("y * (1 / z + exp(z))", "by another argument"),
        ("-x * (1 / z + exp(z))", "sign"),
        ("log(z) + exp(z)", "the function itself"),
        ("2 * x * (1 / z + exp(z))", "2 times"),
        ("1 / z + exp(z)", ""),
        ("x * (1 / z + exp(z)) * 1.000001", "1 times"),
    ],
)
def test_a_wrong_one_is_wrong_and_named(answer: str, named: str, exercise: Exercise) -> None:
    outcome = judged(exercise, answer)
    assert outcome.verdict == "wrong answer"
    assert outcome.counterexample is not None
    if named and named != "1 times":
        assert any(named in said.name for said in outcome.diagnosis)
    else:
        assert not any("is 1 times" in said.name for said in outcome.diagnosis)


@pytest.mark.parametrize("answer", ["__import__('os')", "x +", "ctx.y", "x = 1", "w * x", "x" * 2000])
def test_what_is_no_formula_says_where(answer: str, exercise: Exercise) -> None:
    outcome = judged(exercise, answer)
    assert outcome.verdict == "wrong answer"
    assert "at column" in outcome.reason
    assert len(outcome.said) <= 200


@pytest.mark.parametrize("answer", [None, "", "  "])
def test_nothing_is_not_attempted(answer: str | None, exercise: Exercise) -> None:
    assert judged(exercise, answer).verdict == "not attempted"


def test_a_file_of_answers_is_read_as_text_by_exercise() -> None:
    raw = b"answers:\n  by-x: 1e-6 * x\n  by-y:\n  octal: 0755\n"
    assert answers(raw) == {"by-x": "1e-6 * x", "by-y": "", "octal": "0755"}
    assert answers(b"") == {}
    for bad in (b"answers: [1, 2]", b"- a", b"answers:\n  x: {a: b}", b"\xff\xfe", b"answers: &a\n  x: *a"):
        with pytest.raises(Unreadable):
            answers(bad)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("by: y", "by: z"), "by should be one of the arguments, x, y, not 'z'"),
        (("file: answers.yaml", "file: lecture8.py"), "file should be answers.yaml"),
        (("z: x * y", "z: x * w"), "unknown name 'w'"),
    ],
)
def test_a_mistake_in_the_exercise_is_named(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "by-y.yaml"
    path.write_text(TEXT.replace(*change))
    with pytest.raises(exercises.FormError) as error:
        exercises.read(path, "by-y.yaml", KINDS)
    assert message in str(error.value)


@pytest.mark.parametrize("answer", ["50x", "2(x + 2y)", "3 exp(z)"])
def test_a_product_without_its_sign_is_told_so(answer: str, exercise: Exercise) -> None:
    assert "write *" in judged(exercise, answer).reason or "functions are" in judged(exercise, answer).reason


def test_what_is_wrong_on_paper_costs_what_is_on_paper(tmp_path: Path) -> None:
    layout = Layout("minitorch", ("lecture8",), ("lecture8",))
    for i, raw in enumerate((b"\tx", b"name: Jane", b"answers: [1]", b"a: 1\na: 2", b"\xff")):
        folder = tmp_path / f"u{i}"
        folder.mkdir()
        (folder / "lecture8.py").write_text("x = 1\n")
        (folder / "answers.yml").write_bytes(raw)
    for found in find(tmp_path, layout):
        assert found.problem == ""
        assert found.modules
        assert found.unread


def test_text_that_cannot_be_encoded_is_replaced() -> None:
    assert answers(b'answers:\n  x: "\\ud800 50*x"') == {"x": "? 50*x"}
    assert answers(b"answers:\n") == {}


def test_an_escape_that_is_no_character_costs_only_what_is_on_paper() -> None:
    """It once raised past the reader, and the whole submission was lost with it."""
    from grader.assignment import nodes
    from grader.assignment.forms import FormError

    with pytest.raises(FormError, match="is not YAML"):
        nodes.composed(b'by-y: "\\UFFFFFFFF"\n', "answers.yaml")
