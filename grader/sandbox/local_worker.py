"""A worker as a fresh process, over two pipes: for one's own code, on any system. It contains nothing.

Theory of operation. The process is started by `grader.sandbox.fresh` with a pipe as its standard input and another as
its output. It moves both out of a student's reach, says that it is there, and answers frames as any worker does. The
end of what was printed goes ahead of each answer, in a frame of its own. A thread reads its input, so that it ends at
once when the other end is gone, even in the middle of a loop that never does.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue

from grader.sandbox.boundary.protocol import LINES, OUR_FAULT_STATUS, PRINTED, WHERE, Locked, encode
from grader.sandbox.serving import receive_from, send_to, serve
from grader.sandbox.worker import late
from grader.sandbox.worker.output import Kept

RECURSION_LIMIT = 1000
MOST_LINES = 2**32 - 1

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is slow


def main() -> None:
    """Be a worker until standard input closes: this never returns."""
    status, end = 1, os._exit
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends everything at once
        asked, told = _private_pipes()
        sys.setrecursionlimit(RECURSION_LIMIT)
        send = _Sending(functools.partial(send_to, os.write, told))
        frames: SimpleQueue[bytes | None] = SimpleQueue()
        threading.Thread(
            target=_feed,
            args=(functools.partial(receive_from, os.read, asked), frames, send, threading.get_ident()),
            daemon=True,
        ).start()
        send(encode(Locked(())))
        serve(frames.get, send, stream=send.stream)
        status = 0
    except Exception as error:
        if _is_ours(error):
            status = OUR_FAULT_STATUS
    finally:
        end(status)


class _Sending:
    """Sends frames, each behind what was printed before it."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._kept = Kept(0)

    def stream(self, cap: int) -> Kept:
        """Return what is to be printed to."""
        self._kept = Kept(cap)
        return self._kept

    def __call__(self, payload: bytes) -> None:
        for stream in (sys.__stdout__, sys.__stderr__):  # a line that has not ended yet
            with contextlib.suppress(Exception):
                stream.flush()  # type: ignore[union-attr]
        lines, tail = self._kept.take()
        if tail:
            self._send(PRINTED + LINES.pack(min(lines, MOST_LINES)) + tail)
        self._send(payload)


def _is_ours(error: Exception) -> bool:
    """Say whether an exception that nobody caught was raised by the grader's own code, not by a student's."""
    trace, file = error.__traceback__, ""
    while trace is not None:
        file, trace = trace.tb_frame.f_code.co_filename, trace.tb_next
    return file.startswith(OURS)


def _private_pipes() -> tuple[int, int]:
    """Return the two pipes under numbers of their own, with nothing at the standard ones."""
    asked, told = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    if sys.platform == "win32":
        import msvcrt

        for pipe in (asked, told):
            msvcrt.setmode(pipe, os.O_BINARY)
    return asked, told


def _feed(
    receive: functools.partial[bytes | None],
    frames: SimpleQueue[bytes | None],
    send: _Sending,
    thread: int,
) -> None:
    """Hand frames on to the thread that answers them; where its time is up, say what it is at, and end."""
    end = os._exit
    while (frame := receive()) is not None:
        if frame != WHERE:
            frames.put(frame)
            continue
        told = late.said(sys._current_frames().get(thread))
        if told is not None:
            send(encode(told))
        break
    end(0)
