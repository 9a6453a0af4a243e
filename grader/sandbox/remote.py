"""A worker as its supervisor holds it: a wire, a clock, and the means to end it.

Asking means one frame out, one frame back, under a CPU limit read from the worker's own clock (a slow or shared
machine must not fail honest work) and a generous wall limit behind it. Whatever goes wrong - the wire breaks, the
frame is malformed, a limit passes - the worker is killed through its pidfd and what happened is returned as
`Stopped`.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import socket
import time

from grader.errors import JudgeError
from grader.model import Reason, Stopped, Whereabouts
from grader.sandbox import whereabouts
from grader.sandbox.boundary.protocol import (
    HEAD,
    FromWorker,
    Late,
    ToWorker,
    Violation,
    decode_locked,
    decode_reply,
    encode,
    frame,
    frame_length,
)

SHORTEST_NAP, LONGEST_NAP = 0.005, 0.25
READ_SIZE = 1 << 16

FIRST_WORD_SECONDS = 60.0
"""A worker is forked and locked down in milliseconds; a machine that takes a minute over it is at fault."""

CPU_SLACK = 0.5
"""The share of the kernel's own CPU limit from which on its kill is taken for that limit's.

The kernel counts whole ticks for its limit and exact time for its report; on a busy machine they differ by a third.
"""

TELL_SECONDS = 0.5
"""How long a worker whose time is up may take to say where it is."""

WAITED_SHARE = 0.1
"""Who used no more of the processor than this share of its limit waited for something."""

END_MILLISECONDS = 1000
"""How long a process whose wire broke may take to be gone: one that is not, closed it and lives on."""


class Worker:
    """One locked-down process, and the wire to it."""

    def __init__(
        self, wire: socket.socket, pidfd: int, pid: int, wall_factor: float, cpu_most: float, built: bool = False
    ) -> None:
        self.pid, self.built = pid, built
        self._wire, self._pidfd, self._wall_factor, self._cpu_most = wire, pidfd, wall_factor, cpu_most
        self._ended_itself, self._seen = False, 0.0
        self._clock = _clock_of(pidfd)
        wire.setblocking(False)  # whoever asks waits, with an eye on the clock
        self._poll = select.poll()
        self._poll.register(wire.fileno(), select.POLLIN)
        self._buffer = bytearray()
        self._count = 0
        self.layers: tuple[str, ...] | None = None
        self.stopped: Stopped | None = None
        self.watched = False
        """How it ends is asked for, even if it answered all it was asked."""
        self.ours = False
        """What stopped it is our fault: it never locked itself down, or the zygote ended under it."""

    def next_id(self) -> int:
        """Return an id no earlier question had."""
        self._count += 1
        return int.from_bytes(os.urandom(5), "big") << 16 | self._count

    def cpu(self) -> float:
        """Return the CPU seconds this worker has used; what was last seen once it is gone."""
        try:  # noqa: SIM105 - asked so often that `suppress` would be most of it
            self._seen = time.clock_gettime(self._clock)
        except OSError:
            pass
        return self._seen

    def ask(self, request: ToWorker, cpu_limit: float) -> FromWorker | Stopped:
        """Send one question and return its answer, or why there is none; after that nothing more is asked."""
        if self.stopped is not None:
            return self.stopped
        try:
            reply = self._first_word() or self._put(frame(encode(request)), cpu_limit)
            if isinstance(reply, Late) or (not isinstance(reply, Stopped) and reply.id != request.id):
                raise Violation("answer to another question")
        except Violation:
            reply = Stopped("protocol violation", self.cpu())
        except TimeoutError:
            reply = Stopped("wall limit", self.cpu())
        except OSError:
            reply = Stopped("crash", self.cpu())
        if isinstance(reply, Stopped):
            self.stopped = reply
            self._ended_itself = reply.reason == "crash" and self._gone()
            self.kill()
        return reply

    def ended(self, status: int, cpu: float) -> None:
        """Take note of how it ended, which says more where its wire only broke.

        A worker cannot send signals, not even to itself: a kill that is neither ours nor its CPU limit's came from
        outside, as from a machine that ran out of memory, and is nobody's fault who is graded here.
        """
        self._seen = cpu
        if self.stopped is not None and self.stopped.reason == "crash":
            killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            spent = cpu >= self._cpu_most * CPU_SLACK
            self.ours |= killed and self._ended_itself and not spent
            self.stopped = Stopped("time limit" if killed and spent else _reason(status), cpu)

    def kill(self) -> None:
        """End the worker now; a worker already gone is fine."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Kill the worker and let go of its descriptors."""
        self.kill()
        self.detach()

    def detach(self) -> None:
        """Close its descriptors."""
        self._wire.close()
        os.close(self._pidfd)

    def _gone(self) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(END_MILLISECONDS))

    def _first_word(self) -> Stopped | None:
        """Read that the worker is locked down, once. Nothing of a student's was in it before, so no limit of theirs."""
        if self.layers is not None:
            return None
        self.ours = True
        word = self._frame(math.inf, time.monotonic() + FIRST_WORD_SECONDS)
        if isinstance(word, Stopped):
            return word
        self.layers, self.ours = decode_locked(word).layers, False
        return None

    def _put(self, question: bytes, cpu_limit: float) -> FromWorker | Stopped:
        """Send one frame and read one, within the limits."""
        if self._buffer:
            raise Violation("an answer before its question")
        before = self.cpu()
        cpu_deadline, wall_deadline = before + cpu_limit, time.monotonic() + cpu_limit * self._wall_factor
        self._send(question, wall_deadline)
        payload = self._frame(cpu_deadline, wall_deadline)
        if not isinstance(payload, Stopped):
            return decode_reply(payload)
        if payload.reason == "crash":
            return payload
        waited = payload.cpu - before < cpu_limit * WAITED_SHARE
        return Stopped(payload.reason, payload.cpu, waited, self._whereabouts())

    def _whereabouts(self) -> Whereabouts | None:
        """Ask a worker whose time is up where it is. It may take no more of ours than `TELL_SECONDS`."""
        try:
            signal.pidfd_send_signal(self._pidfd, signal.SIGUSR2)
            self._buffer.clear()
            payload = self._frame(math.inf, time.monotonic() + TELL_SECONDS)
            return None if isinstance(payload, Stopped) else whereabouts.read(payload)
        except (OSError, Violation):  # gone, or in the middle of an answer: nothing is known
            return None

    def _send(self, question: bytes, wall_deadline: float) -> None:
        """Send all of it. Raises TimeoutError: one that never reads must not hold us up."""
        left = memoryview(question)
        while left:
            try:
                left = left[self._wire.send(left) :]
            except BlockingIOError:
                room = select.poll()
                room.register(self._wire.fileno(), select.POLLOUT)
                if not room.poll(max(wall_deadline - time.monotonic(), 0.0) * 1000):
                    raise TimeoutError from None

    def _frame(self, cpu_deadline: float, wall_deadline: float) -> bytes | Stopped:
        """Read one frame. The clock is looked at for every part: one that comes byte by byte must not hold us up."""
        buffer = self._buffer
        while True:
            if len(buffer) >= HEAD.size:
                wanted = HEAD.size + frame_length(bytes(buffer[: HEAD.size]))
                if len(buffer) >= wanted:
                    payload = bytes(buffer[HEAD.size : wanted])
                    del buffer[:wanted]
                    return payload
            late = self._late(cpu_deadline, wall_deadline) if buffer else None
            late = late or self._wait(cpu_deadline, wall_deadline)
            if late is not None:
                return late
            try:
                part = self._wire.recv(READ_SIZE)
            except BlockingIOError:
                continue
            if not part:
                return Stopped("crash", self.cpu())
            buffer += part

    def _wait(self, cpu_deadline: float, wall_deadline: float) -> Stopped | None:
        """Sleep until the wire has something; return a Stopped once either deadline has passed."""
        nap = min(max(cpu_deadline - self._seen, SHORTEST_NAP), 1.0)  # a short limit is not slept past
        while not self._poll.poll(nap * 1000):
            late = self._late(cpu_deadline, wall_deadline)
            if late is not None:
                return late
            wall_left = wall_deadline - time.monotonic()
            nap = min(max(cpu_deadline - self._seen, SHORTEST_NAP), max(wall_left, SHORTEST_NAP), LONGEST_NAP)
        return None

    def _late(self, cpu_deadline: float, wall_deadline: float) -> Stopped | None:
        used = self.cpu()
        if used >= cpu_deadline:
            return Stopped("time limit", used)
        return Stopped("wall limit", used) if time.monotonic() >= wall_deadline else None


def _reason(status: int) -> Reason:
    """Name the end of a worker whose wire broke, from its wait status."""
    return "time limit" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else "crash"


def _clock_of(pidfd: int) -> int:
    """Return the CPU clock of the process behind a pidfd (see clock_getcpuclockid(3))."""
    fd = os.open(f"/proc/self/fdinfo/{pidfd}", os.O_RDONLY)  # once a worker: pathlib would be most of it
    try:
        _, _, pid = os.read(fd, 4096).partition(b"\nPid:")
    finally:
        os.close(fd)
    if pid:
        return ~int(pid.split()[0]) << 3 | 2
    raise JudgeError("a worker's CPU clock cannot be read")
