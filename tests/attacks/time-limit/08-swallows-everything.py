"""8. Never end, and catch whatever would end it."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
