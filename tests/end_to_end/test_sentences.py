"""Is every sentence true, and enough to act on? Code with mistakes of its own, and what its student must read."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from types import CodeType

import pytest

from grader.model import Outcome, Result
from grader.reports import feedback
from grader.sandbox.worker import late
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


@pytest.mark.slow
def test_a_time_limit_names_the_loop_and_the_call(grade: Grade) -> None:
    endless = "if x > 40:\n    while x > 0:\n        y = x\n" + SQUARE[0]
    outcome = lost(grade(HEAD + function("Square", endless, READ + "return 2 * x * d_out")), "square", "forward")
    assert outcome.verdict == "time limit"
    assert outcome.reason == "it was still running when its time was up"
    assert outcome.place == "lecture8.py:8: while x > 0:"
    at = float(re.search(r"Square.forward\(ctx, (.*?)\);", outcome.call)[1])  # type: ignore[index]
    assert at > 40
    assert outcome.help == "The line shown starts the loop that it was in."


@pytest.mark.slow
def test_who_sleeps_is_told_to_be_waiting_and_where(grade: Grade) -> None:
    body = READ + "import time\ntime.sleep(1000)\nreturn 2 * x * d_out"
    outcome = lost(grade(HEAD + function("Square", SQUARE[0], body)), "square")
    assert outcome.reason == "it was waiting, not computing, when its time was up"
    assert outcome.place == "lecture8.py:13: time.sleep(1000)"


def test_where_code_is_when_its_time_is_up_does_not_depend_on_the_moment() -> None:
    source = (
        "def f(n):\n    for i in range(n):\n        for k in range(3):\n            g(k)\n"
        "    def h():\n        g(4)\n    h()\n"
    )
    code = compile(source, "late.py", "exec")
    linecache.cache["late.py"] = (len(source), None, source.splitlines(True), "late.py")
    f = next(one for one in code.co_consts if isinstance(one, CodeType))
    h = next(one for one in f.co_consts if isinstance(one, CodeType))
    assert [late._place([(f, line)]) for line in (2, 3, 4)] == [("loop", 0, 2)] * 3
    assert late._place([(f, 7), (h, 6)]) == ("line", 0, 7)
    assert late._place([(code, 9), (h, 6), (f, 7), (h, 6)]) == ("recursion", 1, 5)
    assert late._place([]) == ("line", -1, 0)
