"""What a worker's stopping costs a submission's budget, and how a probe is put."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import msgspec
import pytest

from grader.assignment.kind import Fresh
from grader.grading.ahead import AheadSession
from grader.grading.session import Budget, Session, question
from grader.model import Outcome, Stopped
from grader.sandbox.boundary.protocol import Batch, BatchReply, FromWorker, Load, Loaded, Reply, ToWorker, encode
from grader.sandbox.box import Limits
from grader.sandbox.probes.values import ValuesReply, ValuesRequest


class Stops:
    """A worker that loads, and stops at its first question after half a second; its clock can be read after that."""

    built, ours = False, False
    stopped: Stopped | None = None
    used = 0.0

    def next_id(self) -> int:
        return 1

    def cpu(self) -> float:
        return self.used

    def ask(self, request: ToWorker, cpu_limit: float) -> FromWorker | Stopped:  # noqa: ARG002 - it stops of itself
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
        outcome = session.ask(lambda call: call(ValuesRequest("m", "f", ())))
    assert isinstance(outcome, Outcome)
    assert outcome.verdict == "time limit"
    assert whole - budget.left == pytest.approx(0.5)


class Tells:
    """Workers that answer whatever they are asked, and keep it. One that is a `probed`th stops instead."""

    built = False
    stopped: Stopped | None = None

    def __init__(self, stops: int = 0, ours: bool = False) -> None:
        self.started, self.ours, self._stops = 0, ours, stops
        self.asked: list[list[ToWorker]] = []

    def next_id(self) -> int:
        return 1

    def cpu(self) -> float:
        return 0.0

    def ask(self, request: ToWorker, cpu_limit: float) -> FromWorker | Stopped:  # noqa: ARG002
        if isinstance(request, Load):
            return Loaded(1, {})
        self.asked[-1].append(request)
        if self.started == self._stops:
            self.stopped = Stopped("crash")
            return self.stopped
        body = msgspec.Raw(encode(ValuesReply(values=(1.0,))))
        return BatchReply(1, (body,) * len(request.asks)) if isinstance(request, Batch) else Reply(1, body)

    def kill(self) -> None:
        pass

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Tells]:  # noqa: ARG002
        self.started += 1
        self.asked.append([])
        yield self


FIRST, OTHER, PROBE = (ValuesRequest("m", name, ((x,),)) for name, x in (("f", 1.0), ("g", 2.0), ("f", 1.5)))


def shapes(asked: list[ToWorker]) -> list[tuple[str, int]]:
    return [(type(one).__name__, len(getattr(one, "asks", ()))) for one in asked]


def test_a_probe_is_put_to_a_new_worker_as_the_judged_question_was() -> None:
    workers = Tells()
    with AheadSession(workers, Load(0, "p", (), (), 1), Budget(Limits())) as session:
        session.ask_ahead([question(FIRST), question(OTHER)])
        told = session.ask(lambda call: (call(FIRST), call(Fresh(PROBE, FIRST)), call(OTHER)))
    assert told == (ValuesReply(values=(1.0,)),) * 3
    assert workers.started == 2
    first, fresh = workers.asked
    assert shapes(first) == shapes(fresh) == [("Batch", 2)]
    assert [body for _, body in fresh[0].asks] == [question(PROBE).body, question(OTHER).body]  # type: ignore[union-attr]


def test_a_probe_of_one_question_comes_after_all_that_came_before_it() -> None:
    workers = Tells()
    with AheadSession(workers, Load(0, "p", (), (), 1), Budget(Limits())) as session:
        session.ask_ahead([question(FIRST), question(OTHER)])
        session.ask(lambda call: call(Fresh(PROBE, PROBE)))
    assert shapes(workers.asked[1]) == [("Batch", 2), ("Request", 0)]


def test_a_probed_worker_that_stops_is_no_evidence_and_costs_nothing_else() -> None:
    workers = Tells(stops=2)
    with AheadSession(workers, Load(0, "p", (), (), 1), Budget(Limits())) as session:
        session.ask_ahead([question(FIRST), question(OTHER)])
        assert session.ask(lambda call: (call(FIRST), call(Fresh(PROBE, FIRST)))) == (ValuesReply(values=(1.0,)), None)


def test_a_probed_worker_that_we_lost_is_no_students_loss() -> None:
    workers = Tells(stops=2, ours=True)
    with AheadSession(workers, Load(0, "p", (), (), 1), Budget(Limits())) as session:
        session.ask_ahead([question(FIRST), question(OTHER)])
        assert session.ask(lambda call: call(Fresh(PROBE, FIRST))) == ValuesReply(values=(1.0,))
    assert workers.started == 3


def test_a_desk_asks_the_worker_it_has() -> None:
    workers = Tells()
    with Session(workers, Load(0, "p", (), (), 1), Budget(Limits()), trusting=True) as session:
        session.ask(lambda call: call(Fresh(PROBE, FIRST)))
        session.ask(lambda call: call(Fresh(PROBE, FIRST)))
    assert workers.started == 1
