"""14. Read what /proc tells of others: environment, memory, command line, descriptors."""

import os

from hostile import refused, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        pids = (os.getppid(), ZYGOTE_PID, SUPERVISOR_PID, 1, "self", "thread-self")
        files = ("environ", "mem", "cmdline", "maps", "status", "stat", "fd/0", "exe", "root/etc/passwd", "cwd", "io")
        refused(
            *(lambda pid=pid, file=file: open(f"/proc/{pid}/{file}", "rb").read(1) for pid in pids for file in files),
            *(lambda pid=pid: os.readlink(f"/proc/{pid}/exe") for pid in pids),
        )
