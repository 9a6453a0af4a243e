"""Hand out workers as fresh processes, on any system: enough for checking one's own code, never for grading others'.

There is a limit on time and one on output, and nothing else: a fresh process may do whatever its user may.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

from grader.model import Stopped, Whereabouts
from grader.sandbox import starting, whereabouts
from grader.sandbox.boundary.protocol import (
    HEAD,
    LINES,
    OUR_FAULT_STATUS,
    PRINTED,
    WHERE,
    FromWorker,
    Late,
    Load,
    ToWorker,
    Violation,
    decode_locked,
    decode_reply,
    encode,
    frame,
    frame_length,
)
from grader.sandbox.worker.output import KEPT_BYTES

START_SECONDS = 60.0
"""A machine that scans every file it opens takes its time over the first one."""

WALL_PER_CPU = 1.5
"""A clock on the wall is the only one every system has. Honest code takes a hundredth of its limit."""

LOAD_FACTOR = 10.0
"""Loading may import numpy, for the first time since the machine was started."""

END_SECONDS = 5.0

MOST_LINES, MOST_CHARACTERS = 20, 2000
"""So much is shown of what was printed."""

TELL_SECONDS = 2.0
"""How long a worker whose time is up may take to say where it is."""


class WorkerFailed(Exception):
    """An exception of the grader's own ended a worker. It costs what was asked, and nobody is blamed for it."""


class Printed(msgspec.Struct, frozen=True):
    """The end of what was printed, and how many lines there were in all. `cut`: more was printed than `text` has."""

    lines: int = 0
    text: str = ""
    cut: bool = False


class Printing:
    """What a student's code printed since this was last taken; apart from that, what it printed while it was loaded."""

    def __init__(self) -> None:
        self._ends, self._tail = 0, b""
        self.while_loading = Printed()

    def add(self, frame: bytes) -> None:
        """Take in a frame behind its mark. Raises Violation."""
        if len(frame) < LINES.size:
            raise Violation("a frame of what was printed without its lines")
        self._ends += LINES.unpack_from(frame)[0]
        self._tail = (self._tail + frame[LINES.size :])[-KEPT_BYTES:]

    def take(self) -> Printed:
        """Return what was printed, and start anew."""
        printed = shown_of(self._ends, self._tail)
        self._ends, self._tail = 0, b""
        return printed


def shown_of(ends: int, tail: bytes) -> Printed:
    """Return the last lines of what was printed, from the number of lines that ended and the end of it all.

    >>> shown_of(2, b"one\\ntwo\\nthree")
    Printed(lines=3, text='one\\ntwo\\nthree', cut=False)
    """
    text = tail.decode("utf-8", "replace")
    lines = text.removesuffix("\n").split("\n") if text else []
    count = max(ends + (bool(text) and not text.endswith("\n")), len(lines))
    shown = "\n".join(lines[-MOST_LINES:])
    return Printed(count, shown[-MOST_CHARACTERS:], count > MOST_LINES or len(shown) > MOST_CHARACTERS)


class Fresh:
    """Workers, each a fresh process. The first may have been started before, to get ready in the meantime.

    `printing` has what a student's code printed in any of them.
    """

    def __init__(self, first: subprocess.Popen[bytes] | None = None) -> None:
        self._first = first
        self.printing = Printing()

    def __enter__(self) -> Fresh:
        return self

    def __exit__(self, *_: object) -> None:
        if self._first is not None:
            Worker(self._first, self.printing).close()

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:  # noqa: ARG002 - see below
        """Yield a fresh worker, and see to its end. Raises JudgeError where none can be started.

        Every one can import everything, and has nothing built beforehand.
        """
        process, self._first = self._first or starting.start(), None
        worker = Worker(process, self.printing)
        try:
            yield worker
        finally:
            worker.close()


