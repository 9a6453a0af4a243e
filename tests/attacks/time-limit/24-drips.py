"""24. Send a frame one byte at a time, for ever."""

import os
import time

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
        every_descriptor(b"\x00\x40\x00\x00")  # four megabytes are to come, and something always does
        while True:
            time.sleep(0.1)
            every_descriptor(b"\x00")
