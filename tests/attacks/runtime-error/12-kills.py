"""12. Kill or get hold of the supervisor, the zygote, everyone."""

import os

from hostile import buffer, refused, system_call, TimesFive

PIDS = (os.getppid(), ZYGOTE_PID, SUPERVISOR_PID, 1, -1)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *(lambda pid=pid: os.kill(pid, 9) for pid in PIDS),
            *(lambda pid=pid: os.killpg(pid, 9) for pid in PIDS if pid > 0),
            *(lambda pid=pid: system_call("pidfd_open", pid, 0) for pid in PIDS),
            *(lambda pid=pid: system_call("tgkill", pid, pid, 9) for pid in PIDS),
            *(lambda pid=pid: system_call("rt_sigqueueinfo", pid, 9, buffer(128)) for pid in PIDS),
            *(lambda fd=fd: system_call("pidfd_send_signal", fd, 9, 0, 0) for fd in range(16)),
        )