class Worker:
    """One fresh process, and the pipes to it."""

    built = False

    def __init__(self, process: subprocess.Popen[bytes], printing: Printing) -> None:
        self._printing = printing
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._asked: IO[bytes] = process.stdin
        self._told: IO[bytes] = process.stdout
        self._count = 0
        self.seconds = 0.0
        """How long it has taken over what it was asked, by the clock on the wall."""
        self._ready = False
        self.stopped: Stopped | None = None
        self.ours = False
        """What stopped it is our fault: it never came to be a worker."""

    def next_id(self) -> int:
        """Return an id no earlier question had."""
        self._count += 1
        return int.from_bytes(os.urandom(5), "big") << 16 | self._count

    def cpu(self) -> float:
        """Return the seconds it was asked for, in the measure of its limits."""
        return self.seconds / WALL_PER_CPU

    def ask(self, request: ToWorker, cpu_limit: float) -> FromWorker | Stopped:
        """Send one question and return its answer, or why there is none; after that nothing more is asked."""
        if self.stopped is not None:
            return self.stopped
        limit = cpu_limit * (LOAD_FACTOR if isinstance(request, Load) else WALL_PER_CPU)
        try:
            reply = self._first_word() or self._put(encode(request), limit)
            if isinstance(reply, Late) or (not isinstance(reply, Stopped) and reply.id != request.id):
                raise Violation("answer to another question")
        except Violation:
            reply = Stopped("protocol violation", self.cpu())
        except OSError:
            reply = self._crashed()
        if isinstance(request, Load):
            self._printing.while_loading = self._printing.take()
        if isinstance(reply, Stopped):
            self.stopped = reply
            self.kill()
        return reply

    def kill(self) -> None:
        """End the process now; one that is gone already is fine."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """Kill the process, let go of its pipes, and wait for its end."""
        self.kill()
        for pipe in (self._asked, self._told):
            with contextlib.suppress(OSError):
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)

    def _first_word(self) -> Stopped | None:
        """Read that the worker is there, once. Nothing of a student's was in it before."""
        if self._ready:
            return None
        self.ours = True
        word = self._within(START_SECONDS)
        if isinstance(word, Stopped):
            return word
        decode_locked(word)
        self._ready, self.ours = True, False
        return None

    def _put(self, question: bytes, limit: float) -> FromWorker | Stopped:
        before = time.monotonic()
        try:
            payload = self._within(limit, frame(question))
        finally:
            self.seconds += time.monotonic() - before
        return payload if isinstance(payload, Stopped) else decode_reply(payload)

    def _within(self, seconds: float, question: bytes = b"") -> bytes | Stopped:
        """Send a question, and return the frame that comes back, or that none did in time."""
        with _Deadline(self.kill, seconds + TELL_SECONDS), _Deadline(self._ask_where, seconds) as deadline:
            try:
                payload = self._exchanged(question)
            except OSError:
                payload = None
            except Violation:
                if not deadline.passed:
                    raise
                payload = None
        if deadline.passed:
            return Stopped("time limit", self.cpu(), where=_told(payload))
        return self._crashed() if payload is None else payload

    def _ask_where(self) -> None:
        """Have the worker say where it is, and end."""
        with contextlib.suppress(OSError, ValueError):
            self._asked.write(frame(WHERE))
            self._asked.flush()

    def _exchanged(self, question: bytes) -> bytes | None:
        if question:
            self._asked.write(question)
            self._asked.flush()
        payload = self._frame()
        while payload is not None and payload.startswith(PRINTED):
            self._printing.add(payload[len(PRINTED) :])
            payload = self._frame()
        return payload

    def _frame(self) -> bytes | None:
        head = self._told.read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        length = frame_length(head)
        payload = self._told.read(length)
        return payload if len(payload) == length else None

    def _crashed(self) -> Stopped:
        """Say how a process whose pipe broke has ended. Raises WorkerFailed where that was our fault."""
        status = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(END_SECONDS)
        stopped = Stopped("crash", self.cpu())
        if status == OUR_FAULT_STATUS:
            self.stopped, self.ours = stopped, True
            raise WorkerFailed
        return stopped


def _told(payload: bytes | None) -> Whereabouts | None:
    """Return where a worker was, if that is what it said."""
    try:
        return None if payload is None else whereabouts.read(payload)
    except Violation:
        return None


class _Deadline:
    """Calls `late` where the block takes longer than it may; `passed` then says so, whatever the block came to."""

    def __init__(self, late: Callable[[], None], seconds: float) -> None:
        self._late, self._lock = late, threading.Lock()
        self._over = self.passed = False
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()

    def _fire(self) -> None:
        with self._lock:
            if not self._over:
                self.passed = True
                self._late()
