"""How a reference fails its own exercises: what it loses, and which of its modules do not come through being loaded.

What is provided of a module runs for every student. Where it raises, right code would be saved by the student's own
files alone, and the rest would be charged with it. So it is a fault of the course's.
"""

from __future__ import annotations

from typing import Any

import msgspec

from grader.errors import JudgeError
from grader.grading import loading, second_chance
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.grading.session import Budget, Session
from grader.model import ExerciseResult, Outcome, Submission
from grader.reports import failures
from grader.sandbox.boundary.protocol import Fault, file_of
from grader.sandbox.probes.values import ValuesReply, ValuesRequest
from grader.sandbox.supervisor import Supervisor

NO_NAME = "_no_such_name"
"""What no module has: asked for it, a worker tells what ended the module."""


class Found(msgspec.Struct, frozen=True):
    """How a reference fails each exercise that it fails, and what it is told of checks that are worth nothing.

    `told`: exercise id -> check name -> outcome, of those that did not come out right.
    """

    faults: dict[str, str]
    told: dict[str, dict[str, Outcome]]


def found(plan: Plan, supervisor: Supervisor, reference: Submission) -> Found:
    """Grade a reference, each unit alone: what is provided for one must do. Raises JudgeError as grading does."""
    result = Grader(msgspec.structs.replace(plan, together=()), supervisor).grade(reference)
    asked = [one for one in result.exercises if one.id not in plan.assignment.unasked]
    lost = {one.id: failures.of_reference(one) for one in asked}
    saved = [
        one.id
        for one in asked
        if not lost[one.id] and any(second_chance.is_of_own(check.outcome) for check in one.checks)
    ]
    if saved:
        broken = unloaded(plan.assignment, supervisor, reference)
        why = "; ".join(map(told, broken.values())) or "they do not run where they are provided"
        lost |= dict.fromkeys(saved, f"what the reference provides for it fails: {why}")
    faults = {id: said for id, said in lost.items() if said}
    told_of = {one.id: _lost(one) for one in asked if one.id not in faults}
    return Found(faults, {id: outcomes for id, outcomes in told_of.items() if outcomes})


def _lost(result: ExerciseResult) -> dict[str, Outcome]:
    return {one.name: one.outcome for one in result.checks if one.outcome.verdict != "accepted"}


def unloaded(assignment: Assignment, supervisor: Supervisor, reference: Submission, only: str = "") -> dict[str, Fault]:
    """Return which of a reference's modules, or whether the `only` one, raise while they are loaded, and what.

    Raises JudgeError as grading does.
    """
    found = {}
    for module in [only] if only else assignment.layout.modules:
        fault = _on_loading(assignment, supervisor, reference, module) if module in reference.modules else None
        if fault is not None:
            found[module] = fault
    return found


def _on_loading(assignment: Assignment, supervisor: Supervisor, reference: Submission, module: str) -> Fault | None:
    load = loading.own_files(assignment, reference, module)
    ask = ValuesRequest(module, NO_NAME, ())
    with Session(supervisor, load, Budget(supervisor.box.limits), True) as session:
        reply: Any = session.ask(lambda call: call(ask))
    if isinstance(reply, Outcome):
        if reply.verdict == "judge error":
            raise JudgeError(reply.reason)
        return Fault("exception", reply.verdict, reply.reason, file_of(module))
    assert isinstance(reply, ValuesReply)
    return reply.missing


def told(fault: Fault) -> str:
    """Return in a line what a module raised, and where.

    >>> told(Fault("exception", "ValueError", "2", "autodiff.py", 231))
    'autodiff.py:231 raises ValueError: 2'
    """
    place = f"{fault.file}:{fault.line}" if fault.line else fault.file
    return f"{place} raises {fault.error or fault.kind}{': ' if fault.message else ''}{fault.message}"
