"""23. Return what is equal to nothing, not even itself."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return float('nan')
