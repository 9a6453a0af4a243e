"""Try an assignment's own dialects on its reference, and say which function does not do what it should."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from grader.assignment.dialects import BUILT_IN, Dialect
from grader.assignment.exercise import Exercise
from grader.assignment.forms import Problem
from grader.batch import cohort
from grader.exercise_kinds.asked_through import SPEAKING, interface, speaks
from grader.grading import loading, planning
from grader.grading.config import Assignment
from grader.grading.session import Budget, Session
from grader.model import Outcome
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.trial import TWO, D, TrialReply, TrialRequest, X, Y
from grader.sandbox.supervisor import Supervisor

ARRAYS = "arrays"
RIGHT: dict[str, tuple[float, ...]] = {
    "prepare": (),
    "leaf": (),
    "value": (X,),
    "backward": (),
    "gradient": (D * (Y + 1), D * X, Y + 1, X),
    "forward_mode": (X * Y, Y - 2 * X),
    "pullback": (D * Y, D * X),
}
SHOULD = {
    "prepare": "prepare() should run",
    "leaf": "leaf(3.0) should make a variable",
    "value": "value(leaf(3.0)) should be 3.0",
    "backward": "backward(x * y, -1.5) should run",
    "gradient": "gradient(x), gradient(y) should be -4.5, -4.5 after backward(x * y + x, -1.5) at 3.0 and 2.0, and "
    "3, 3 after backward(x * y + x, 1.0)",
    "order": "order(x * y) should list x * y once",
    "forward_mode": "forward_mode of x * y at (3.0, 2.0) along (1.0, -2.0) should be (6.0, -4.0)",
    "pullback": "pullback of the product at (3.0, 2.0) with -1.5 should be (-3.0, -4.5)",
}
VALUES = {
    "log": math.log(0.5),
    "exp": math.exp(0.5),
    "sqrt": math.sqrt(0.5),
    "inv": 2.0,
    "sin": math.sin(0.5),
    "cos": math.cos(0.5),
    "tan": math.tan(0.5),
    "tanh": math.tanh(0.5),
    "sigmoid": 1 / (1 + math.exp(-0.5)),
    "relu": 0.5,
    "abs": 0.5,
    "neg": -0.5,
    "add": 2.5,
    "sub": -1.5,
    "mul": 1.0,
    "div": 0.25,
    "min": 0.5,
    "max": 2.0,
}
"""What each operation makes of 0.5, or of 0.5 and 2."""


def problems(assignment: Assignment) -> list[Problem]:
    """Return what the course's own dialects do not do as they should with its reference, by file and line.

    Raises ContainmentError where this machine cannot contain the reference.
    """
    found: dict[str, tuple[Assignment, Exercise, Dialect]] = {}
    for asked in (assignment, *assignment.others):
        for one in asked.exercises:
            if speaks(one) and one.dialect and one.dialect.name not in BUILT_IN and one.id not in asked.unasked:
                found.setdefault(one.dialect.name, (asked, one, one.dialect))
    return [problem for each in found.values() for problem in _of(*each)]


def _of(assignment: Assignment, exercise: Exercise, dialect: Dialect) -> Iterator[Problem]:
    box, _ = cohort.open_box(assignment)
    plan = planning.only(planning.prepare(assignment), (exercise.id,))
    reference = cohort.reference_submission(assignment)
    load = loading.load(assignment, reference, plan.units[0])
    kinds = {one.kind for one in assignment.exercises if one.dialect and one.dialect.name == dialect.name}
    ask = request(exercise, dialect, kinds)
    with Supervisor(box) as supervisor, Session(supervisor, load, Budget(box.limits), True) as session:
        told = session.ask(lambda call: call(ask))
    if isinstance(told, Outcome):
        yield Problem(dialect.name, 0, 0, f"it could not be tried: {told.reason}")
        return
    assert isinstance(told, TrialReply)
    yield from judged(told, dialect)


def request(exercise: Exercise, dialect: Dialect, kinds: Collection[str] = ()) -> TrialRequest:
    """Return what is asked of a dialect: each of its functions, and the defaults that take their place.

    `kinds` are those of the exercises that are asked through it. Where there are arrays, `max` is not one of two.
    """
    names = {
        "backward": ("leaf", "value", "backward", "gradient"),
        "forward": ("forward_mode",),
        "pullback": ("pullback",),
    }[dialect.mode]
    before = ("prepare",) if "prepare" in dialect.functions else ()
    order = ("order",) if "order" in dialect.functions else ()
    reduced = ("min", "max") if ARRAYS in kinds else ()
    operations = tuple(op for op in dialect.operations if op in VALUES and op not in reduced)
    return TrialRequest(
        interface(exercise, dialect),
        (*before, *names, *order),
        operations if dialect.mode != "pullback" else (),
        arrays=bool(kinds) and set(kinds) & set(SPEAKING) == {ARRAYS},
    )


def judged(told: TrialReply, dialect: Dialect) -> Iterator[Problem]:
    """Yield what is wrong with what came of each function. Of several that build on one another the first is told."""
    for name, came in told.came:
        place = dialect.lines.get(name.partition("[")[0], 0)
        if isinstance(came, Fault):
            said = f"{came.error}: {came.message}" if came.message else came.error
            where = f" ({came.file}:{came.line})" if came.file else ""
            should = SHOULD.get(name, f"{name} should be run")
            yield Problem(dialect.name, came.dialect or place, 1, f"{should}; it raised {said}{where}")
            return
        if not _is_right(name, came):
            got = ", ".join(one.was if isinstance(one, NonNumeric) else f"{one:g}" for one in came)
            should = SHOULD.get(name) or _should(name)
            yield Problem(dialect.name, place, 1, f"{should}; it came to {got or 'nothing'}")
            return


def _should(name: str) -> str:
    return f"{name} at {'0.5 and 2' if _op(name) in TWO else '0.5'} should be {_wanted(name):g}"


def _op(name: str) -> str:
    return name.removeprefix("OPERATIONS['").removesuffix("']")


def _wanted(name: str) -> float:
    return VALUES[_op(name)]


def _is_right(name: str, came: tuple[float | NonNumeric, ...]) -> bool:
    if name == "order":
        return bool(came) and came[0] == 1.0
    wanted = RIGHT.get(name, (_wanted(name),) if name.startswith("OPERATIONS") else ())
    numbers = [one for one in came if isinstance(one, float)]
    return (
        len(numbers) == len(came) >= len(wanted)
        and all(math.isclose(got, right, rel_tol=1e-6, abs_tol=1e-6) for got, right in zip(numbers, wanted))
        and (bool(wanted) or not came)
    )
