"""Ask a plain function at the points of an exercise with checks of its own, and show what came back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.assignment.kind import Call
from grader.exercise_kinds import blame, snippets, wording
from grader.exercise_kinds.own_answers import NO_NUMBER
from grader.model import Input, Outcome
from grader.oracle.expressions import Expression
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.values import ValuesReply, ValuesRequest


def request(module: str, name: str, at: Sequence[Sequence[Expression]], inputs: Sequence[Input]) -> ValuesRequest:
    """Return the question: every point of an input after the other."""
    return ValuesRequest(
        module, name, tuple(tuple(one.value(on.args) for one in point) for on in inputs for point in at)
    )


def asked(ask: ValuesRequest, call: Call, package: str, public: bool) -> Answers | Outcome:
    """Return what came back; or the outcome of a function that is not there, raises or does not answer."""
    told: ValuesReply = call(ask)
    gone = blame.of_what_is_not_there(told.missing, told.absent, ask.module, ask.name)
    if gone is not None:
        return gone
    answers = Answers(ask, told, package)
    for i, value in enumerate(told.values):
        if isinstance(value, Fault):
            return blame.of_fault(value, ask.name, answers.snippet([i]) if public else "")
    if len(told.values) != len(ask.inputs):
        return Outcome("wrong answer", f"{ask.name} did not answer every time")
    return answers


class Answers(msgspec.Struct, frozen=True):
    """What a function returned at every point."""

    ask: ValuesRequest
    told: ValuesReply
    package: str
    no_number: str = NO_NUMBER

    def __len__(self) -> int:
        """Return how many points were answered."""
        return len(self.told.values)

    def given(self, points: Sequence[int]) -> Sequence[float] | None:
        """Return the values at some points; None where one is no number."""
        values = [value for i in points if isinstance(value := self.told.values[i], float)]
        return values if len(values) == len(points) else None

    def shown(self, points: Sequence[int]) -> str:
        """Return what came back at some points, in words."""
        return ", ".join(f"{self._call(i)} = {wording.shown(self.told.values[i])}" for i in points)

    def snippet(self, points: Sequence[int]) -> str:
        """Return the calls at some points, to paste and run."""
        start = snippets.imports(self.package, (self.ask.module, self.ask.name))
        return "; ".join([start, *(f"print({self._call(i)})" for i in points)])

    def _call(self, i: int) -> str:
        return f"{self.ask.name}({', '.join(map(wording.plain, self.ask.inputs[i]))})"
