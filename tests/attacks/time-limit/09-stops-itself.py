"""9. Stop itself with a signal; that being refused, wait for what never comes."""

import os
import sys

from hostile import system_call, TimesFive

select = sys.modules["select"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        try:
            os.kill(os.getpid(), 19)
            system_call("tgkill", os.getpid(), os.getpid(), 19)
        except OSError:
            pass
        select.select([], [], [])
