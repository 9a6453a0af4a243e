"""11. Write to the descriptors of the streams that were there before the cap."""

import os

from hostile import refused, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *(lambda fd=fd: os.write(fd, b"x" * 10 ** 6) for fd in (0, 1, 2)),
        )
