"""The system-call filter lets through what its table names, with the arguments it names, and nothing else.

The kernel runs the filter of this machine in every other test here; for both, it is run by the few lines below.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.sandbox import bpf, syscalls
from grader.sandbox.syscalls import AUDIT, CALLS, Allowed, Call, of

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
DANGEROUS = set(
    """
    open openat openat2 creat socket connect sendto sendmsg recvmsg clone clone3 fork vfork execve execveat kill tkill
    tgkill ptrace process_vm_readv process_vm_writev mount unshare setns chroot pivot_root setuid setgid setrlimit
    prlimit64 prctl seccomp bpf io_uring_setup io_uring_enter memfd_create userfaultfd perf_event_open keyctl pidfd_open
    pidfd_getfd pidfd_send_signal ioctl dup dup2 dup3 fcntl mknod unlink rename personality shmget semget msgget mq_open
    eventfd2 pipe2 flock inotify_init1 mincore membarrier setpriority sched_setaffinity add_key timerfd_create msync
    """.split()  # noqa: SIM905 - eighty quoted words would hide what is not there
)

UNCONSTRAINED = set(
    """
    munmap brk rt_sigreturn restart_syscall exit_group getpid gettid getuid getcwd getrusage times gettimeofday time
    """.split()  # noqa: SIM905
)
"""Whose arguments nobody else can be reached by. A call more here is a decision."""


def decision(program: bytes, architecture: int, number: int, arguments: Sequence[int] = ()) -> int:
    """Run a filter on one call, as the kernel would (Documentation/networking/filter.rst)."""
    given = [one % 2**64 for one in (*arguments, *[0] * 6)][:6]
    data = struct.pack("=iIQ6Q", number if number < 2**31 else number - 2**32, architecture, 0, *given)
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


def fits(rule: Allowed, value: int) -> bool:
    """Say whether an argument is what a row says, read as the kernel reads it."""
    read = value % 2**64 if rule.wide else value % 2**32
    return read < rule.below if rule.below else read in rule.values


def fitting(call: Call) -> list[int]:
    """Arguments of a call that its row lets through."""
    given = [0] * 6
    for rule in call.allowed:
        given[rule.argument] = rule.values[-1] if rule.values else rule.below - 1
    return given


def tried(rule: Allowed) -> Iterator[int]:
    """Every small number, every bit of 64 alone and beside what is allowed, and what is negative."""
    yield from range(600)
    for value in (0, *rule.values, max(rule.below - 1, 0)):
        for bit in range(64):
            yield value ^ (1 << bit)
            yield value | (1 << bit) | (1 << (bit * 7 % 64))
    yield from (-1, -2, -(2**31), 2**31, 2**32, 2**63, ~(1234 << 3) | 2)


@pytest.mark.parametrize("machine", AUDIT)
def test_the_filter_lets_the_table_through_and_nothing_else(machine: str) -> None:
    program = bpf.program(machine)
    assert program is not None
    architecture, calls = AUDIT[machine], of(machine)
    for number in range(1024):
        call = calls.get(number)
        wanted = bpf.EPERM if call is None else bpf.ALLOW
        assert decision(program, architecture, number, fitting(call) if call else ()) == wanted, number
    for number in (0x40000000, 0x40000000 + 1, 0x7FFFFFFF, 0xFFFFFFFF):
        assert decision(program, architecture, number) == bpf.KILL_PROCESS
    for other in (*(one for one in AUDIT.values() if one != architecture), 0x40000003, 0):
        for number in (0, 1, 20, 60, 93):
            assert decision(program, other, number) == bpf.KILL_PROCESS


@pytest.mark.parametrize("machine", AUDIT)
def test_every_argument_of_every_call_is_held_to_its_row(machine: str) -> None:
    program = bpf.program(machine)
    assert program is not None
    refused = 0
    for number, call in of(machine).items():
        for rule in call.allowed:
            for value in tried(rule):
                given = fitting(call)
                given[rule.argument] = value
                wanted = bpf.ALLOW if fits(rule, value) else bpf.EPERM
                assert decision(program, AUDIT[machine], number, given) == wanted, (call.name, rule, value)
                refused += wanted == bpf.EPERM
    assert refused > 5000


SHARED = {
    "futex without the private flag": ("futex", [0, 1, 1]),
    "futex, its requeue": ("futex", [0, 128 | 3, 1]),
    "futex, its lock for others": ("futex", [0, 6, 0]),
    "memory shared with whoever": ("mmap", [0, 4096, 3, 0x21, -1, 0]),
    "pages out of the pool of huge ones": ("mmap", [0, 2**21, 3, 0x40022, -1, 0]),
    "a mapping of a file": ("mmap", [0, 4096, 1, 0x02, 3, 0]),
    "code that it wrote": ("mmap", [0, 4096, 7, 0x22, -1, 0]),
    "code that it wrote before": ("mprotect", [0, 4096, 5]),
    "pages merged with those of others": ("madvise", [0, 4096, 12]),
    "pages of a file dropped or fetched": ("madvise", [0, 4096, 3]),
    "another process's clock": ("clock_gettime", [~(1234 << 3) | 2, 0]),
    "a wait for another process's clock": ("clock_nanosleep", [~(1234 << 3) | 2, 0, 0, 0]),
    "another descriptor": ("read", [0, 0, 0]),
    "an answer elsewhere": ("write", [1, 0, 0]),
}


@pytest.mark.parametrize("machine", AUDIT)
@pytest.mark.parametrize("what", SHARED)
def test_what_would_be_shared_with_others_is_refused(what: str, machine: str) -> None:
    name, arguments = SHARED[what]
    program = bpf.program(machine)
    assert program is not None
    assert decision(program, AUDIT[machine], syscalls.number(name, machine), arguments) == bpf.EPERM


def test_every_call_has_a_reason_and_only_these_take_any_argument() -> None:
    assert all(len(call.why) >= 8 for call in CALLS)
    assert {call.name for call in CALLS if not call.allowed} == UNCONSTRAINED


@pytest.mark.parametrize("machine", AUDIT)
def test_the_table_is_the_kernel_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    known = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    }
    for number, call in of(machine).items():
        assert known[call.name] == number, call.name


def test_no_table_has_a_call_that_opens_starts_or_reaches_anything() -> None:
    assert not DANGEROUS & {call.name for call in CALLS}
    for machine in AUDIT:
        assert len(of(machine)) == sum(getattr(call, machine) is not None for call in CALLS)


def test_an_unknown_machine_has_no_filter() -> None:
    assert bpf.program("riscv64") is None


def test_a_jump_too_long_for_a_byte_is_told() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        bpf._short(256)
