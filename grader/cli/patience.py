"""Say what is being done where it takes longer than somebody waits without a word. Only a terminal is told."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds until a word is said."""

CLEARED = "\r\x1b[K"
"""What takes a line of the terminal back."""


@contextlib.contextmanager
def saying(doing: str) -> Iterator[None]:
    """Say what is being done if it is not done in a second, and take that back once it is."""
    if not sys.stderr.isatty():
        yield
        return
    said = threading.Event()

    def say() -> None:
        said.set()
        sys.stderr.write(f"{CLEARED}{doing} …")
        sys.stderr.flush()

    timer = threading.Timer(PATIENCE, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # nothing is said any more when what was waited for is printed
        if said.is_set():
            sys.stderr.write(CLEARED)
            sys.stderr.flush()


def waited(pieces: Iterator[T], doing: str) -> Iterator[T]:
    """Yield pieces as they come, and say what is being done where one takes long."""
    while True:
        with saying(doing):
            try:
                piece = next(pieces)
            except StopIteration:
                return
        yield piece
