"""What a worker's stopping costs a submission's budget."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from grader.model import Outcome, Stopped
from grader.sandbox.box import Limits
from grader.sandbox.kinds.values import ValuesAsk
from grader.sandbox.protocol import Load, Loaded, Reply, Request
from grader.session import Budget, Session


class Stops:
    """A worker that loads, and stops at its first question after half a second; its clock can be read after that."""

    built, ours = False, False
    stopped: Stopped | None = None
    used = 0.0

    def next_id(self) -> int:
        return 1

    def cpu(self) -> float:
        return self.used

    def ask(self, request: Request, cpu_limit: float) -> Reply | Stopped:  # noqa: ARG002 - it stops of itself
        if isinstance(request, Load):
            return Loaded(1, {})
        self.used, self.stopped = 0.5, Stopped("time limit", 0.5)
        return self.stopped

    def kill(self) -> None:
        pass

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Stops]:  # noqa: ARG002 - it is all there is
        yield self


def test_time_until_a_worker_stopped_is_charged_once() -> None:
    budget = Budget(Limits())
    whole = budget.left
    with Session(Stops(), Load(0, "p", (), (), 1), budget) as session:
        outcome = session.ask(lambda call: call(ValuesAsk("m", "f", ())))
    assert isinstance(outcome, Outcome)
    assert outcome.verdict == "time limit"
    assert whole - budget.left == pytest.approx(0.5)
