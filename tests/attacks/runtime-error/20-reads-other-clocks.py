"""20. Read how much CPU time others have used, and wait until they have used more."""

import os
import struct

from hostile import buffer, denied, system_call, TimesFive

PIDS = (os.getppid(), ZYGOTE_PID, SUPERVISOR_PID, EAR_PID, 0, 1, os.getpid(), *range(os.getpid() - 3, os.getpid()))
OF_ALL_KINDS = [(~pid << 3) | kind for pid in PIDS if pid >= 0 for kind in (0, 1, 2, 4, 5, 6)]
OF_DESCRIPTORS = [(~fd << 3) | 3 for fd in range(5)]
ALARMS = (8, 9, 11, 12, 64)
ABSOLUTE, AT_ZERO = 1, struct.pack("=qq", 0, 0)  # at 1 ns, an idle process that has used none would be waited for


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        denied(
            *(
                lambda call=call, clock=clock: system_call(call, clock, buffer(16))
                for call in ("clock_gettime", "clock_getres")
                for clock in (*OF_ALL_KINDS, *OF_DESCRIPTORS, *ALARMS)
            ),
            *(
                lambda clock=clock: system_call("clock_nanosleep", clock, ABSOLUTE, AT_ZERO, 0)
                for clock in (*OF_ALL_KINDS, *ALARMS, 2, 7)
            ),
            lambda: system_call("getpriority", 0, SUPERVISOR_PID),
            lambda: system_call("sched_getaffinity", SUPERVISOR_PID, 8, buffer(8)),
        )
