"""23. Return an integer that no float can hold and that takes long to print."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return 10 ** 5000
