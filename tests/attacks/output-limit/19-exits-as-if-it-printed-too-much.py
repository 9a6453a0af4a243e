"""19. Exit with the status that the output cap uses: a verdict of its own choice, and no pass."""

import os

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        os._exit(97)
