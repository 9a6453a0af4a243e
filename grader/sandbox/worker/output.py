"""Swallow what a student prints: all the interface of the standard streams, and nothing behind it.

What is printed is counted for each question. What goes beyond the limit is dropped, and that it was is remarked; it
costs nothing. Code that does nothing but print meets its time limit. On a student's own machine the end of it is kept,
to be shown.
"""

from __future__ import annotations

import io
import sys
from typing import Any, TextIO

KEPT_BYTES = 16_384
"""More than is shown of what was printed, however many bytes its characters take."""


class Capped(io.RawIOBase):
    """A stream of bytes that counts what it is given and keeps none of it."""

    def __init__(self, cap: int) -> None:
        self._cap = self._left = cap
        self.dropped = False
        """Whether anything went beyond the limit since this was last set."""

    def refill(self) -> None:
        """Start counting anew."""
        self._left = self._cap

    def writable(self) -> bool:
        """Say that this stream takes bytes."""
        return True

    def fileno(self) -> int:
        """Return the number that standard output has everywhere. Nothing is open under it."""
        return 1

    def write(self, data: object) -> int:
        """Count `data`, whatever has bytes."""
        count = memoryview(data).nbytes  # type: ignore[arg-type]
        self._left -= count
        if self._left < 0:
            self.dropped = True
        return count


class Kept(Capped):
    """A stream that keeps the end of what it is given until it is taken: for a self-check, never for grading."""

    def __init__(self, cap: int) -> None:
        super().__init__(cap)
        self._ends = 0
        self._tail = bytearray()

    def write(self, data: object) -> int:
        """Count `data`, and keep the end of it."""
        count = super().write(data)
        raw = bytes(memoryview(data))  # type: ignore[arg-type]
        self._ends += raw.count(b"\n")
        self._tail += raw[-KEPT_BYTES:]
        del self._tail[:-KEPT_BYTES]
        return count

    def take(self) -> tuple[int, bytes]:
        """Return how many lines ended since this was last called, and the end of what was printed."""
        taken = self._ends, bytes(self._tail)
        self._ends = 0
        self._tail.clear()
        return taken


def swallow(output: Capped) -> tuple[TextIO, TextIO, TextIO]:
    """Point the standard streams at nothing, and return what they were."""
    before = (sys.stdin, sys.stdout, sys.stderr)
    sys.stdin = sys.__stdin__ = _text(io.BytesIO(), "<stdin>")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _text(io.BufferedWriter(output), "<stdout>")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _text(io.BufferedWriter(output), "<stderr>")  # type: ignore[misc]
    return before


def _text(stream: Any, name: str) -> io.TextIOWrapper:
    """Return a text stream as Python makes its own: anything can be printed, and `sys.stdout.name` is there."""
    text = _Standard(stream, encoding="utf-8", errors="backslashreplace", line_buffering=True)
    text.name = name
    text.mode = "r" if name == "<stdin>" else "w"
    return text


class _Standard(io.TextIOWrapper):
    """A text stream that says its name and mode, as a file's does."""

    name = ""
    mode = "w"
