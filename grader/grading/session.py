"""One unit of one submission, asked: a worker with the unit loaded, replaced when it stops.

A worker that hangs, crashes or breaks the protocol costs the exercise it was on; the next has a new one. A file
that does not load within its limits is charged to every exercise of the unit, and not tried again. What is our own
fault - a zygote that ended, a worker that never locked itself down - is tried again, and then raised.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec

from grader.assignment.kind import Fresh
from grader.errors import JudgeError
from grader.exercise_kinds import blame
from grader.model import Outcome, Stopped
from grader.sandbox import probes
from grader.sandbox.boundary.protocol import (
    Batch,
    BatchReply,
    FromWorker,
    Late,
    Load,
    Loaded,
    Probed,
    Remark,
    Reply,
    Request,
    ToWorker,
    encode,
)
from grader.sandbox.box import Limits

LOST_TRIED_AGAIN = 2
WALL_PER_CPU = 3.0

T = TypeVar("T")


class WorkerStopped(Exception):
    """The worker did not answer; what it was doing is charged."""

    def __init__(self, stopped: Stopped) -> None:
        super().__init__(stopped.reason)
        self.stopped = stopped


class Question(msgspec.Struct, frozen=True):
    """A question that is asked of every submission, encoded once. `ask` is what tells it from others: keep it alive."""

    ask: Any
    kind: str
    body: msgspec.Raw


def question(ask: Any) -> Question:
    """Encode a question."""
    return Question(ask, probes.of(ask).name, msgspec.Raw(encode(ask)))


class Budget:
    """The CPU seconds a submission has left, over all its workers, and the wall time that bounds even a sleeper."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.submission_cpu
        self._wall_end = time.monotonic() + limits.submission_cpu * WALL_PER_CPU

    def next(self) -> float:
        """Return the CPU seconds the next question may take; next to nothing once either budget is used up."""
        left = self.left if time.monotonic() < self._wall_end else 0.0
        return max(min(self.limits.exercise_cpu, left), 0.01)

    @contextlib.contextmanager
    def part(self, share: float) -> Iterator[Budget]:
        """Yield a budget of its own with a share of what is left; what is used of it is used of this one as well."""
        part = Budget(self.limits)
        part.left = given = max(self.left, 0.0) * share
        part._wall_end = self._wall_end
        try:
            yield part
        finally:
            self.left -= given - part.left


class Worker(Protocol):
    """A process that answers questions, as a session needs it: locked down in grading, a plain one at a desk."""

    stopped: Stopped | None
    ours: bool
    built: bool
    """It has what is provided built already."""

    def next_id(self) -> int:
        """Return an id no earlier question had."""

    def cpu(self) -> float:
        """Return the seconds it has used."""

    def ask(self, request: ToWorker, cpu_limit: float) -> FromWorker | Stopped:
        """Send one question and return its answer, or why there is none."""

    def kill(self) -> None:
        """End it now."""


class Workers(Protocol):
    """Where workers come from."""

    def worker(self, mentioned: bool = False, base: bytes = b"") -> contextlib.AbstractContextManager[Worker]:
        """Hand out a fresh worker, and see to its end. Raises JudgeError where none can be started."""


