"""17. Run another program, from disk or from memory."""

import os
import sys

from hostile import fail, refused, system_call, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            lambda: os.execv("/bin/true", ["true"]),
            lambda: os.execve(sys.executable, ["python"], {}),
            lambda: os.system("true") and fail(),
            lambda: os.popen("true").read(),
            lambda: os.posix_spawn("/bin/true", ["true"], {}),
            lambda: os.memfd_create("x"),
            lambda: system_call("execve", b"/bin/true", 0, 0),
            *(lambda fd=fd: system_call("execveat", fd, b"", 0, 0, 0x1000) for fd in range(16)),
        )
