"""Whatever well-formed answer a worker makes up, it is judged: no judge fails over it."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from grader.assignment.exercise import Exercise
from grader.batch import cohort
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, loading, planning
from grader.grading.planning import Plan
from grader.grading.session import Budget, Session
from grader.grading.units import Unit
from grader.model import Outcome
from grader.sandbox import probes
from grader.sandbox.boundary.protocol import encode
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT

PATHS = {"lecture8": ROOT / "config.yaml", "module1": ROOT / "examples" / "module1" / "config.yaml"}
FORGED_EACH = 25
ODD = {"type": "odd", "was": "<b>", "shown": "](http://x)"}
FAULT = {
    "type": "fault",
    "kind": "exception",
    "error": "E",
    "message": "m",
    "file": "f",
    "line": -(2**40),
    "source": "s",
}
JUNK: tuple[Any, ...] = (
    *(0, 1, -1, -2, -3, 7, 10**6, 2**63 - 1, -(2**63), 0.0, -0.0, 1e308, float("nan"), float("inf"), -float("inf")),
    *(None, True, "", "Mul", [], [0], [[]], [0.0], [[0, 0.0]] * 3, ODD, FAULT),
)


@pytest.fixture(scope="module", params=["lecture8", pytest.param("module1", marks=pytest.mark.ci)])
def prepared(request: pytest.FixtureRequest) -> Plan:
    assignment = config.load(PATHS[request.param])
    small = msgspec.structs.replace(assignment.corpus, public=12, private=4)
    return planning.prepare(msgspec.structs.replace(assignment, corpus=small))


@pytest.fixture(scope="module")
def held(prepared: Plan) -> Iterator[Supervisor]:
    box, _ = cohort.open_box(prepared.assignment)
    with Supervisor(box, 913) as opened:
        yield opened


def coded(plan: Plan) -> list[tuple[Unit, Exercise]]:
    return [(unit, one) for unit in plan.units if not unit.on_paper for one in unit.exercises]


def forged(told: Any, ask: Any, drawn: random.Random) -> Any:
    """Return the answer with a few of its parts replaced, if it is still one that is taken for whole."""
    for _ in range(20):
        plain = msgspec.msgpack.decode(encode(told))
        for _ in range(drawn.randint(1, 3)):
            _replace_a_part(plain, drawn)
        with contextlib.suppress(OverflowError):
            found = probes.read(probes.of(ask), ask, msgspec.Raw(encode(plain)))
            if found is not None and found != told:
                return found
    return told


def _replace_a_part(plain: Any, drawn: random.Random) -> None:
    while True:
        keys = list(plain) if isinstance(plain, dict) else list(range(len(plain)))
        keys = [key for key in keys if key != "type"]
        if not keys:
            return
        key = drawn.choice(keys)
        inner = plain[key]
        if isinstance(inner, (dict, list)) and inner and drawn.random() < 0.85:
            plain = inner
            continue
        if isinstance(plain, list) and drawn.random() < 0.3:
            del plain[key]
        else:
            plain[key] = copy.deepcopy(drawn.choice(JUNK))
        return


def judged_with(
    change: Callable[[Any, Any], Any], plan: Plan, held: Supervisor, unit: Unit, exercise: Exercise, half: Any
) -> dict[str, Outcome]:
    submission = cohort.reference_submission(plan.assignment)
    with Session(held, loading.load(plan.assignment, submission, unit), Budget(held.box.limits)) as session:

        def judge(call: Callable[[Any], Any]) -> dict[str, Outcome]:
            return KINDS[exercise.kind].judge(exercise, half, lambda ask: change(call(ask), ask))

        outcomes = session.ask(judge)
    assert isinstance(outcomes, dict)
    return outcomes


def forge(plan: Plan, held: Supervisor, times: int) -> None:
    drawn = random.Random("forged")
    for unit, exercise in coded(plan):
        for _ in range(times):
            half = drawn.choice((plan.public, plan.private))[exercise.id]
            state = drawn.getstate()
            outcomes = judged_with(
                lambda told, ask: forged(told, ask, drawn) if drawn.random() < 0.8 else told,
                plan,
                held,
                unit,
                exercise,
                half,
            )
            assert {check.name for check in exercise.checks} == set(outcomes), (exercise.id, state[1][-1])
            assert not {"judge error", "skipped"} & {one.verdict for one in outcomes.values() if one.judged}


def test_no_judge_fails_over_a_forged_answer(prepared: Plan, held: Supervisor) -> None:
    forge(prepared, held, FORGED_EACH)


@pytest.mark.prove
def test_no_judge_fails_over_two_hundred_forged_answers_each(prepared: Plan, held: Supervisor) -> None:
    forge(prepared, held, 200)
