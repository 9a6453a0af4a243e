"""21. Recurse without end."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        f = lambda: f()
        f()
