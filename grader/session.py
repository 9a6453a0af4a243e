"""One unit of one submission, asked: a worker with the unit loaded, replaced when it stops.

What is sure to be asked goes out in one frame (`ask_ahead`): a round trip for every question costs more than the calls
in it. Where that frame brings no answer in a short time, nothing has been learnt of who is to blame, and every
question is asked alone, of a new worker.

A worker that hangs, crashes or breaks the protocol costs the exercise it was on; the next has a new one. A file
that does not load within its limits is charged to every exercise of the unit, and not tried again. What is our own
fault - a zygote that ended, a worker that never locked itself down - is tried again, and then raised.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

import msgspec

from grader.checks import blame
from grader.config import Assignment
from grader.errors import JudgeError
from grader.model import Outcome, Stopped, Submission
from grader.planning import Unit
from grader.sandbox import kinds
from grader.sandbox.launch import Limits
from grader.sandbox.protocol import Ask, AskAll, Load, Loaded, Module, Told, ToldAll, encode
from grader.sandbox.remote import Worker
from grader.sandbox.supervisor import Supervisor

LOST_TRIED_AGAIN = 2
WALL_PER_CPU = 3.0
AHEAD_CPU = 0.25
"""CPU seconds for a frame of many questions: fifty times what honest code takes, and little lost where it is not."""

T = TypeVar("T")


class _WorkerStopped(Exception):
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
    return Question(ask, kinds.of(ask).name, msgspec.Raw(encode(ask)))


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


class Session:
    """Asks one unit's questions. Use as a context manager: it ends with its worker."""

    def __init__(
        self,
        supervisor: Supervisor,
        assignment: Assignment,
        submission: Submission,
        unit: Unit,
        budget: Budget,
        base: bytes = b"",
    ) -> None:
        self._base = base if set(submission.modules) == {unit.module} else b""
        self._supervisor, self._assignment, self._budget = supervisor, assignment, budget
        self._submission, self._unit = submission, unit
        self._held = contextlib.ExitStack()
        self._line: _Line | None = None
        self._unloadable: Outcome | None = None
        self._ahead: dict[int, msgspec.Raw] | None = {}
        self.asked = 0
        self.wall_stopped = False

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
            except _WorkerStopped:
                outcome = self._stopped()
            if outcome is not None:
                return outcome
        raise JudgeError("the sandbox keeps losing its workers")

    def ask_ahead(self, questions: Sequence[Question]) -> None:
        """Put several questions in one frame, and keep the answers for when they are asked."""
        if self._ahead is None or not questions or self._unloadable is not None:
            return
        left = self._budget.left
        try:
            line = self._loaded()
            left = self._budget.left
            self._ahead.update(zip(map(id, (one.ask for one in questions)), line.call_all(questions)))
        except _WorkerStopped:
            self._ahead = None  # nor the next time: one question at a time from here on
            if self._line is not None and not self._line.loaded:
                self._stopped()
            else:
                self._line = None
                self._held.close()
                self._budget.left = left  # it is asked again, and charged then

    def answers(self, questions: Sequence[Question]) -> bytes | None:
        """Return what tells these answers from all others, where all of them were given ahead; else None."""
        bodies = [(self._ahead or {}).get(id(one.ask)) for one in questions]
        if not bodies or None in bodies:
            return None
        digest = hashlib.blake2b(digest_size=32)
        for body in bodies:
            assert body is not None
            digest.update(len(body).to_bytes(8, "big"))
            digest.update(body)
        return digest.digest()

    def _call(self, ask: Any) -> Any:
        """Answer one question: from what was given ahead, or by asking it now."""
        body = (self._ahead or {}).get(id(ask))
        if body is None:
            self.asked += 1
            return self._loaded().call(ask)
        told = kinds.read(kinds.of(ask), ask, body)
        if told is None:
            self._loaded().violated()
        return told

    def _loaded(self) -> _Line:
        if self._line is None:
            mentioned = _names_any(self._submission, self._supervisor.box.on_mention)
            self._line = _Line(self._held.enter_context(self._supervisor.worker(mentioned, self._base)), self._budget)
            self._line.load(_load(self._line.worker.next_id(), self._assignment, self._submission, self._unit))
        return self._line

    def _stopped(self) -> Outcome | None:
        """Let go of the worker and return what its end comes to; None where it was our fault."""
        line, self._line = self._line, None
        assert line is not None
        self._held.close()  # only now is it known how it ended
        if line.worker.ours:
            return None
        assert line.worker.stopped is not None
        self.wall_stopped |= line.worker.stopped.reason == "wall limit"
        outcome = blame.of_stop(line.worker.stopped)
        if not line.loaded:
            self._unloadable = outcome
        return outcome


