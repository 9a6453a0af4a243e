"""Workers where there are no processes, as in a browser: who asks answers as well. Nothing is contained.

Theory of operation. A question goes the same way as to a process, through the protocol's bytes, and its answer comes
back the same way. A clock interrupts a student's code when its time is up, and sees where it is. What no clock of ours
interrupts, such as one long call of compiled code, ends only with the interpreter. The page ends it and starts another.
That one is asked everything again, with a list of the questions that are not to be put any more (`stopped`), by number.
The same files are asked the same questions, so a number means the same question every time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

from grader.model import Stopped, Whereabouts
from grader.sandbox import serving, whereabouts
from grader.sandbox.boundary.protocol import LINES, FromWorker, Load, ToWorker, decode_reply, decode_request, encode
from grader.sandbox.fresh import WALL_PER_CPU, Printing
from grader.sandbox.interrupting import Interrupts
from grader.sandbox.shared import Shared
from grader.sandbox.worker import late
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.output import Kept


class OutOfTime(BaseException):
    """Raised in a student's code when its time is up, again and again until it ends."""


class OutOfStack(Exception):
    """A question used up the stack of an interpreter before this one: the machine's fault, and nobody's answer."""


Tell = Callable[[int, float, "Whereabouts | None"], None]


class Inline:
    """Hands out workers that are this interpreter, one at a time.

    `stopped`: what became of questions that ended an interpreter before this one, by their number; None where that had
    no stack left. `tell` is given the number of each question before it is put, with the seconds that it has; where the
    code is, once these are over; and 0 seconds once it is answered: what takes time then is the grader.
    """

    def __init__(self, clock: Interrupts, stopped: Mapping[int, Stopped | None], tell: Tell) -> None:
        self.clock, self.tell = clock, tell
        self.printing = Printing()
        self.ran_out = self.spoilt = False
        """Whether a question had no stack, since this was last set; whether this interpreter is to be asked no more."""
        self.stopped, self._number = stopped, -1

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:  # noqa: ARG002 - nothing is built
        """Yield a worker with nothing loaded, and see that its student's modules are gone afterwards."""
        shared = Shared()
        try:
            yield Worker(self, shared)
        finally:
            self.spoilt |= shared.put_back()

    def next_number(self) -> int:
        """Return the number of the next question."""
        self._number += 1
        return self._number


class Worker:
    """One student's code in this interpreter."""

    built = ours = False

    def __init__(self, workers: Inline, shared: Shared) -> None:
        self._workers, self._shared = workers, shared
        self._package: Package | None = None
        self._kept = Kept(0)
        self._count, self._number, self._seconds = 0, 0, 0.0
        self._where: Whereabouts | None = None
        self._is_late = self._no_stack = False
        self.stopped: Stopped | None = None

    def next_id(self) -> int:
        """Return an id no earlier question had."""
        self._count += 1
        return self._count

    def cpu(self) -> float:
        """Return the seconds it was asked for, in the measure of its limits."""
        return self._seconds / WALL_PER_CPU

    def ask(self, request: ToWorker, cpu_limit: float) -> FromWorker | Stopped:
        """Put one question and return its answer, or why there is none; after that nothing more is asked."""
        if self.stopped is not None:
            return self.stopped
        number, before = self._workers.next_number(), self._workers.stopped
        if self._no_stack or (number in before and before[number] is None):
            self._no_stack |= isinstance(request, Load)  # what is not loaded cannot be asked
            self._workers.ran_out = True
            raise OutOfStack
        reply = before.get(number) or self._answered(number, request, cpu_limit * WALL_PER_CPU)
        if isinstance(request, Load):
            self._workers.printing.while_loading = self._workers.printing.take()
        self.stopped = reply if isinstance(reply, Stopped) else None
        return reply

    def kill(self) -> None:
        """Do nothing: there is no process to end."""

    def _answered(self, number: int, request: ToWorker, seconds: float) -> FromWorker | Stopped:
        self._number = number
        self._workers.tell(number, seconds, None)
        held = [decode_request(encode(request))]
        answer = None
        clock = self._workers.clock
        try:
            with self._shared.theirs():
                clock.start(seconds, self._out_of_time)
                try:
                    if self._package is None and isinstance(request, Load):
                        self._package = Package(request.package, self._stream)
                    answer = encode(serving.answer(held, self._package, tuple))
                finally:
                    self._seconds += clock.stop()
        except OutOfTime:
            answer = None
        except (SystemExit, KeyboardInterrupt, GeneratorExit):  # what ends a process
            return Stopped("crash", self.cpu())
        finally:
            self._workers.tell(number, 0.0, None)
        lines, tail = self._kept.take()
        if tail:
            self._workers.printing.add(LINES.pack(lines) + tail)
        if self._is_late or answer is None:  # a student's own `except` may have kept what the clock raised
            return Stopped("time limit", self.cpu(), where=self._where)
        return decode_reply(answer)

    def _stream(self, cap: int) -> Kept:
        self._kept = Kept(cap)
        return self._kept

    def _out_of_time(self, frame: FrameType | None) -> None:
        """Take note of where the code is, the first time, and end it. Raises OutOfTime, but in no code of ours."""
        told = late.said(frame)
        if told is None:
            return
        if not self._is_late:
            self._is_late, self._where = True, whereabouts.read(encode(told))
            self._workers.tell(self._number, 0.0, self._where)
        raise OutOfTime
