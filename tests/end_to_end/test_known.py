"""What was judged is not judged again, and only what is the very same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from grader.batch import cohort
from grader.grading.ahead import AheadSession
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.grading.session import Session
from grader.model import Result, Submission
from grader.reports import stored
from grader.sandbox.supervisor import Supervisor
from tests.end_to_end.test_tricks import HEAD, READ, SAVE, Grade, exercise, function

FORGOTTEN = HEAD + function("Square", SAVE, READ + "return 2 * x")
WHERE = "lecture8.py"

Classmate = Callable[[str], Result]


@pytest.fixture(scope="module")
def supervisor(assignment: Assignment) -> Iterator[Supervisor]:
    """A supervisor with less patience: alone or after another, who hangs meets the same limit."""
    box, _ = cohort.open_box(assignment)
    limits = msgspec.structs.replace(box.limits, exercise_cpu=0.5, wall_factor=20.0)  # by the clock it is as ever
    with Supervisor(msgspec.structs.replace(box, limits=limits), 920) as opened:
        yield opened


@pytest.fixture(scope="module")
def plan(assignment: Assignment, supervisor: Supervisor) -> Plan:
    return cohort.plan(assignment, supervisor.box, 1)


@pytest.fixture
def after_another(plan: Plan, supervisor: Supervisor) -> Classmate:
    """Grade a text after one with d_out forgotten in Square, by the same grader."""
    grader = Grader(plan, supervisor)
    grader.grade(Submission("someone", {"lecture8": (WHERE, FORGOTTEN.encode())}))
    return lambda source: grader.grade(Submission("someone", {"lecture8": (WHERE, source.encode())}))


def test_the_same_mistake_is_judged_once(after_another: Classmate, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    ask = Session.ask
    monkeypatch.setattr(Session, "ask", lambda self, judge: judged.append(judge) or ask(self, judge))
    result = after_another(
        "# in words of my own\n" + HEAD + function("Square", SAVE, "a, = ctx.saved_values\nreturn 2 * a")
    )
    assert exercise(result, "square").verdict == "wrong answer"
    assert exercise(result, "square").checks[1].outcome.diagnosis
    assert not judged


@pytest.mark.parametrize(
    "backward",
    [
        "return 2 * x",
        "return 2 * x * d_out if x == int(x) else 2 * x",
        "return x if x == 2 else 2 * x",
        "return x.missing if x == int(x) else 2 * x",
        "import os\nreturn os._exit(0) if x == int(x) else 2 * x",
        "while x == int(x): pass\nreturn 2 * x",
        "return print('x' * 10**7) if x == int(x) else 2 * x",
    ],
)
def test_whoever_was_graded_before_a_submission_gets_what_it_gets_alone(
    backward: str, grade: Grade, after_another: Classmate
) -> None:
    source = HEAD + function("Square", SAVE, READ + backward)
    assert stored.encode(after_another(source)) == stored.encode(grade(source))


def test_an_exception_in_the_style_that_is_meant_is_told(grade: Grade) -> None:
    unwrapped = "x = ctx.saved_values\nreturn 2 * x * d_out if x < 3 else [][1]"
    outcome = exercise(grade(HEAD + function("Square", SAVE, unwrapped)), "square").checks[1].outcome
    assert outcome.verdict == "runtime error"
    assert outcome.said == "IndexError: list index out of range"
    assert outcome.place.startswith("lecture8.py:12: return 2 * x * d_out")


def test_a_code_is_the_same_whether_questions_went_in_one_frame(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    source = HEAD + function("Square", SAVE, READ + "return x if x == 2 else 2.5 * x * d_out * d_out")
    at_once = stored.encode(grade(source))

    def too_slow(session: AheadSession, _: object) -> tuple[()]:
        session._ahead = None
        return ()

    monkeypatch.setattr(AheadSession, "_in_one_frame", too_slow)
    one_by_one = grade(source)
    assert exercise(one_by_one, "square").checks[1].outcome.like
    assert stored.encode(one_by_one) == at_once
