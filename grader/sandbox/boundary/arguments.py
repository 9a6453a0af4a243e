"""Take a process's command line out of the sight of others.

Anybody on a machine can read /proc/PID/cmdline, and what stands there is the process's own memory: to write on it takes
no system call. A worker could tell its inputs to every user. So a zygote has the kernel forget where its command line
is, and whatever is forked from it has none.
"""

from __future__ import annotations

import ctypes
import struct

PR_SET_MM, PR_SET_MM_MAP = 35, 14
KEEP_THE_PROGRAM = 0xFFFFFFFF

START_CODE, END_CODE, START_STACK = 26, 27, 28
START_DATA, END_DATA, START_BRK, ARG_START, ENV_START = 45, 46, 47, 48, 50
"""Where proc_pid_stat(5) says what the kernel knows of this process's memory, counted from 1: the state is 3."""


def hide() -> bool:
    """Say whether this process has no command line any more; a few kernels do not take it away."""
    libc = ctypes.CDLL(None)
    libc.sbrk.restype = ctypes.c_void_p
    known = [b"", b"", b"", *_read("/proc/self/stat").rpartition(b") ")[2].split()]
    places = struct.pack(
        "=12QII",
        *(int(known[field]) for field in (START_CODE, END_CODE, START_DATA, END_DATA, START_BRK)),
        libc.sbrk(ctypes.c_ssize_t(0)),
        *(int(known[field]) for field in (START_STACK, ARG_START, ARG_START, ENV_START, ENV_START)),
        *(0, 0, KEEP_THE_PROGRAM),
    )
    libc.prctl(PR_SET_MM, PR_SET_MM_MAP, places, ctypes.c_ulong(len(places)), ctypes.c_ulong(0))
    return not _read("/proc/self/cmdline")


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not worth importing here
        return file.read()
