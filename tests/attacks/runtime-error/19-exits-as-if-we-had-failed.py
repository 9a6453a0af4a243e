"""19. Exit with the status that says the lockdown failed, to have the score withheld."""

import os

from hostile import TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        os._exit(98)
