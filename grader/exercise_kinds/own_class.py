"""Ask a class with forward and backward at the points of an exercise with checks of its own, and show what came back.

At each point of `at` there is a fresh context: forward is called, then backward with the `d_out` of that point. The
author's function is given the arguments and the `d_out` that were drawn, and what came back at each point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from grader.assignment.kind import Call
from grader.exercise_kinds import blame, snippets, stand_ins, wording
from grader.exercise_kinds.own_answers import NO_NUMBER, Returned, points
from grader.model import Input, Outcome
from grader.oracle.expressions import Expression
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.function import PROBE, Evaluation, FunctionReply, FunctionRequest

CONTEXT_MODULE = "autodiff"


def request(module: str, name: str, at: Sequence[Sequence[Expression]], inputs: Sequence[Input]) -> FunctionRequest:
    """Return the question."""
    return FunctionRequest(module, name, CONTEXT_MODULE, len(at[0]) - 1, points(at, inputs))


def with_plain_context(ask: FunctionRequest) -> FunctionRequest:
    """Return the question as it is put with the plain Context of a self-check."""
    return msgspec.structs.replace(ask, context_module=stand_ins.CONTEXT_MODULE)


def asked(ask: FunctionRequest, call: Call, package: str, public: bool) -> Answers | Outcome:
    """Return what came back; or the outcome of a class that is not there, raises or does not answer."""
    reply, ask = _told(ask, call)
    missing = blame.of_what_is_not_there(reply.missing, reply.absent, ask.module, ask.name)
    if missing is not None:
        return missing
    answers = Answers(ask, reply.rows, package)
    for i, row in enumerate(reply.rows):
        fault = _fault(row)
        if fault is not None:
            doing = f"{ask.name}.{'forward' if row.forward is fault else 'backward'}"
            return blame.of_fault(fault, doing, answers.snippet([i]) if public else "")
    if len(reply.rows) != len(ask.inputs):
        return Outcome("wrong answer", f"{ask.name} did not answer every time")
    return answers


def _told(ask: FunctionRequest, call: Call) -> tuple[FunctionReply, FunctionRequest]:
    """Return what came back, and how it was asked: a single saved value may be read bare as well, if that goes well."""
    first: FunctionReply = call(ask)
    if first.absent or not any(map(_fault, first.rows)):
        return first, ask
    bare = msgspec.structs.replace(ask, unwrap=True, brief=True)
    second: FunctionReply = call(bare)
    whole = len(second.rows) == len(ask.inputs) and not any(map(_fault, second.rows))
    return (second, msgspec.structs.replace(bare, brief=False)) if whole else (first, ask)


def _fault(row: Evaluation) -> Fault | None:
    return next((one for one in (row.forward, row.backward) if isinstance(one, Fault)), None)


class Answers(msgspec.Struct, frozen=True):
    """What a class returned at every point."""

    ask: FunctionRequest
    rows: Sequence[Evaluation]
    package: str
    no_number: str = NO_NUMBER

    def __len__(self) -> int:
        """Return how many points were answered."""
        return len(self.rows)

    def given(self, points: Sequence[int]) -> Sequence[Returned] | None:
        """Return a record per point, None where anything of it is no number."""
        found = []
        for row in (self.rows[i] for i in points):
            numbers: Any = (row.forward, *row.backward) if isinstance(row.backward, tuple) else (None,)
            if not all(isinstance(one, float) for one in numbers):
                return None
            found.append(Returned(numbers[0], numbers[1:]))
        return found

    def shown(self, points: Sequence[int]) -> str:
        """Return what came back at some points, in words."""
        said = []
        for i in points:
            row, (args, d_out) = self.rows[i], self.ask.inputs[i]
            called = f"{self.ask.name}({', '.join(map(wording.plain, args))})"
            back = row.backward if isinstance(row.backward, tuple) else (row.backward,)
            gradients = ", ".join(wording.shown(one) for one in back if one is not None)
            said.append(f"{called} = {wording.shown(row.forward)}, backward({wording.plain(d_out)}) = {gradients}")
        return "; ".join(said)

    def snippet(self, points: Sequence[int]) -> str:
        """Return the calls at some points, to paste and run."""
        return snippets.one_after_another(PROBE.call(self.package, self.ask, i) for i in points)
