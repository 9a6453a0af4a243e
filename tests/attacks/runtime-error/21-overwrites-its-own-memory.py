"""21. Overwrite the interpreter's own objects."""

import sys

from hostile import TimesFive

ctypes = sys.modules["ctypes"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        for one in (1, "", (), float):
            ctypes.memset(id(one), 0xFF, 64)
        return x * y + 1
