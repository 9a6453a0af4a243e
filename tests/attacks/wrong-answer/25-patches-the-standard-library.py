"""25. Replace what the judge would use if it were in this process. It costs its whole file."""

import builtins
import math
import os

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        math.isfinite = math.isclose = lambda *_, **__: True
        math.nan = math.inf = 0.0
        builtins.abs = builtins.max = builtins.float = lambda *_: 0.0
        os.write = lambda fd, b: len(b)
        return 0.0
