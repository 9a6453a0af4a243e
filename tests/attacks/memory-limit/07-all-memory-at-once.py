"""7. Ask for ten gigabytes."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return len(bytearray(10 ** 10))
