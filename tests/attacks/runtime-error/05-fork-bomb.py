"""5. Fork as often as it can, in every way there is."""

import os

from hostile import refused, system_call, TimesFive


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *(os.fork for _ in range(200)),
            os.forkpty,
            lambda: os.posix_spawn("/bin/true", ["true"], {}),
            lambda: system_call("fork"),
            lambda: system_call("vfork"),
            *(lambda: system_call("clone", 17, 0, 0, 0, 0) for _ in range(200)),
            lambda: system_call("clone3", bytes(64), 64),
        )
