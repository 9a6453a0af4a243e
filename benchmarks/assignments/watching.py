"""A supervisor that takes notes: how many workers there were, what they were asked, and what they used."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import Batch, FromWorker, Load, ToWorker
from grader.sandbox.remote import Worker
from grader.sandbox.supervisor import Supervisor


class Work(msgspec.Struct):
    """What workers did so far. CPU seconds; `pages` are minor faults: pages copied after a fork, and new ones.

    `load` and `answers` are what they used between a frame and its answer, `cpu` all they used, from fork to end.
    """

    workers: int = 0
    frames: int = 0
    questions: int = 0
    pages: int = 0
    cpu: float = 0.0
    load: float = 0.0
    answers: float = 0.0

    def since(self, before: Work) -> Work:
        """Return what came after `before`."""
        return Work(*(now - then for now, then in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(before))))


class Watching(Supervisor):
    """Hands out workers, and notes in `work` what comes of them."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.work = Work()

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        """Yield a fresh worker, whose end is waited for."""
        with super().worker(mentioned, base) as worker:
            worker.watched = True
            setattr(worker, "ask", self._noting(worker))  # noqa: B010 - a method is not assigned to otherwise
            try:
                yield worker
            finally:
                self.work.workers += 1
                self.work.pages += _minor_faults(worker)
        self.work.cpu += worker.cpu()

    def _noting(self, worker: Worker) -> Any:
        plain = worker.ask

        def ask(request: ToWorker, cpu_limit: float) -> FromWorker | Any:
            worker._first_word()  # it is locked down from here on
            before = worker.cpu()
            reply = plain(request, cpu_limit)
            used = worker.cpu() - before
            self.work.frames += 1
            if isinstance(request, Load):
                self.work.load += used
            else:
                self.work.answers += used
                self.work.questions += len(request.asks) if isinstance(request, Batch) else 1
            return reply

        return ask


def _minor_faults(worker: Worker) -> int:
    """Return a living worker's minor faults (proc(5)), wherever its process is numbered; 0 where that cannot be had."""
    with contextlib.suppress(OSError, StopIteration):
        about = Path(f"/proc/self/fdinfo/{worker._pidfd}").read_text("utf-8").splitlines()
        pid = next(line.split()[1] for line in about if line.startswith("Pid:"))
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[7])
    return 0
