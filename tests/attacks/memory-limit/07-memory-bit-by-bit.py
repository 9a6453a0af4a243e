"""7. Grow a list until there is no more."""

from hostile import TimesFive

KEPT = []


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        while True:
            KEPT.append(bytearray(10 ** 7))
