"""19. Close the channel its answers go through: nothing is closed, and the answer is right."""

import os

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        os.closerange(0, 256)
        return x * y
