"""21. Lift Python's own limit and recurse until the stack is gone."""

import sys

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        sys.setrecursionlimit(2 ** 31 - 1)
        class Deep:
            def __getattr__(self, name):
                return getattr(self, name + "x")
        Deep().x
