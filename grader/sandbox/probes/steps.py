"""Count what code does, line by line: the same number on every machine, however fast or busy it is."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


class TooMany(BaseException):
    """More steps than are let through: no `except Exception` of the student's keeps it."""


@contextlib.contextmanager
def counting(most: int) -> Iterator[Callable[[], int]]:
    """Count the lines, calls and returns of Python that are run inside, and raise TooMany past `most`.

    Each round of a loop counts, even of one in a single line. With 0 nothing is counted and nothing ended.
    """
    steps = 0

    def trace(_: FrameType, __: str, ___: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps > most:
            raise TooMany
        return trace

    before = sys.gettrace()
    if most:
        sys.settrace(trace)
    try:
        yield lambda: steps
    finally:
        if most:
            sys.settrace(before)
