"""21. Nest objects deeper than compiled code can follow."""

import sys

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        sys.setrecursionlimit(10 ** 6)
        nested = None
        for _ in range(3 * 10 ** 5):  # some 100 bytes of stack each, and 8 MiB of it; more would meet the CPU limit first
            nested = (nested,)
        return hash(nested)
