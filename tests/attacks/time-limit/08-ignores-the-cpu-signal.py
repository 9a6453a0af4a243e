"""8. Ignore the signal that the CPU limit sends, and never end."""

import sys

from hostile import TimesFive

signal = sys.modules["signal"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGALRM):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            pass
