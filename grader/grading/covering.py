"""Which lines of a student's ran with the input that shows their mistake: for staff to read, and to judge nobody by.

The counterexample is asked once more, of a worker of its own, with somebody looking on: what a helper remembers would
not run again. What cannot be asked so is left out: arrays, graphs that are told of in words, and what met a limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise
from grader.exercise_kinds.graph_naming import Question
from grader.exercise_kinds.kinds import KINDS
from grader.grading import per_student
from grader.grading.planning import Plan
from grader.grading.session import Session
from grader.grading.sessions import Sessions
from grader.model import Counterexample, ExerciseResult, Outcome, Result, Submission
from grader.reports.rows import INTERFACE
from grader.sandbox import probes
from grader.sandbox.boundary.protocol import encode
from grader.sandbox.probes.building import Steps
from grader.sandbox.probes.covered import CoveredReply, CoveredRequest
from grader.sandbox.probes.expression import ExpressionRequest
from grader.sandbox.probes.function import FunctionRequest
from grader.sandbox.probes.values import ValuesRequest
from grader.sandbox.supervisor import Supervisor

Lines = dict[str, tuple[int, ...]]
"""File, as the student calls it -> the lines of it that ran."""


class Onlooker:
    """Looks on while counterexamples are asked again, of one submission after another."""

    def __init__(self, plan: Plan, supervisor: Supervisor) -> None:
        self._plan, self._supervisor = plan, supervisor
        self._sessions = Sessions(plan, supervisor)

    def covered(self, submission: Submission, result: Result) -> dict[str, Lines]:
        """Return what ran for each exercise with an input that shows its mistake. Raises JudgeError as grading does."""
        plan = _plan_of(self._plan, result)
        sessions = Sessions(plan, self._supervisor, self._sessions)
        units = {one.id: unit for unit in plan.units for one in unit.exercises}
        found = {}
        for one in result.exercises:
            ask = _question(plan, one) if one.id in units else None
            if ask is not None:
                with sessions.once(submission, units[one.id], sessions.budget()) as session:
                    found[one.id] = _asked(session, submission, ask)
        return {id: lines for id, lines in found.items() if lines}


def lines_of(plan: Plan, supervisor: Supervisor, submission: Submission, exercise: Exercise) -> frozenset[int]:
    """Return the lines of a submission's file that run where an exercise is asked in public; none where none is known.

    Raises JudgeError as grading does.
    """
    unit = next((unit for unit in plan.units if exercise in unit.exercises), None)
    half = plan.public.get(exercise.id)
    if unit is None or half is None or exercise.on_paper or exercise.module not in submission.modules:
        return frozenset()
    path, _ = submission.modules[exercise.module]
    asks = [CoveredRequest(probes.of(ask).name, encode(ask)) for ask in KINDS[exercise.kind].questions(half)]
    sessions = Sessions(plan, supervisor)
    with sessions.once(submission, unit, sessions.budget()) as session:
        found = [_asked(session, submission, ask).get(path, ()) for ask in asks]
    return frozenset(line for lines in found for line in lines)


def _plan_of(plan: Plan, result: Result) -> Plan:
    """Return the plan that a result is of: a student's own numbers, in the interface that was recognised."""
    if plan.per_student is not None:
        plan = per_student.of_submission(plan, result.submission)
    spoken = [one.name for one in plan.assignment.dialects]
    name = result.environment.get(INTERFACE, "")
    return plan.others[spoken.index(name) - 1] if name in spoken[1:] else plan


def _question(plan: Plan, one: ExerciseResult) -> CoveredRequest | None:
    """Return the question that asks for the first counterexample alone; None where there is none that can be asked."""
    check = next((check for check in one.checks if check.outcome.counterexample), None)
    shown = check.outcome.counterexample if check else None
    exercise = next(each for each in plan.assignment.exercises if each.id == one.id)
    half = plan.public.get(one.id)
    if check is None or shown is None or half is None or exercise.on_paper:
        return None
    if shown.picture is not None:
        asked = _of_graph(half.ask, check.name, shown.picture.asked)
    else:
        asked = next((_of(ask, shown) for ask in KINDS[exercise.kind].questions(half)), None)
    return None if asked is None else CoveredRequest(probes.of(asked).name, encode(asked))


def _of_graph(questions: Mapping[str, Question], check: str, graph: bytes) -> msgspec.Struct | None:
    """Return the question of a check for one graph; None where none is kept of it."""
    if not graph or check not in questions:
        return None
    steps = msgspec.msgpack.decode(graph, type=Steps)
    return msgspec.structs.replace(questions[check].ask, graphs=(steps,), budget=0, growth=0)


def _of(ask: Any, shown: Counterexample) -> msgspec.Struct | None:
    """Return a question for one input."""
    args = tuple(shown.args.values())
    if not all(isinstance(one, float) for one in args):
        return None
    if isinstance(ask, ValuesRequest) and ask.inputs and len(ask.inputs[0]) == len(args):
        return msgspec.structs.replace(ask, inputs=(args,))
    if isinstance(ask, (FunctionRequest, ExpressionRequest)) and len(args) - ask.arity in (0, 1):
        sent = args[ask.arity] if len(args) > ask.arity else shown.d_out  # a course may call it otherwise than d_out
        inputs = ((args[: ask.arity], 1.0 if sent is None else sent),)
        return msgspec.structs.replace(ask, inputs=inputs, together=(0, 0), backward=ask.backward and sent is not None)
    return None


def _asked(session: Session, submission: Submission, ask: CoveredRequest) -> Lines:
    told = session.ask(lambda call: call(ask))
    return {} if isinstance(told, Outcome) else dict(_by_file(told, submission))


def _by_file(told: CoveredReply, submission: Submission) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the lines file by file: of files that were handed in, and of no other."""
    paths: Mapping[str, bytes] = dict([*submission.modules.values(), *submission.extras.values()])
    for path, source in paths.items():
        count = source.count(b"\n") + 1
        lines = tuple(line for name, line in told.lines if name == path and 0 < line <= count)
        if lines:
            yield path, lines
