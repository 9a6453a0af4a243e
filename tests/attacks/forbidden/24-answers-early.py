"""24. Send a frame that nobody asked for."""

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
        every_descriptor(b"\x00\x00\x00\x01\xc0")
        return x * y
