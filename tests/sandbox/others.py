"""Two processes that want to tell each other something, for `test_shared_objects`.

`python -m tests.sandbox.others hear` waits on a page of the C library, says so, and says whether it was woken.
`... wake` and `... wake filtered` wake whoever waits there, until somebody was woken or it is refused.
`... sweep` puts the filter on and calls the kernel by every number that has no row.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
import time

from grader.sandbox import lockdown, syscalls

WAIT, WAKE = 0, 1
SECONDS = 60.0
"""How long somebody is waited for who does not come: on a busy machine it may take long, and it ends when they do."""

PROBES = (335, 336) if platform.machine() == "x86_64" else ()
"""uretprobe and uprobe: newer kernels ask no filter about them, and kill whoever calls them by hand."""

MACHINE = platform.machine()
"""Asked before the filter is put on."""

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Time(ctypes.Structure):
    """A timespec."""

    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def page() -> int:
    """Return where a page of the C library lies: the kernel knows it by its file."""
    where = ctypes.cast(libc.getpid, ctypes.c_void_p).value
    assert where is not None
    return where & ~0xFFF


def futex(operation: int, value: int, wait: Time | None = None) -> int:
    """Call it. Returns -1 with the errno where it is refused."""
    call = ctypes.c_long(syscalls.number("futex", MACHINE))
    found: int = libc.syscall(call, ctypes.c_void_p(page()), operation, value, wait and ctypes.byref(wait), None, 0)
    return found


def hear() -> None:
    """Wait until somebody wakes whoever waits here."""
    there = ctypes.c_uint32.from_address(page()).value
    print("listening", flush=True)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if futex(WAIT, there, Time(0, 200_000_000)) == 0:
            print("heard", flush=True)
            return
    print("nothing", flush=True)


def put_on() -> None:
    """Put on the filter that workers have."""
    lockdown._prctl(lockdown.PR_SET_NO_NEW_PRIVS, 1)
    os.dup2(1, syscalls.WIRE)
    if libc.prctl(lockdown.PR_SET_SECCOMP, lockdown.SECCOMP_MODE_FILTER, lockdown._filter_at, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no filter")


def say(text: str) -> None:
    """Say something by the one descriptor that the filter lets be written to, and be gone."""
    os.write(syscalls.WIRE, text.encode())
    os._exit(0)


def wake(filtered: bool) -> None:
    """Wake whoever is woken, at once or as soon as they wait."""
    os.dup2(1, syscalls.WIRE)
    if filtered:
        put_on()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        woken = futex(WAKE, 1)
        if woken > 0:
            say("woke one")
        if woken < 0:
            say(f"refused: {errno.errorcode[ctypes.get_errno()]}")
    say("nobody was there")


def is_refused(number: int) -> bool:
    """Say whether the kernel does not permit a call."""
    return libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == errno.EPERM


def sweep() -> None:
    """Call every number without a row, and say which did not come back as not permitted."""
    known = {*syscalls.of(MACHINE), *PROBES}
    put_on()
    let_through = [number for number in range(600) if number not in known and not is_refused(number)]
    say(f"let through: {let_through}")


if __name__ == "__main__":
    {"hear": hear, "wake": lambda: wake("filtered" in sys.argv), "sweep": sweep}[sys.argv[1]]()