class Session:
    """Asks one unit's questions. Use as a context manager: it ends with its worker.

    `load` is what every worker of its is loaded with; `mentioned` says that the submission names a rarer module, and
    `base` is what a worker may have built beforehand. One that is `trusting` has nobody to talk a judge into anything:
    it asks the worker it has where a fresh one is wanted.
    """

    _most_to_load = math.inf
    """CPU seconds, beside the limits that hold in any case."""

    def __init__(
        self,
        workers: Workers,
        load: Load,
        budget: Budget,
        mentioned: bool = False,
        base: bytes = b"",
        trusting: bool = False,
    ) -> None:
        self._workers, self._load, self._budget = workers, load, budget
        self._mentioned, self._base, self._trusting = mentioned, base, trusting
        self._held = contextlib.ExitStack()
        self._line: _WorkerConnection | None = None
        self._unloadable: Outcome | None = None
        self._last: Any = None
        self.wall_stopped = False
        self.remarks: list[Remark] = []
        """What the workers remarked so far."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def ask(self, judge: Callable[[Callable[[Any], Any]], T]) -> T | Outcome:
        """Return what `judge` makes of the answers it calls for, or what the worker's stopping comes to."""
        for _ in range(1 + LOST_TRIED_AGAIN):
            if self._unloadable is not None:
                return self._unloadable
            try:
                return judge(self._call)
            except WorkerStopped:
                outcome = self._stopped()
            if outcome is not None:
                return outcome
        raise JudgeError("the sandbox keeps losing its workers")

    @property
    def unloadable(self) -> bool:
        """Say whether the files did not load within their limits: no question was asked."""
        return self._unloadable is not None

    def _call(self, ask: Any) -> Any:
        """Answer one question."""
        if isinstance(ask, Fresh):
            return self._call(ask.ask) if self._trusting else self._of_a_fresh_worker(ask)
        self._last = ask
        told = probes.read(probes.of(ask), ask, self._body(ask))
        if told is None:
            self._loaded().violated()
        return told

    def _body(self, ask: Any) -> msgspec.Raw:
        """Return what comes back for one question, not looked at yet."""
        return self._loaded().call(question(ask))

    def _of_a_fresh_worker(self, fresh: Fresh) -> Any:
        """Answer a question by a worker of its own, with all that comes before it asked as it was asked before.

        None where that worker stops. Whatever is asked next has a new one, too: this one has seen a probe.
        """
        self._end_worker()
        try:
            body = self._fresh_body(fresh, question(fresh.ask))
        except WorkerStopped:
            worker = self._end_worker()
            if worker is None or worker.ours:
                raise
            return None
        told = probes.read(probes.of(fresh.ask), fresh.ask, body)
        self._end_worker()
        return told

    def _fresh_body(self, fresh: Fresh, one: Question) -> msgspec.Raw:  # noqa: ARG002 - for who asks several at once
        return self._loaded().call(one)

    def _call_of(self, row: int) -> str:
        """Return which call of the last question an input is."""
        return probes.of(self._last).call(self._load.package, self._last, row)

    def _end_worker(self) -> Worker | None:
        """End the worker, and return it: only now is it known how it ended."""
        line, self._line = self._line, None
        self._held.close()
        return None if line is None else line.worker

    def _loaded(self) -> _WorkerConnection:
        if self._line is None:
            worker = self._held.enter_context(self._workers.worker(self._mentioned, self._base))
            self._line = _WorkerConnection(worker, self._budget, self.remarks)
            load = self._load.without_built() if worker.built else self._load
            self._line.load(msgspec.structs.replace(load, id=worker.next_id()), self._most_to_load)
        return self._line

    def _stopped(self) -> Outcome | None:
        """Let go of the worker and return what its end comes to; None where it was our fault."""
        line = self._line
        worker = self._end_worker()
        if line is None or worker is None or worker.ours:
            return None
        assert worker.stopped is not None
        self.wall_stopped |= worker.stopped.reason == "wall limit"
        outcome = blame.of_stop(worker.stopped, self._call_of if line.loaded else lambda _: "")
        if not line.loaded:
            self._unloadable = outcome
        return outcome


class _WorkerConnection:
    """Questions to one worker, each within what the budget leaves."""

    def __init__(self, worker: Worker, budget: Budget, remarks: list[Remark]) -> None:
        self.worker, self._budget, self._remarks = worker, budget, remarks
        self._used = worker.cpu()
        self.loaded = False

    def load(self, load: Load, most: float) -> None:
        reply = self._ask(load, most)
        if not isinstance(reply, Loaded):
            self.violated()
        self.loaded = True

    def call(self, one: Question) -> msgspec.Raw:
        """Put one question. What came back is not looked at yet."""
        reply = self._ask(Request(self.worker.next_id(), one.kind, one.body))
        if not isinstance(reply, Reply):
            self.violated()
        return reply.body

    def call_all(self, questions: Sequence[Question], cpu: float) -> Sequence[msgspec.Raw]:
        """Put several questions in one frame. What came back is not looked at yet, but that it is as many."""
        request = Batch(self.worker.next_id(), tuple((one.kind, one.body) for one in questions))
        reply = self._ask(request, cpu)
        if not isinstance(reply, BatchReply) or len(reply.bodies) != len(questions):
            self.violated()
        return reply.bodies

    def violated(self) -> NoReturn:
        """End a worker that did not keep to the protocol."""
        self.worker.stopped = Stopped("protocol violation", self.worker.cpu())
        self.worker.kill()
        raise WorkerStopped(self.worker.stopped)

    def _ask(self, request: Load | Request | Batch, most: float = math.inf) -> object:
        reply = self.worker.ask(request, min(self._budget.next(), most))
        used = reply.cpu if isinstance(reply, Stopped) else self.worker.cpu()
        self._budget.left -= max(used - self._used, 0.0)
        self._used = used
        if isinstance(reply, Stopped):
            raise WorkerStopped(reply)
        if not isinstance(reply, (Probed, Late)):
            self._remarks.extend(reply.remarks)
        return reply
