"""Is every sentence true, and enough to act on? Code with mistakes of its own, and what its student must read."""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import CodeType

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import CheckResult, Diagnosis, ExerciseResult, Outcome, Result, Submission
from grader.reports import audience, feedback
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.worker import late
from tests.conftest import ROOT
from tests.end_to_end.test_tricks import HEAD, READ, SQUARE, exercise, function
from tests.machinery import REFERENCE

PRODUCT = "ctx.save_for_backward(x, y)\nreturn x * y"

Grade = Callable[[str], Result]
Module1 = Callable[[dict[str, str], str], Result]


@pytest.fixture(scope="module")
def module1() -> Iterator[Module1]:
    """Grade Module 1's reference with other sources in it, one exercise of it."""
    assignment = config.load(ROOT / "examples" / "module1" / "config.yaml")
    plan = planning.prepare(assignment)
    box, _ = cohort.open_box(assignment)
    with Supervisor(box, 912) as supervisor:

        def graded(changes: dict[str, str], exercise: str) -> Result:
            sources = {**REFERENCE, **changes}
            modules = {name: (f"minitorch/{name}.py", text.encode()) for name, text in sources.items()}
            return Grader(planning.only(plan, (exercise,)), supervisor).grade(Submission("s", modules))

        yield graded


@pytest.fixture(scope="module")
def impatient(assignment: Assignment, plan: Plan) -> Iterator[Grade]:
    """Grade one lecture8.py, with less patience for what does not end."""
    box, _ = cohort.open_box(assignment)
    limits = msgspec.structs.replace(box.limits, exercise_cpu=0.5, wall_factor=10.0)  # half as long by the clock
    with Supervisor(msgspec.structs.replace(box, limits=limits), 921) as supervisor:
        grader = Grader(plan, supervisor)
        yield lambda source: grader.grade(Submission("s", {"lecture8": ("lecture8.py", source.encode())}))


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
    assert [one.name for one in outcome.diagnosis] == ["d_out was forgotten; for y, the sign is flipped"]
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
def test_a_time_limit_names_the_loop_and_the_call(impatient: Grade) -> None:
    endless = "if x > 40:\n    while x > 0:\n        y = x\n" + SQUARE[0]
    outcome = lost(impatient(HEAD + function("Square", endless, READ + "return 2 * x * d_out")), "square", "forward")
    assert outcome.verdict == "time limit"
    assert outcome.reason == "it was still running when its time was up"
    assert outcome.place == "lecture8.py:8: while x > 0:"
    at = float(re.search(r"Square.forward\(ctx, (.*?)\)\)", outcome.call)[1])  # type: ignore[index]
    assert at > 40
    assert outcome.help == "The line shown starts the loop that it was in."


@pytest.mark.slow
def test_who_sleeps_is_told_to_be_waiting_and_where(impatient: Grade) -> None:
    body = READ + "import time\ntime.sleep(1000)\nreturn 2 * x * d_out"
    outcome = lost(impatient(HEAD + function("Square", SQUARE[0], body)), "square")
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


@pytest.mark.parametrize("number", ["np.float32(x)", "np.array(x, dtype='float32')[()]"])
def test_single_precision_is_named(number: str, grade: Grade) -> None:
    result = grade(HEAD + function("Exp", f"ctx.save_for_backward(x)\nx = {number}\nreturn np.exp(x)", "return 0.0"))
    assert [one.name for one in lost(result, "exp", "forward").diagnosis] == ["it is computed in single precision"]


@pytest.mark.parametrize("tolerance", [0.7182818, 0.3, 1.0, 2.0, 0.05])
def test_a_name_that_two_steps_share_is_not_said_of_the_other(tolerance: float, module1: Module1) -> None:
    source = REFERENCE["operators"].replace("abs(x - y) < 1e-2", f"abs(x - y) < {tolerance}")
    outcome = lost(module1({"operators": source}, "op-is-close"), "op-is-close", "value")
    assert outcome.verdict == "wrong answer"
    assert outcome.diagnosis == ()


def test_relu_times_d_is_named(module1: Module1) -> None:
    source = REFERENCE["operators"].replace("return d if x > 0 else 0.0", "return relu(x) * d")
    assert source != REFERENCE["operators"]
    outcome = lost(module1({"operators": source}, "op-relu-back"), "op-relu-back", "value")
    assert [one.name for one in outcome.diagnosis] == ["relu(x) is multiplied by d"]


def test_an_import_from_a_file_that_did_not_load_says_why(module1: Module1) -> None:
    source = REFERENCE["autodiff"].replace("class Context", "missing()\n\n\nclass Context", 1)
    outcome = lost(module1({"autodiff": source}, "all-together"), "all-together", "network")
    assert outcome.reason == "it imports from a file that did not load"
    assert "autodiff.py did not load: NameError: name 'missing' is not defined" in outcome.said


def test_names_and_reasons_wait_for_attempts_where_an_author_wants() -> None:
    outcome = Outcome("wrong answer", "it is wrong", diagnosis=(Diagnosis("a name", "A reason."),), help="What helps.")
    check = CheckResult("backward", Fraction(0), Fraction(1), "visible", outcome, name_after=1, why_after=2)
    exercise = ExerciseResult("square", "Square", Fraction(0), Fraction(1), (check,))
    told = []
    for attempt in (1, 2, 3):
        result = Result(1, "ann", "a", "", {}, Fraction(0), Fraction(1), (exercise,), attempt=attempt)
        seen = audience.for_student(result).exercises[0].checks[0].outcome
        told.append(([(one.name, one.why) for one in seen.diagnosis], seen.help))
    assert told == [([], ""), ([("a name", "")], ""), ([("a name", "A reason.")], "What helps.")]


def test_an_exception_of_the_second_way_to_read_is_not_told(module1: Module1) -> None:
    source = REFERENCE["lecture8"].replace("return float(2.0 * x * d_out)", "return float(2.0 * x * d_outt)")
    outcome = lost(module1({"lecture8": source}, "square-history"), "square-history", "boxes")
    assert outcome.said == "NameError: name 'd_outt' is not defined. Did you mean: 'd_out'?"
