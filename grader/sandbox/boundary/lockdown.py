"""Give up every right this process does not need, in an order that cannot be undone.

Theory of operation. What a zygote needs no more once everything is imported, it gives up itself (`give_up_files`), and
whoever is forked from it never had it:

    command line (`arguments`) -> chroot -> no new privileges -> Landlock -> limits that a zygote can keep itself

A worker still has the zygote's descriptors, user and system calls. `lock_down` takes them away one layer at a time:

    descriptors -> the other limits -> user and group -> parent-death signal (setuid clears it) ->
    not dumpable -> last wishes -> seccomp

Last wishes are what the C library had the kernel do to memory when a process ends: to wake whoever waits at an address.
The process can write another address there, such as one in a file that others have mapped, so the kernel is told to
forget them. `syscalls` is the table of what the filter lets through.

Each layer that needs a privilege or a kernel we may not have is optional and reported in the
returned list; what must hold is decided by the supervisor from a probe, not from this list.
Everything goes through ctypes, loaded by the zygote: nothing is imported after the fork, and what can be done or worked
out before it (`Rights`) is, since a forked process pays for every page it is the first to touch. For the same reason
what a worker calls is looked up as it stands here, in few functions: an attribute of a module is two pages more.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from typing import NamedTuple

from grader.sandbox.boundary import bpf
from grader.sandbox.boundary.syscalls import WIRE

if sys.platform == "linux":
    from os import closerange, dup2, getppid, setgroups, setresgid, setresuid
    from resource import setrlimit

    prctl, syscall = ctypes.CDLL(None).prctl, ctypes.CDLL(None).syscall

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

SET_ROBUST_LIST, SET_TID_ADDRESS = {"aarch64": (99, 96)}.get(os.uname().machine, (273, 218))
ROBUST_LIST_SIZE = 24
NOWHERE = ctypes.c_void_p(None)

LANDLOCK_CREATE_RULESET = 444
LANDLOCK_RESTRICT_SELF = 446
MOST_DESCRIPTORS = 4096
"""A zygote has a dozen."""

LANDLOCK_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}

_libc = ctypes.CDLL(None, use_errno=True)
NO_GROUPS: list[int] = []
SIGKILL = int(signal.SIGKILL)


class Rights(NamedTuple):
    """What every worker is left with: limits of its own, as setrlimit takes them, and the layers it is forked with.

    `changes_user` and `filtered` say whether those layers are to be put on. A tuple, to be taken apart at once.
    """

    limits: tuple[tuple[int, tuple[int, int]], ...]
    layers: tuple[str, ...]
    changes_user: bool
    filtered: bool


def give_up_files(skip: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Shut this process, a zygote, and all that is forked from it out of every file for good; return the layers of it.

    It stands in an empty folder. Raises OSError where the kernel has Landlock, and no ruleset can be made: no worker
    should go without for that.
    """
    layers = []
    if os.geteuid() == 0 and "chroot" not in skip and _chroot():
        layers.append("chroot")
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if "landlock" not in skip and _landlock():
        layers.append("landlock")
    return tuple(layers)


def limit(address_space: int, cpu_seconds: int, layers: tuple[str, ...], skip: tuple[str, ...] = ()) -> Rights:
    """Limit this process, a zygote, and all that is forked from it, and return what its workers are left with.

    Address space in bytes, CPU seconds of each worker. `skip` names layers to leave off, for proofs.
    """
    for kind, most in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, _no_more_than(kind, most))
    theirs = ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_NPROC, 1), (resource.RLIMIT_NOFILE, 16))
    return Rights(
        tuple((kind, _no_more_than(kind, most)) for kind, most in theirs),
        layers,
        os.geteuid() == 0 and "uid" not in skip,
        "seccomp" not in skip and bool(_program),
    )


def lock_down(keep_fd: int, parent: int, uid: int, rights: Rights) -> tuple[str, ...]:
    """Lock this process down for good and return the layers that took hold.

    `keep_fd` is the one descriptor that stays, under the number `WIRE`; `parent` the zygote's pid, so that a worker
    orphaned in between notices. Raises OSError where a layer that always works did not.
    """
    limits, forked_with, changes_user, filtered = rights
    dup2(keep_fd, WIRE)
    closerange(0, WIRE)
    closerange(WIRE + 1, MOST_DESCRIPTORS)
    for kind, most in limits:
        setrlimit(kind, most)
    layers = [*forked_with, "rlimits"]
    if changes_user:
        try:
            setgroups(NO_GROUPS)
            setresgid(uid, uid, uid)
            setresuid(uid, uid, uid)
            layers.append("uid")
        except OSError:  # not permitted, or no such user in the namespace of a rootless container
            pass
    if prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 or prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError("a prctl that always works did not")
    if getppid() != parent:
        os._exit(0)
    if filtered:
        forget_last_wishes()
        if prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, _filter_at, 0, 0) == 0:
            layers.append("seccomp")
    return tuple(layers)


def forget_last_wishes() -> None:
    """Have the kernel touch no memory and wake nobody when this process ends. Raises OSError where it does not."""
    if syscall(SET_ROBUST_LIST, NOWHERE, ROBUST_LIST_SIZE) != 0 or syscall(SET_TID_ADDRESS, NOWHERE) < 0:
        raise OSError("the kernel does not forget what it is to do at the end")


def hide_from_same_user() -> None:
    """Make this process's memory unreadable to others of its own user (ptrace, /proc/PID/mem)."""
    _prctl(PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that started it ends."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)


def die_with(parent: int) -> None:
    """Die with the process that forked this one, or now, where it is gone already."""
    die_with_parent()
    if os.getppid() != parent:
        os._exit(0)


def _prctl(option: int, value: int) -> None:
    if prctl(option, value, 0, 0, 0) != 0:
        raise OSError(f"prctl {option} did not work")


def _chroot() -> bool:
    """Make the zygote's empty folder, where it stands, all there is."""
    try:
        os.chroot(".")
        os.chdir("/")
    except PermissionError:
        return False
    return True


def _no_more_than(kind: int, limit: int) -> tuple[int, int]:
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    return limit, limit


def _landlock() -> bool:
    """Allow no file, network or scope; False where the kernel has no Landlock."""
    abi: int = _libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return False
    files = (1 << LANDLOCK_FS_BITS.get(abi, 16)) - 1
    network, scopes = (3 if abi >= 4 else 0), (3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    attributes = struct.pack("=QQQ", files, network, scopes)[:size]
    ruleset: int = _libc.syscall(LANDLOCK_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "no Landlock ruleset")
    held: bool = _libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return held


_program = bpf.program(os.uname().machine) or b""
_instructions = ctypes.create_string_buffer(_program, max(len(_program), 1))
_filter = ctypes.create_string_buffer(struct.pack("=HxxxxxxQ", len(_program) // 8, ctypes.addressof(_instructions)))
_filter_at = ctypes.c_void_p(ctypes.addressof(_filter))
"""Assembled once, in the zygote: every worker puts on the same."""
