"""A clock that interrupts: a signal comes when the time is up, and goes on coming until the clock is stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType


class Interrupts:
    """A clock. `arm` is given seconds after which the signal comes, again and again, until it is given 0.

    In a browser the page's worker sends it; elsewhere a timer of the system's does:

    >>> clock = Interrupts(lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds, 0.05), signal.SIGALRM)
    """

    def __init__(self, arm: Callable[[float], object], number: int = signal.SIGINT) -> None:
        self._arm, self._number = arm, number
        self._began = 0.0

    def start(self, seconds: float, late: Callable[[FrameType | None], None]) -> None:
        """Give the time that is left from now on, and what is called then with the frame that runs."""
        signal.signal(self._number, lambda _, frame: late(frame))
        self._began = time.perf_counter()
        self._arm(seconds)

    def stop(self) -> float:
        """Stop, and return how many seconds it was."""
        self._arm(0.0)
        return time.perf_counter() - self._began
