"""32. Leave word with the kernel: queues, semaphores, keys, pipes, locks, events, priorities, names."""

from hostile import TimesFive, address, buffer, refused, system_call


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        memory = buffer(256)
        memory.value = b"/autodiff"
        at = address(memory)
        refused(
            lambda: system_call("semget", 4711, 1, 0o1666),
            lambda: system_call("msgget", 4711, 0o1666),
            lambda: system_call("mq_open", at, 0o102, 0o666, 0),
            lambda: system_call("add_key", at, at, at, 8, -3),
            lambda: system_call("eventfd2", 0, 0),
            lambda: system_call("pipe2", at, 0),
            lambda: system_call("flock", 3, 2),
            lambda: system_call("fcntl", 3, 6, at),
            lambda: system_call("inotify_init1", 0),
            lambda: system_call("setpriority", 0, 0, 19),
            lambda: system_call("sched_setaffinity", 0, 8, at),
            lambda: system_call("prctl", 15, at, 0, 0, 0),
            lambda: system_call("membarrier", 2, 0, 0),
            lambda: system_call("rt_sigprocmask", 0, at, 0, 8),
        )
