"""What the attacks share. It is handed in beside each of them, as a module of the student's own."""

import builtins
import io
import os
import sys

# What a worker pretends of files stands in nobody's way: the real functions are put back, for the kernel to refuse.
for _name in dir(sys.modules["posix"]):
    setattr(os, _name, getattr(sys.modules["posix"], _name))
builtins.open = io.open = sys.modules["_io"].open

ctypes = sys.modules["ctypes"]
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

MACHINE = "aarch64" if "aarch64" in getattr(sys.implementation, "_multiarch", "") else "x86_64"
NUMBERS = {  # name: (x86_64, aarch64)
    "mmap": (9, 222),
    "socket": (41, 198),
    "connect": (42, 203),
    "sendto": (44, 206),
    "socketpair": (53, 199),
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "fchdir": (81, 50),
    "ptrace": (101, 117),
    "setsid": (112, 157),
    "capset": (126, 91),
    "rt_sigqueueinfo": (129, 138),
    "personality": (135, 92),
    "pivot_root": (155, 41),
    "prctl": (157, 167),
    "chroot": (161, 51),
    "mount": (165, 40),
    "getdents64": (217, 61),
    "timer_create": (222, 107),
    "tgkill": (234, 131),
    "keyctl": (250, 219),
    "openat": (257, 56),
    "unshare": (272, 97),
    "timerfd_create": (283, 85),
    "perf_event_open": (298, 241),
    "prlimit64": (302, 261),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "seccomp": (317, 277),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "execveat": (322, 281),
    "userfaultfd": (323, 282),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "clone3": (435, 435),
    "openat2": (437, 437),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "flock": (73, 32),
    "fcntl": (72, 25),
    "madvise": (28, 233),
    "mincore": (27, 232),
    "rt_sigprocmask": (14, 135),
    "getpgid": (121, 155),
    "getpriority": (140, 141),
    "setpriority": (141, 140),
    "sched_getscheduler": (145, 120),
    "futex": (202, 98),
    "sched_setaffinity": (203, 122),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "eventfd2": (290, 19),
    "pipe2": (293, 59),
    "inotify_init1": (294, 26),
    "membarrier": (324, 283),
    "futex_waitv": (449, 449),
    "futex_wake": (454, 454),
}


class TimesFive:
    """The honest exercise beside the attack: it must keep its points."""

    @staticmethod
    def forward(ctx, x):
        return 5 * x

    @staticmethod
    def backward(ctx, d_out):
        return 5 * d_out


def refused(*attempts):
    """Make every attempt. One that works is a breach and is shouted; otherwise the last refusal is raised."""
    last = OSError("nothing was tried")
    for i, attempt in enumerate(attempts):
        try:
            got = attempt()
        except Exception as error:
            last = error
        else:
            raise SystemError(f"BREACH: attempt {i} gave {got!r}")
    raise last


def system_call(name, *arguments):
    """Call the kernel past Python and the C library. Raises OSError where it refuses."""
    number = name if isinstance(name, int) else NUMBERS[name][MACHINE == "aarch64"]
    if number is None:
        raise OSError("no such call on this machine")
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = libc.syscall(ctypes.c_long(number), *given)
    if result == -1:
        errno = ctypes.get_errno()
        raise MemoryError if errno == 12 else OSError(errno, f"{name} is refused")
    return result


def buffer(size):
    """Return memory for the kernel to write to."""
    return ctypes.create_string_buffer(size)


def address(memory):
    """Return where it lies."""
    return ctypes.addressof(memory)


def fail():
    """Raise what a refusal raises: some functions report theirs in a return value."""
    raise OSError("refused")
