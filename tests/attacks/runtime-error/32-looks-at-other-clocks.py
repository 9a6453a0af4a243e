"""32. Look at what others do: their processor time, how they are scheduled, what of their files is in memory."""

from hostile import TimesFive, address, buffer, refused, system_call

SUPERVISOR, ZYGOTE = SUPERVISOR_PID, ZYGOTE_PID


def clock_of(pid):
    """The clock that counts a process's time (clock_getcpuclockid(3))."""
    return ~pid << 3 | 2


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        memory = buffer(256)
        refused(
            *(
                attempt
                for pid in (SUPERVISOR, ZYGOTE, 1)
                for attempt in (
                    lambda pid=pid: system_call("clock_gettime", clock_of(pid), address(memory)),
                    lambda pid=pid: system_call("clock_getres", clock_of(pid), address(memory)),
                    lambda pid=pid: system_call("clock_nanosleep", clock_of(pid), 0, address(memory), 0),
                    lambda pid=pid: system_call("sched_getscheduler", pid),
                    lambda pid=pid: system_call("getpriority", 0, pid),
                    lambda pid=pid: system_call("getpgid", pid),
                )
            ),
        )
