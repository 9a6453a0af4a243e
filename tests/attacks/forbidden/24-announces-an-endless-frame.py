"""24. Announce four gigabytes."""

import os

from hostile import TimesFive


def every_descriptor(frame):
    for fd in range(64):
        try:
            os.write(fd, frame)
        except OSError:
            pass


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        every_descriptor(b"\xff\xff\xff\xff")
        return x * y
