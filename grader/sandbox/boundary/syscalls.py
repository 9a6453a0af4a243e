"""What a worker may ask of the kernel: a row for each system call, with the arguments it may give, and why.

A call that is in no row is refused, and so is a call whose arguments are not what its row says. Both give EPERM. A call
by its number alone is a large right: one value of one argument can share memory with a process outside of the box.
`bpf` makes the filter of these rows.
"""

from __future__ import annotations

from typing import NamedTuple

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Machine -> the number by which the kernel knows its system calls (linux/audit.h)."""

WIRE = 3
"""The one descriptor of a worker, whatever number its zygote knew it by."""

PROT_EXEC = 0x4
PRIVATE_MEMORY = (0x22, 0x4022)
"""MAP_PRIVATE and MAP_ANONYMOUS, alone or with MAP_NORESERVE: all that malloc and Python's own allocator ask for."""

MREMAP_MAYMOVE = 1
MADV_DONTNEED = 4
ALONE = (128, 129, 128 | 9, 128 | 9 | 256)
"""FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, the last by either clock, each with FUTEX_PRIVATE_FLAG: Python's locks."""

SIGINT, SIGALRM, SIGTERM = 2, 14, 15
FIRST_ALARM_CLOCK = 8
"""From here on a clock wakes the machine. As unsigned numbers, the clocks of other processes are above it, too."""

CLOCK_MONOTONIC = 1
GRND_NONBLOCK = 1


class Allowed(NamedTuple):
    """What an argument, counted from 0, may be: below `below`, or one of `values` where there is no such bound.

    The kernel reads 32 bits of most arguments. Of a `wide` one it reads all 64, so the upper half must be 0.
    """

    argument: int
    below: int = 0
    values: tuple[int, ...] = ()
    wide: bool = False


class Call(NamedTuple):
    """A system call, by its number on each machine that has it (asm/unistd.h), and what each argument may be."""

    name: str
    x86_64: int | None
    aarch64: int | None
    why: str
    allowed: tuple[Allowed, ...] = ()


def _one_of(argument: int, *values: int) -> Allowed:
    return Allowed(argument, values=values)


def _below(argument: int, bound: int) -> Allowed:
    return Allowed(argument, below=bound)


def _wide(allowed: Allowed) -> Allowed:
    return allowed._replace(wide=True)


OWN = "tells of this process only"

CALLS = (
    Call("read", 0, 63, "questions come by the wire; nothing else is open", (_one_of(0, WIRE),)),
    Call("write", 1, 64, "answers go by the wire; nothing else is open", (_one_of(0, WIRE),)),
    Call(
        *("mmap", 9, 222),
        "memory for itself: shared memory is read by others, huge and locked pages are taken from all, and what can be "
        "run was mapped before",
        (_wide(_below(2, PROT_EXEC)), _wide(_one_of(3, *PRIVATE_MEMORY))),
    ),
    Call("mprotect", 10, 226, "malloc grows by it; new code is not to be run", (_wide(_below(2, PROT_EXEC)),)),
    Call("munmap", 11, 215, "takes from this process only"),
    Call("brk", 12, 214, "its own memory, and it has no flags"),
    Call("mremap", 25, 216, "realloc moves by it, to where the kernel likes", (_wide(_one_of(3, 0, MREMAP_MAYMOVE)),)),
    Call(
        *("madvise", 28, 233),
        "free gives memory back by it; other advice merges pages across processes, and drops or fetches pages of files",
        (_one_of(2, MADV_DONTNEED),),
    ),
    Call(
        *("futex", 202, 98),
        "Python's locks; without the private flag the kernel finds who waits on the same page of a file in any process",
        (_one_of(1, *ALONE),),
    ),
    Call(
        *("clock_gettime", 228, 113),
        "time.process_time; the negative clocks are those of other processes",
        (_below(0, FIRST_ALARM_CLOCK),),
    ),
    Call("clock_getres", 229, 114, "time.get_clock_info, for the same clocks", (_below(0, FIRST_ALARM_CLOCK),)),
    Call("clock_nanosleep", 230, 115, "time.sleep, by the clocks on the wall", (_below(0, CLOCK_MONOTONIC + 1),)),
    Call("select", 23, None, "time.sleep before Python 3.11; it waits for no descriptor", (_one_of(0, 0),)),
    Call(
        *("pselect6", 270, 72),
        "select of a newer C library: no descriptor, and no signals held back meanwhile, as everybody could see that",
        (_one_of(0, 0), _wide(_one_of(5, 0))),
    ),
    Call("getrandom", 318, 278, "os.urandom; GRND_RANDOM draws on what all share", (_below(2, GRND_NONBLOCK + 1),)),
    Call(
        *("rt_sigaction", 13, 134),
        "signal.signal for what programs handle; everybody can see in /proc which signals a process handles",
        (_one_of(0, SIGINT, SIGALRM, SIGTERM),),
    ),
    Call(
        *("rt_sigprocmask", 14, 135),
        "asks which signals are held back, as setjmp does; to hold back others could be seen in /proc",
        (_wide(_one_of(1, 0)),),
    ),
    Call("rt_sigreturn", 15, 139, "ends a handler; it takes no argument"),
    Call("restart_syscall", 219, 128, "goes on with a sleep that was allowed, after a stop; it takes no argument"),
    Call("exit_group", 231, 94, "os._exit; its supervisor alone is told the status"),
    Call("getpid", 39, 172, OWN),
    Call("gettid", 186, 178, OWN),
    Call("getuid", 102, 174, OWN),
    Call("getcwd", 79, 17, "an import path with '' in it; there is only the empty folder"),
    Call("getrusage", 98, 165, "of this process and its children, and it has none"),
    Call("times", 100, 153, "os.times, of this process and its children, and it has none"),
    Call("gettimeofday", 96, 169, "the clock on the wall, where the kernel gives no page to read it from"),
    Call("time", 201, None, "the same"),
)


def of(machine: str) -> dict[int, Call]:
    """Return the calls that a machine has, by their numbers there."""
    numbered = [(call.x86_64 if machine == "x86_64" else call.aarch64, call) for call in CALLS]
    return {number: call for number, call in numbered if number is not None}


def number(name: str, machine: str) -> int:
    """Return a call's number. Raises KeyError where it is in no row, or the machine has none."""
    return {call.name: number for number, call in of(machine).items()}[name]
