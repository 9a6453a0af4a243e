"""8. Never end."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        while True:
            pass
