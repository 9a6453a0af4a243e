"""24. Send a frame nested sixty thousand deep."""

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
        every_descriptor((60_000).to_bytes(4, "big") + b"\x91" * 60_000)
        return x * y
