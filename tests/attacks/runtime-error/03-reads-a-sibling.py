"""3. Read what somebody else handed in."""

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
        refused(*ways("CANARY_FILE"), *ways("CANARY_FOLDER"), *ways("/proc/1/root/CANARY_FILE"), *ways("../../../../CANARY_FILE"))
