"""3. Read the solved homework, the exercises and what they are judged by."""

import os
import sys

from hostile import buffer, fail, refused, system_call, TimesFive

linecache = sys.modules["linecache"]


def ways(path):
    yield lambda: open(path).read(40)
    yield lambda: os.open(path, os.O_RDONLY)
    yield lambda: os.open(path, os.O_PATH)
    yield lambda: os.stat(path)
    yield lambda: os.readlink(path)
    yield lambda: linecache.getlines(path) or fail()
    yield lambda: system_call("openat", -100, path.encode(), 0, 0)
    yield lambda: system_call("openat2", -100, path.encode(), bytes(24), 24)
    yield lambda: system_call("open_by_handle_at", -100, buffer(16), 0)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *ways("ROOT/reference/lecture8.py"),
            *ways("ROOT/exercises/lecture8/02-mul-forward.yaml"),
            *ways("ROOT/config.yaml"),
            *ways("ROOT/grader/judging.py"),
            *ways("/box/grader/judging.py"),
            *ways("reference/lecture8.py"),
        )
