"""2. Make every object by which two processes can talk, and use what it has for it: locks, signals, priorities, keys."""

import struct

from hostile import buffer, denied, system_call, TimesFive

CREATE, ATTRIBUTES = 0o1666, struct.pack("=qqqq32x", 0, 1, 8, 0)
NAME, LOCKS = b"CANARY_NAME", struct.pack("=hhqqi4x", 1, 0, 0, 0, 0)
SIGUSR1 = 10


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        denied(
            lambda: system_call("shmget", EAR_KEY, 4096, CREATE),
            lambda: system_call("semget", EAR_KEY, 1, CREATE),
            lambda: system_call("msgget", EAR_KEY, CREATE),
            lambda: system_call("mq_open", NAME, 0o102, 0o666, ATTRIBUTES),
            lambda: system_call("kill", EAR_PID, SIGUSR1),
            lambda: system_call("eventfd2", 0, 0),
            lambda: system_call("pipe2", buffer(8), 0),
            lambda: system_call("memfd_create", NAME, 0),
            lambda: system_call("signalfd4", -1, buffer(8), 8, 0),
            lambda: system_call("inotify_init1", 0),
            lambda: system_call("epoll_create1", 0),
            lambda: system_call("timerfd_create", 1, 0),
            lambda: system_call("socketpair", 1, 1, 0, buffer(8)),
            lambda: system_call("pselect6", 4, buffer(128), 0, 0, buffer(16), 0),
            lambda: system_call("pselect6", 0, 0, 0, 0, buffer(16), buffer(16)),
            *(lambda fd=fd: system_call("flock", fd, 2 | 4) for fd in range(5)),
            *(lambda fd=fd, how=how: system_call("fcntl", fd, how, LOCKS) for fd in range(5) for how in (3, 4, 6, 37)),
            lambda: system_call("add_key", b"user", NAME, b"x", 1, -3),
            lambda: system_call("request_key", b"user", NAME, 0, -3),
            lambda: system_call("keyctl", 0, -3, 1),
            lambda: system_call("rt_sigprocmask", 0, buffer(8), 0, 8),
            lambda: system_call("setpriority", 0, 0, 1),
            lambda: system_call("setpriority", 0, EAR_PID, 1),
            lambda: system_call("sched_setaffinity", 0, 8, struct.pack("=Q", 1)),
            lambda: system_call("sched_setaffinity", EAR_PID, 8, struct.pack("=Q", 1)),
            lambda: system_call("sched_setscheduler", 0, 0, buffer(4)),
        )
