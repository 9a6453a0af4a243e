"""18. Take back rights that were given up, or get new ones from the kernel."""

import os
import struct
import sys

from hostile import buffer, refused, system_call, TimesFive

resource = sys.modules["resource"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *(lambda kind=kind: resource.setrlimit(kind, (-1, -1)) for kind in (0, 1, 6, 7, 9)),
            lambda: system_call("prlimit64", 0, 9, struct.pack("=QQ", 1 << 40, 1 << 40), 0),
            *(lambda user=user: os.setuid(user) for user in (0, 65534)),
            lambda: os.setgroups([0]),
            lambda: os.setresuid(0, 0, 0),
            lambda: system_call("capset", buffer(8), buffer(24)),
            lambda: system_call("prctl", 4, 1, 0, 0, 0),
            lambda: system_call("prctl", 1, 0, 0, 0, 0),
            lambda: system_call("seccomp", 0, 0, 0),
            *(lambda flag=flag: system_call("unshare", flag) for flag in (0x10000000, 0x20000, 0x40000000, 0x200)),
            *(lambda fd=fd: system_call("setns", fd, 0) for fd in range(16)),
            lambda: system_call("mount", b"none", b"/", b"tmpfs", 0, 0),
            lambda: system_call("io_uring_setup", 8, buffer(120)),
            lambda: system_call("bpf", 0, buffer(64), 64),
            lambda: system_call("userfaultfd", 0),
            lambda: system_call("perf_event_open", buffer(120), 0, -1, -1, 0),
            lambda: system_call("keyctl", 0, -3, 0, 0, 0),
            lambda: system_call("personality", 0x0040000),
            lambda: os.nice(-5),
            lambda: os.sched_setaffinity(0, {0}),
        )
