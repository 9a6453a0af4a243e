"""21. Crash the interpreter."""

import sys

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        sys.modules["ctypes"].string_at(0)
