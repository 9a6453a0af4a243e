"""Is every sentence true, and enough to act on? Code with mistakes of its own, and what its student must read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.model import Outcome, Result
from grader.reports import feedback
from tests.end_to_end.test_tricks import HEAD, READ, SQUARE, exercise, function

PRODUCT = "ctx.save_for_backward(x, y)\nreturn x * y"

Grade = Callable[[str], Result]


def lost(result: Result, name: str, check: str = "backward") -> Outcome:
    """Return the outcome of a check of an exercise."""
    return next(one.outcome for one in exercise(result, name).checks if one.name == check)


def read(outcome: Outcome) -> str:
    """Return what a student reads of an outcome."""
    return "\n".join((outcome.reason, outcome.detail, *feedback.evidence(outcome), *feedback.explained(outcome)))


def test_a_wrong_answer_names_the_line_of_its_function(grade: Grade) -> None:
    result = grade(HEAD + function("Square", SQUARE[0], READ + "return x * d_out"))
    assert lost(result, "square").place == "lecture8.py:10: def backward(ctx, d_out):"


def test_an_exception_does_not_hide_a_wrong_answer_at_a_simpler_input(grade: Grade) -> None:
    result = grade(HEAD + function("Exp", "ctx.save_for_backward(x)\nreturn math.exp(x)", "return math.exp(d_out)"))
    outcome = lost(result, "exp")
    assert outcome.verdict == "wrong answer"
    assert outcome.counterexample is not None
    assert outcome.counterexample.args == {"x": 2.0}
    assert "on other inputs it raises OverflowError: math range error (lecture8.py:11)" in outcome.detail


def test_an_exception_on_every_input_is_told_as_one(grade: Grade) -> None:
    outcome = lost(grade(HEAD + function("Square", SQUARE[0], "return missing * d_out")), "square")
    assert outcome.verdict == "runtime error"
    assert outcome.said == "NameError: name 'missing' is not defined"


def test_a_second_gradient_that_is_none_is_no_missing_return(grade: Grade) -> None:
    result = grade(
        HEAD
        + function(
            "Mul", "ctx.save_for_backward(x, y)\nreturn x * y", "return d_out * ctx.saved_values[1], None", "x, y"
        )
    )
    outcome = lost(result, "mul-backward")
    assert outcome.counterexample is not None
    assert (outcome.counterexample.argument, outcome.counterexample.returned) == ("y", "None")
    assert "return" not in " ".join(one.name for one in outcome.diagnosis)


@pytest.mark.parametrize(
    "body", [READ + "2 * x * d_out", READ + "print(2 * x * d_out)", READ + "def g():\n    return 2 * x\ng()"]
)
def test_a_function_without_a_return_is_named(body: str, grade: Grade) -> None:
    outcome = lost(grade(HEAD + function("Square", SQUARE[0], body)), "square")
    assert [one.name for one in outcome.diagnosis] == ["no `return` gives a value back"]
    assert outcome.counterexample is not None
    assert outcome.counterexample.returned == "None"


def test_a_return_in_one_branch_is_not_told_as_none_at_all(grade: Grade) -> None:
    outcome = lost(grade(HEAD + function("Square", SQUARE[0], READ + "if x > 0:\n    return 2 * x * d_out")), "square")
    assert "no `return`" not in read(outcome)
    assert [one.name for one in outcome.diagnosis] == ["it is right only where x > 0"]


def test_mistakes_in_both_gradients_are_both_shown(grade: Grade) -> None:
    body = "x, y = ctx.saved_values\nreturn y, -x * d_out"
    outcome = lost(grade(HEAD + function("Mul", PRODUCT, body, "x, y")), "mul-backward")
    assert [one.name for one in outcome.diagnosis] == ["d_out was forgotten; for y: the sign is flipped"]
    assert outcome.counterexample is not None
    assert outcome.second is not None
    assert {outcome.counterexample.argument, outcome.second.argument} == {"x", "y"}


def test_one_mistake_in_both_gradients_is_shown_once(grade: Grade) -> None:
    body = "x, y = ctx.saved_values\nreturn y, x"
    outcome = lost(grade(HEAD + function("Mul", PRODUCT, body, "x, y")), "mul-backward")
    assert [one.name for one in outcome.diagnosis] == ["d_out was forgotten"]
    assert outcome.second is None


def test_a_single_saved_value_that_is_not_unpacked_is_right_with_a_note(grade: Grade) -> None:
    outcome = lost(grade(HEAD + function("Square", SQUARE[0], "return 2 * ctx.saved_values * d_out")), "square")
    assert outcome.verdict == "accepted"
    assert "without unpacking it: right only if" in outcome.reason
    assert lost(grade(HEAD + function("Square", *SQUARE)), "square").reason == ""
