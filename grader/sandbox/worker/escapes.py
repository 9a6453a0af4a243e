"""Try to break out of the box, and name what got through. A tier is what attempts show, never a version number."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable

from grader.sandbox.boundary import syscalls

libc = ctypes.CDLL(None, use_errno=True)
FUTEX, FUTEX_WAKE = syscalls.number("futex", os.uname().machine) if os.uname().machine in syscalls.AUDIT else -1, 1
"""Looked up where the machine may still be asked for."""

really_open = os.open
"""Bound before any package pretends to have files: an attempt that only meets the pretence would prove nothing."""


def _open_a_file() -> None:
    os.close(really_open("/", os.O_RDONLY))


def _open_a_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _start_a_process() -> None:
    if os.fork() == 0:
        os._exit(0)


def _signal_the_parent() -> None:
    os.kill(os.getppid(), 0)


def _write_a_file() -> None:
    os.close(really_open("/tmp/autodiff-grader-probe", os.O_WRONLY | os.O_CREAT, 0o600))


def _wake_another_process() -> None:
    """Wake whoever waits on a page of the C library, in whatever process: a futex that is not private."""
    page = ctypes.cast(libc.getpid, ctypes.c_void_p)
    if libc.syscall(FUTEX, page, FUTEX_WAKE, 0, None, None, 0) < 0:
        raise OSError(ctypes.get_errno(), "it is refused")


ATTEMPTS: dict[str, Callable[[], None]] = {
    "open a file": _open_a_file,
    "write a file": _write_a_file,
    "open a socket": _open_a_socket,
    "start a process": _start_a_process,
    "signal the parent": _signal_the_parent,
    "wake another process": _wake_another_process,
}


def breaches() -> tuple[str, ...]:
    """Return the names of the attempts that worked."""
    return tuple(name for name, attempt in ATTEMPTS.items() if _works(attempt))


def _works(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True
