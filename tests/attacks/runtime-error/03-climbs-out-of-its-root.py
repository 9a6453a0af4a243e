"""3. Leave the empty root by the way every manual page warns of: a second chroot inside the first."""

import os

from hostile import refused, system_call, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            lambda: os.mkdir("CANARY_NAME"),
            lambda: os.chroot("."),
            lambda: os.chroot("/proc/1/root"),
            lambda: os.fchdir(3),
            *(lambda fd=fd: system_call("fchdir", fd) for fd in range(16)),
            lambda: system_call("pivot_root", b".", b"."),
            lambda: system_call("chroot", b".."),
        )
