"""Checks that an author wrote in Python: right and wrong functions, broken judges, and nothing given away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.assignment.exercise import Exercise
from grader.assignment.exercises import decode
from grader.assignment.forms import FormError
from grader.authoring import explaining
from grader.exercise_kinds import own
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import Assignment
from grader.model import Outcome
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.values import ValuesReply, ValuesRequest
from grader.selfcheck import prepared as desk
from tests.conftest import ROOT

TEXT = next(
    block.partition("```")[0]
    for block in (ROOT / "docs" / "exercises.md").read_text().split("```yaml\n")
    if block.startswith("format: 1\nkind: own")
)


def exercise(text: str = TEXT) -> Exercise:
    return decode(text.encode(), "own.yaml", KINDS)


def judged(function: Callable[[float], Any], text: str = TEXT, public: bool = True) -> Outcome:
    one = exercise(text)
    half = own.prepare(one, 20, "seed", public)

    def call(ask: ValuesRequest) -> ValuesReply:
        return ValuesReply(values=tuple(function(*args) for args in ask.inputs))

    (outcome,) = own.judge(one, half, call).values()
    return outcome


def sigmoid(x: float) -> float:
    import math

    return 1 / (1 + math.exp(-x))


def test_what_has_the_property_is_right_however_it_comes_about() -> None:
    assert judged(sigmoid).verdict == "accepted"
    assert judged(lambda x: 0.5 + x / 100).verdict == "accepted"  # the property is all that is asked


def test_what_has_not_is_wrong_at_the_simplest_input_it_was_asked_at() -> None:
    outcome = judged(lambda x: sigmoid(x) * 2)
    assert (outcome.verdict, outcome.reason) == ("wrong answer", "sigmoid does not have a property it should have")
    shown = outcome.counterexample
    assert shown
    assert shown.expected == "sigmoid(x) + sigmoid(-x) is 1"
    assert shown.returned.count("sigmoid(") == 2
    assert shown.snippet.startswith("from operators import sigmoid; print(sigmoid(")
    assert judged(lambda x: sigmoid(x) * 2, public=False).counterexample is None


@pytest.mark.parametrize("value", [NonNumeric("None", ""), Fault("exception", "ZeroDivisionError")])
def test_what_is_no_number_is_never_right(value: Any) -> None:
    assert judged(lambda _: value).verdict in ("wrong answer", "runtime error")


def test_rows_that_are_missing_are_not_right() -> None:
    one = exercise()
    half = own.prepare(one, 20, "seed", True)
    for values in ((), (0.5,), (0.5,) * 39):
        (outcome,) = own.judge(one, half, lambda _, values=values: ValuesReply(values=values)).values()  # type: ignore[misc]
        assert outcome.verdict == "wrong answer"


def test_a_sentence_of_the_judges_is_what_students_read() -> None:
    text = TEXT.replace("return abs(value + opposite - 1) < 1e-9", "return f'they add up to {value + opposite:g}'")
    outcome = judged(lambda _: 1.0, text)
    assert outcome.detail == "they add up to 2"
    assert outcome.counterexample
    assert outcome.counterexample.expected == "sigmoid(x) + sigmoid(-x) is 1"
    assert judged(lambda _: 1.0, text, public=False).detail == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 1 / 0", "its own judge raised ZeroDivisionError"),
        ("return None", "its own judge returned None; it should return True, False or what is wrong"),
        ("return unknown", "its own judge raised NameError"),
    ],
)
def test_a_broken_judge_is_our_fault(body: str, said: str) -> None:
    outcome = judged(sigmoid, TEXT.replace("return abs(value + opposite - 1) < 1e-9", body))
    assert outcome.verdict == "judge error"
    assert said in outcome.reason


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def symmetric", "def symetric", "own.yaml:14:10: judge has no function 'symmetric'"),
        ("return abs", "return abs(", "is not Python"),
        ("at: [[x], [-x]]", "at: [[x], [-z]]", "own.yaml:9:13"),
        ("at: [[x], [-x]]", "at: [[x, x]]", "a point needs one number per argument: 1, not 2"),
    ],
)
def test_every_mistake_of_an_authors_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(FormError) as error:
        exercise(TEXT.replace(old, new))
    assert said in str(error.value)


def test_an_exercise_with_a_hidden_check_is_in_no_handout() -> None:
    assert desk.public(exercise(), own.KIND) is not None
    hidden = TEXT.replace("checks: {symmetric: 1}", "checks: {symmetric: {points: 1, visibility: hidden}}")
    both = hidden.replace("judge: |", "judge: |\n  def other(x, value, opposite):\n      return True\n").replace(
        "checks: {", "checks: {other: 1, "
    )
    assert desk.public(exercise(both), own.KIND) is None


def test_it_is_written_down_and_read_back_whole() -> None:
    one = exercise()
    half = own.prepare(one, 8, "seed", True)
    opened = desk.opened(desk.sealed(KINDS["own"], one, one.points, half))
    assert opened.half == half
    assert opened.exercise.spec == one.spec


def test_it_is_explained_by_its_docstring(assignment: Assignment) -> None:
    import msgspec

    one = exercise()
    half = own.prepare(one, 8, "seed", True)
    weighed = msgspec.structs.replace(assignment, weights={one.id: one.points})
    told = explaining.text(weighed, one, own.describe(one, half, None))
    assert "symmetric (1): sigmoid(x) + sigmoid(-x) is 1." in told


@pytest.mark.slow
def test_it_grades_and_is_withheld_where_its_judge_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    from grader import cli

    shutil.copytree(ROOT / "reference", tmp_path / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "own.yaml").write_text(TEXT)
    (tmp_path / "config.yaml").write_text("format: 1\nassignment: a\ntitle: A\nexercises: [own.yaml]\n")
    right = (ROOT / "reference" / "operators.py").read_text()
    (tmp_path / "class" / "right").mkdir(parents=True)
    (tmp_path / "class" / "right" / "operators.py").write_text(right)
    (tmp_path / "class" / "wrong").mkdir()
    (tmp_path / "class" / "wrong" / "operators.py").write_text("def sigmoid(x):\n    return 0.7\n")
    command = ["grade", str(tmp_path / "class"), "--config", str(tmp_path / "config.yaml"), "--jobs", "1"]
    assert cli.main(command) == 0
    told = capsys.readouterr().out
    assert "1/1" in told
    assert "0/1" in told
    (tmp_path / "own.yaml").write_text(TEXT.replace("< 1e-9", "< 1e-9 / 0"))
    assert cli.main(command) == 1
    assert "its own judge raised ZeroDivisionError" in capsys.readouterr().err
