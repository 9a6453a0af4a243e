"""19. End the process where nothing can catch it."""

import os

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        os._exit(0)
