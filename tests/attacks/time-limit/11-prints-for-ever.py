"""11. Print without end."""

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        while True:
            print('x' * 100)
