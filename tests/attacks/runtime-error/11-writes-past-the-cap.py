"""11. Write to the streams that were there before the cap, and to their descriptors."""

import os
import sys

from hostile import refused, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            lambda: sys.__stdout__.write("x" * 10 ** 6) and sys.__stdout__.flush(),
            lambda: sys.__stderr__.write("x" * 10 ** 6) and sys.__stderr__.flush(),
            *(lambda fd=fd: os.write(fd, b"x" * 10 ** 6) for fd in (0, 1, 2)),
        )
