"""The system-call filter lets through what its table names and nothing else, on the architectures there is a table for.

The kernel runs the filter of this machine in every other test here; for both, it is run by the few lines below.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from grader.sandbox import lockdown
from grader.sandbox.lockdown import ARCHITECTURES, seccomp_program

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
DANGEROUS = set(
    """
    open openat openat2 creat socket connect sendto sendmsg recvmsg clone clone3 fork vfork execve execveat kill tkill
    tgkill ptrace process_vm_readv process_vm_writev mount unshare setns chroot pivot_root setuid setgid setrlimit
    prlimit64 prctl seccomp bpf io_uring_setup io_uring_enter memfd_create userfaultfd perf_event_open keyctl pidfd_open
    pidfd_getfd pidfd_send_signal ioctl dup dup2 dup3 fcntl mknod unlink rename personality
    """.split()  # noqa: SIM905 - fifty quoted words would hide what is not there
)


def decision(program: bytes, architecture: int, number: int) -> int:
    """Run a filter on one call, as the kernel would (Documentation/networking/filter.rst)."""
    data = struct.pack("=iIQ6Q", number if number < 2**31 else number - 2**32, architecture, 0, *[0] * 6)
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


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_filter_lets_the_table_through_and_nothing_else(machine: str) -> None:
    program = seccomp_program(machine)
    assert program is not None
    architecture, calls = ARCHITECTURES[machine]
    for number in range(1024):
        wanted = lockdown.SECCOMP_RET_ALLOW if number in calls.values() else lockdown.SECCOMP_RET_EPERM
        assert decision(program, architecture, number) == wanted, number
    for number in (0x40000000, 0x40000000 + 1, 0x7FFFFFFF, 0xFFFFFFFF):
        assert decision(program, architecture, number) == lockdown.SECCOMP_RET_KILL_PROCESS
    for other in (*(one for one, _ in ARCHITECTURES.values() if one != architecture), 0x40000003, 0):
        for number in (0, 1, 20, 60, 93):
            assert decision(program, other, number) == lockdown.SECCOMP_RET_KILL_PROCESS


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_table_is_the_kernel_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    known = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    }
    for name, number in ARCHITECTURES[machine][1].items():
        assert known[name] == number, name


def test_no_table_has_a_call_that_opens_starts_or_reaches_anything() -> None:
    for _, calls in ARCHITECTURES.values():
        assert not DANGEROUS & set(calls)
        assert len(set(calls.values())) == len(calls)


def test_both_tables_are_of_the_same_calls_where_both_machines_have_them() -> None:
    ours, theirs = (set(calls) for _, calls in ARCHITECTURES.values())
    assert ours - theirs == {"poll", "select", "time"}, "aarch64 has ppoll and pselect6 only, and no time"
    assert theirs - ours == {"ppoll"}


def test_an_unknown_machine_has_no_filter() -> None:
    assert seccomp_program("riscv64") is None