class _Line:
    """Questions to one worker, each within what the budget leaves."""

    def __init__(self, worker: Worker, budget: Budget) -> None:
        self.worker, self._budget = worker, budget
        self.loaded = False

    def load(self, load: Load) -> None:
        reply = self._ask(load)
        if not isinstance(reply, Loaded):
            self.violated()
        self.loaded = True

    def call(self, ask: Any) -> Any:
        """Put one question; an answer of the wrong shape, or not whole, is a violation and ends the worker."""
        driver = kinds.of(ask)
        reply = self._ask(Ask(self.worker.next_id(), driver.name, msgspec.Raw(encode(ask))))
        told = kinds.read(driver, ask, reply.body) if isinstance(reply, Told) else None
        if told is None:
            self.violated()
        return told

    def call_all(self, questions: Sequence[Question]) -> Sequence[msgspec.Raw]:
        """Put several questions in one frame. What came back is not looked at yet, but that it is as many."""
        request = AskAll(self.worker.next_id(), tuple((one.kind, one.body) for one in questions))
        reply = self._ask(request, AHEAD_CPU)
        if not isinstance(reply, ToldAll) or len(reply.bodies) != len(questions):
            self.violated()
        return reply.bodies

    def violated(self) -> NoReturn:
        """End a worker that did not keep to the protocol."""
        self.worker.stopped = Stopped("protocol violation", self.worker.cpu())
        self.worker.kill()
        raise _WorkerStopped(self.worker.stopped)

    def _ask(self, request: Load | Ask | AskAll, most: float = math.inf) -> object:
        before = self.worker.cpu()
        reply = self.worker.ask(request, min(self._budget.next(), most))
        self._budget.left -= max(self.worker.cpu() - before, 0.0)
        if isinstance(reply, Stopped):
            self._budget.left -= max(reply.cpu - before, 0.0)
            raise _WorkerStopped(reply)
        return reply


def _names_any(submission: Submission, modules: Sequence[str]) -> bool:
    """Say whether a submission's source names any of the modules, as whatever imports one does."""
    sources = [source for _, source in (*submission.modules.values(), *submission.extras.values())]
    names = {module.partition(".")[0].encode() for module in modules}
    return any(name in source for name in names for source in sources)


def base(assignment: Assignment, unit: Unit) -> bytes:
    """Return all that a unit provides, but for the module under test, encoded for a branch to be built with."""
    whole = _load(0, assignment, Submission(""), unit)
    provided = tuple(module for module in whole.modules if module.name != unit.module)
    return encode(msgspec.structs.replace(whole, modules=provided))


def _load(number: int, assignment: Assignment, submission: Submission, unit: Unit) -> Load:
    modules = []
    for name in assignment.layout.modules:
        part = unit.provided.get(name)
        path, student = submission.modules.get(name, ("", None))
        if part is None and student is None:
            continue
        code, names = (part.code, part.names) if part else (None, ())
        modules.append(Module(name, path, student, code, names, eager=name == unit.module, listed=True))
    modules += [Module(name, path, source) for name, (path, source) in submission.extras.items()]
    return Load(
        number,
        assignment.layout.package,
        tuple(modules),
        assignment.allowed,
        assignment.limits.output_kib * 1024,
    )
