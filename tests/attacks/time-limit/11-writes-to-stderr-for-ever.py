"""11. Complain without end."""

import sys

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        while True:
            sys.stderr.write('x' * 100)
