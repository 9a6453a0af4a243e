"""15. Look for what was left lying about: environment, descriptors, arguments, frames."""

import os
import sys

from hostile import TimesFive


def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        found = [value for value in os.environ.values() if value.startswith("secret")]
        found += [fd for fd in range(4096) if is_open(fd)][1:]  # the first one is its wire
        found += [text for text in (*sys.argv, *sys.orig_argv) if "ROOT" in text and "CANARY" in text]
        if found:
            raise SystemError(f"BREACH: {found}")
        raise OSError("nothing there")
