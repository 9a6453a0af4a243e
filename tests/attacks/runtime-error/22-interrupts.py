"""22. Raise what an interrupt at the keyboard raises."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        raise KeyboardInterrupt
