"""13. Read the memory of supervisor, zygote and siblings, by debugger or by system call."""

import os
import struct

from hostile import address, buffer, refused, system_call, TimesFive

PIDS = (os.getppid(), ZYGOTE_PID, SUPERVISOR_PID, *range(os.getpid() - 3, os.getpid()))
KEPT = buffer(64)


def vector():
    return struct.pack("=QQ", address(KEPT), 64)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *(lambda pid=pid: system_call("ptrace", 16, pid, 0, 0) for pid in PIDS),
            *(lambda pid=pid: system_call("ptrace", 0x4206, pid, 0, 0) for pid in PIDS),
            *(lambda pid=pid: system_call("process_vm_readv", pid, vector(), 1, vector(), 1, 0) for pid in PIDS),
            *(lambda pid=pid: system_call("process_vm_writev", pid, vector(), 1, vector(), 1, 0) for pid in PIDS),
            *(lambda pid=pid: system_call("kcmp", pid, pid, 0, 0, 0) for pid in PIDS),
        )
