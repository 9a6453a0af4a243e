"""Swallow what a student prints, up to a cap for each question; past it, the worker is over."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from grader.sandbox.protocol import OUTPUT_LIMIT_STATUS


class Capped(io.TextIOBase):
    """A text stream that counts what it is given and keeps none of it."""

    def __init__(self, cap: int) -> None:
        self._cap = self._left = cap
        self._exit = os._exit

    def refill(self) -> None:
        """Start counting anew."""
        self._left = self._cap

    def writable(self) -> bool:
        """Say that this stream takes text."""
        return True

    def write(self, text: str) -> int:
        """Count `text`; over the cap the process ends, whatever the student would like to catch."""
        self._left -= len(text)
        if self._left < 0:
            self._exit(OUTPUT_LIMIT_STATUS)
        return len(text)


def swallow(output: Capped) -> tuple[TextIO, TextIO, TextIO]:
    """Point the standard streams at nothing, and return what they were."""
    before = (sys.stdin, sys.stdout, sys.stderr)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), output, output
    return before
