"""21. Nest objects deeper than compiled code can follow."""

import sys

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        sys.setrecursionlimit(10 ** 6)
        nested = None
        for _ in range(10 ** 6):
            nested = (nested,)
        return hash(nested)
