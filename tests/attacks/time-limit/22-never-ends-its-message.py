"""22. Raise an exception whose text never ends."""

from hostile import TimesFive


class Slow(Exception):
    def __str__(self):
        while True:
            pass


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        raise Slow
