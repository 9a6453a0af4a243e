"""10. One step of Python that takes years and no bytecode."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return 10 ** 10 ** 9
