"""9. Use no CPU time at all."""

import time

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        time.sleep(3600)
