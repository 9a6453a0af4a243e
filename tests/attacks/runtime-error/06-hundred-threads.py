"""6. Start a hundred threads."""

import sys

from hostile import refused, system_call, TimesFive

threading, thread = sys.modules["threading"], sys.modules["_thread"]


def spin():
    while True:
        pass


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            *(threading.Thread(target=spin, daemon=True).start for _ in range(100)),
            *(lambda: thread.start_new_thread(spin, ()) for _ in range(100)),
            lambda: system_call("clone", 0x50F00, 0, 0, 0, 0),
        )
