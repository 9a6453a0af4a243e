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
    "poll": (7, None),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "rt_sigprocmask": (14, 135),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "shmget": (29, 194),
    "socket": (41, 198),
    "connect": (42, 203),
    "sendto": (44, 206),
    "socketpair": (53, 199),
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "kill": (62, 129),
    "semget": (64, 190),
    "msgget": (68, 186),
    "fcntl": (72, 25),
    "flock": (73, 32),
    "fchdir": (81, 50),
    "ptrace": (101, 117),
    "setsid": (112, 157),
    "getpriority": (140, 141),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "mlockall": (151, 230),
    "capset": (126, 91),
    "rt_sigqueueinfo": (129, 138),
    "personality": (135, 92),
    "pivot_root": (155, 41),
    "prctl": (157, 167),
    "chroot": (161, 51),
    "mount": (165, 40),
    "futex": (202, 98),
    "sched_setaffinity": (203, 122),
    "sched_getaffinity": (204, 123),
    "getdents64": (217, 61),
    "timer_create": (222, 107),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "tgkill": (234, 131),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "openat": (257, 56),
    "pselect6": (270, 72),
    "unshare": (272, 97),
    "set_robust_list": (273, 99),
    "get_robust_list": (274, 100),
    "move_pages": (279, 239),
    "timerfd_create": (283, 85),
    "signalfd4": (289, 74),
    "eventfd2": (290, 19),
    "epoll_create1": (291, 20),
    "pipe2": (293, 59),
    "inotify_init1": (294, 26),
    "perf_event_open": (298, 241),
    "prlimit64": (302, 261),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "seccomp": (317, 277),
    "getrandom": (318, 278),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "execveat": (322, 281),
    "userfaultfd": (323, 282),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "clone3": (435, 435),
    "openat2": (437, 437),
    "process_madvise": (440, 440),
    "futex_waitv": (449, 449),
    "futex_wake": (454, 454),
    "futex_wait": (455, 455),
    "futex_requeue": (456, 456),
    "mincore": (27, 232),
    "getpgid": (121, 155),
    "sched_getscheduler": (145, 120),
    "membarrier": (324, 283),
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


def denied(*attempts):
    """Make every attempt. The filter must say no to each: if the kernel so much as looks at one, that is a breach."""
    answered = []
    for i, attempt in enumerate(attempts):
        try:
            answered.append((i, attempt()))
        except OSError as error:
            last = error
            if error.errno != 1:  # EPERM
                answered.append((i, error.errno))
        except MemoryError:
            answered.append((i, "no memory"))
    if answered:
        raise SystemError(f"BREACH: the kernel answered {answered}")
    raise last


def page_of_libc():
    """Return where a page of the C library lies that every process has from the same file."""
    return ctypes.cast(libc.getpid, ctypes.c_void_p).value & ~0xFFF


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
