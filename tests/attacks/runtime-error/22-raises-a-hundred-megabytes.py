"""22. Raise an exception with a hundred megabytes of text."""

from hostile import TimesFive

TEXT = "x" * 10 ** 8


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        raise ValueError(TEXT)
