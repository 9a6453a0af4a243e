"""The system-call filter lets through what its table names and nothing else, on the architectures there is a table for.

The kernel runs the filter of this machine in every other test here; for both, it is run by the few lines below.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.sandbox.boundary import bpf, syscalls
from grader.sandbox.boundary.syscalls import AUDIT, CALLS, WIRE, Allowed, Call

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
DANGEROUS = set(
    """
    open openat openat2 creat socket connect sendto sendmsg recvmsg clone clone3 fork vfork execve execveat kill tkill
    tgkill ptrace process_vm_readv process_vm_writev mount unshare setns chroot pivot_root setuid setgid setrlimit
    prlimit64 prctl seccomp bpf io_uring_setup io_uring_enter memfd_create userfaultfd perf_event_open keyctl pidfd_open
    pidfd_getfd pidfd_send_signal ioctl dup dup2 dup3 fcntl mknod unlink rename personality close flock poll ppoll
    epoll_create1 eventfd2 pipe2 inotify_init1 shmget shmat semget msgget mq_open futex_waitv futex_wake
    set_robust_list get_robust_list set_tid_address mlock mlockall mincore process_madvise
    """.split()  # noqa: SIM905 - eighty quoted words would hide what is not there
)
SHARED, PRIVATE, FIXED, ANONYMOUS, LOCKED, NORESERVE, HUGETLB = 0x01, 0x02, 0x10, 0x20, 0x2000, 0x4000, 0x40000
HIGH = 1 << 32
NEEDED: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("read", (WIRE, 1 << 40, 1 << 40)),
    ("write", (WIRE,)),
    *(("mmap", (1 << 40, 1 << 40, bits, PRIVATE | ANONYMOUS, 2**64 - 1, 0)) for bits in (0, 1, 3)),
    ("mmap", (0, 4096, 0, PRIVATE | ANONYMOUS | NORESERVE, 2**32 - 1, 0)),
    ("mprotect", (1 << 40, 4096, 3)),
    ("mremap", (1 << 40, 4096, 8192, 1, 0)),
    ("madvise", (1 << 40, 4096, 4)),
    *(("futex", (1 << 40, operation, 2**31, 1 << 40)) for operation in (128, 129, 137, 393)),
    *(("clock_gettime", (clock, 1 << 40)) for clock in range(8)),
    *(("clock_nanosleep", (clock, 1, 1 << 40, 0)) for clock in (0, 1)),
    ("pselect6", (0, 0, 0, 0, 1 << 40, 0)),
    *(("getrandom", (1 << 40, 16, flags)) for flags in (0, 1)),
    *(("rt_sigaction", (number, 1 << 40, 0, 8)) for number in (2, 14, 15)),
    ("rt_sigprocmask", (0, 0, 1 << 40, 8)),
)
"""What the interpreter, malloc and locks ask for (read off with strace), by hand."""

MUST_NOT_BE: tuple[tuple[str, tuple[int, ...]], ...] = (
    *(("read", (fd,)) for fd in (0, 1, 2, 4, 2**32 - 1, WIRE | 1 << 31)),
    *(("write", (fd,)) for fd in (0, 1, 2, 4)),
    *(("mmap", (0, 4096, bits, PRIVATE | ANONYMOUS)) for bits in (4, 5, 7, 3 | HIGH, 2**64 - 1)),
    *(
        ("mmap", (0, 4096, 3, flags))
        for flags in (
            *(SHARED | ANONYMOUS, 3 | ANONYMOUS, PRIVATE, SHARED, ANONYMOUS, 0),
            *(
                PRIVATE | ANONYMOUS | more
                for more in (FIXED, LOCKED, HUGETLB, 0x8000, 0x100, 0x100000, HIGH, HIGH << 31)
            ),
        )
    ),
    *(("mprotect", (0, 4096, bits)) for bits in (4, 7, 8, 0x01000001, HIGH | 1)),
    *(("mremap", (0, 4096, 4096, flags)) for flags in (2, 3, 4, 5, HIGH, HIGH | 1)),
    *(("madvise", (0, 4096, advice)) for advice in (*range(4), *range(5, 64), 100, 101)),
    *(("futex", (0, operation)) for operation in (*range(128), *range(130, 137), *range(138, 393), 129 | 256, 1 << 31)),
    *(("clock_gettime", (2**32 - n,)) for n in range(1, 4096)),
    *(("clock_gettime", (2**64 - n,)) for n in range(1, 4096)),
    *(("clock_nanosleep", (clock,)) for clock in (2, 3, 7, 8, 9, 2**32 - 6)),
    *(("pselect6", (n, 0, 0, 0, 0, 0)) for n in (1, 4, 64, 2**31)),
    *(("pselect6", (0, 0, 0, 0, 0, mask)) for mask in (1, 1 << 40)),
    *(("getrandom", (0, 8, flags)) for flags in (2, 3, 4, 1 << 31)),
    *(("rt_sigaction", (number,)) for number in (1, *range(3, 14), *range(16, 65))),
    *(("rt_sigprocmask", (0, mask)) for mask in (1, 1 << 31, HIGH, 1 << 40)),
)
"""What would reach another process, or could be seen by one, by hand."""


def decision(program: bytes, architecture: int, number: int, arguments: Sequence[int] = ()) -> int:
    """Run a filter on one call, as the kernel would (Documentation/networking/filter.rst)."""
    six = [*arguments, *[0] * 6][:6]
    data = struct.pack("=iIQ6Q", number if number < 2**31 else number - 2**32, architecture, 0, *six)
    code = [struct.unpack("=HBBI", program[i : i + 8]) for i in range(0, len(program), 8)]
    at = accumulator = 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack("=I", data[value : value + 4])
        elif operation == 0x15:
            at += yes if accumulator == value else no
        elif operation == 0x35:
            at += yes if accumulator >= value else no
        else:
            assert operation == 0x06
            return int(value)


def is_allowed(call: Call, arguments: Sequence[int]) -> bool:
    """Say what the table says, read anew."""
    return all(_may_be(one, arguments[one.argument]) for one in call.allowed)


def _may_be(allowed: Allowed, value: int) -> bool:
    read = value if allowed.wide else value % 2**32
    return read < allowed.below if allowed.below else read in allowed.values


def swept(call: Call) -> Iterator[list[int]]:
    """Yield arguments for a call: what is right, but one argument, which goes through its bits and small numbers."""
    right = [0] * 6
    for one in call.allowed:
        right[one.argument] = one.values[0] if one.values else 0
    yield right
    for one in call.allowed:
        flipped = {value ^ 1 << bit for value in (0, one.below, *one.values) for bit in range(64)}
        for value in sorted({*range(600), *flipped, *(2**bit - 1 for bit in range(65)), *one.values}):
            yield [value if i == one.argument else other for i, other in enumerate(right)]


@pytest.mark.parametrize("machine", AUDIT)
def test_the_filter_lets_the_table_through_and_nothing_else(machine: str) -> None:
    program = bpf.program(machine)
    assert program is not None
    calls = syscalls.of(machine)
    for number in range(1024):
        for arguments in ((0,) * 6, (WIRE,) * 6, (2**64 - 1,) * 6):
            lets = number in calls and is_allowed(calls[number], arguments)
            assert decision(program, AUDIT[machine], number, arguments) == (bpf.ALLOW if lets else bpf.EPERM), number
    for number in (0x40000000, 0x40000000 + 1, 0x7FFFFFFF, 0xFFFFFFFF):
        assert decision(program, AUDIT[machine], number) == bpf.KILL_PROCESS
    for other in (*(one for one in AUDIT.values() if one != AUDIT[machine]), 0x40000003, 0):
        for number in (0, 1, 20, 60, 93):
            assert decision(program, other, number) == bpf.KILL_PROCESS


@pytest.mark.parametrize("machine", AUDIT)
def test_the_filter_holds_every_bit_of_every_argument_to_the_table(machine: str) -> None:
    program = bpf.program(machine)
    assert program is not None
    chance = random.Random(0)
    for number, call in syscalls.of(machine).items():
        for arguments in swept(call):
            wanted = bpf.ALLOW if is_allowed(call, arguments) else bpf.EPERM
            assert decision(program, AUDIT[machine], number, arguments) == wanted, (call.name, arguments)
        held = {one.argument for one in call.allowed}
        right = next(swept(call))
        for _ in range(50):  # what is not held is free
            free = [value if i in held else chance.randrange(2**64) for i, value in enumerate(right)]
            assert decision(program, AUDIT[machine], number, free) == bpf.ALLOW, (call.name, free)


@pytest.mark.parametrize("machine", AUDIT)
def test_what_is_needed_is_let_through_and_what_reaches_others_is_not(machine: str) -> None:
    program = bpf.program(machine)
    assert program is not None
    numbers = {call.name: number for number, call in syscalls.of(machine).items()}
    for listed, wanted in ((NEEDED, bpf.ALLOW), (MUST_NOT_BE, bpf.EPERM)):
        for name, arguments in listed:
            assert decision(program, AUDIT[machine], numbers[name], arguments) == wanted, (name, arguments)


@pytest.mark.parametrize("machine", AUDIT)
def test_the_table_is_the_kernel_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    known = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    }
    for number, call in syscalls.of(machine).items():
        assert known[call.name] == number, call.name


def test_no_table_has_a_call_that_opens_starts_or_reaches_anything() -> None:
    assert not DANGEROUS & {call.name for call in CALLS}
    for machine in AUDIT:
        assert len({call.name for call in syscalls.of(machine).values()}) == len(syscalls.of(machine))


def test_every_row_says_why() -> None:
    for call in CALLS:
        assert len(call.why.split()) > 1, call.name
        assert all(bool(one.below) != bool(one.values) for one in call.allowed), call.name


def test_both_tables_are_of_the_same_calls_where_both_machines_have_them() -> None:
    assert {call.name for call in CALLS if call.aarch64 is None} == {"select", "time"}, "aarch64 has none of these"
    assert all(call.x86_64 is not None for call in CALLS)


def test_an_unknown_machine_has_no_filter() -> None:
    assert bpf.program("riscv64") is None


def test_a_jump_that_does_not_fit_is_no_filter() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        bpf.filtered([(0, Call("long", 0, 0, "", (Allowed(0, values=tuple(range(300))),)))])
