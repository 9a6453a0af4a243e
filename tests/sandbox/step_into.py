"""Become somebody else, somewhere else, and run a command there: the stand-ins the attacks are tried in.

    python step_into.py [--rootless] [--container] [--user UID] COMMAND...

Theory of operation. It starts as root. First, where the user could not reach the interpreter, a private mount
namespace shows it the interpreter's folder and nothing else of what lies around it. `--rootless` makes a user namespace
in which root is an ordinary user and 65,536 others are known, as rootless podman does. Then, for `--container`, a
system-call filter like Docker's default profile goes on (no namespaces, no mounts, no keys, no bpf, no io_uring, and,
as in profiles of a few years ago, no Landlock), and every capability that Docker does not give is dropped from the
bounding set. Then the user changes, and exec makes all of it final. It runs on the standard library and the grader's
own BPF constants.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import stat
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from grader.sandbox.boundary import bpf, lockdown
from grader.sandbox.boundary.syscalls import AUDIT

PR_CAPBSET_DROP = 24
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
SUBORDINATE = 500_000
"""The first of the users that a rootless container's are outside of it."""

NEW_NAMESPACES = 0x7E020000
"""The clone flags that Docker's profile refuses (its own constant)."""

DOCKER_KEEPS = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod,
audit_write, setfcap (linux/capability.h): Docker's default set."""

CLONE = {"x86_64": 56, "aarch64": 220}
REFUSED: dict[str, tuple[int, ...]] = {
    "x86_64": (
        *(155, 163, 164, 165, 166, 167, 168, 169, 175, 176, 179, 180, 227, 246, 248, 249, 250, 272, 298, 303, 304, 305),
        *(308, 312, 313, 320, 321, 323, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 444, 445, 446),
    ),
    "aarch64": (
        *(39, 40, 41, 42, 60, 89, 97, 104, 105, 106, 112, 142, 170, 217, 218, 219, 224, 225, 241, 264, 265, 266, 268),
        *(272, 273, 280, 282, 294, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 444, 445, 446),
    ),
}
"""Calls a process without CAP_SYS_ADMIN does not get under Docker's default profile (moby's profiles/seccomp)."""

CLONE3 = 435
SECCOMP_RET_ENOSYS = 0x00050000 | 38

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Do it. Does not return."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rootless", action="store_true")
    parser.add_argument("--container", action="store_true")
    parser.add_argument("--user", type=int)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.user is not None or options.rootless:
        _show_the_interpreter()
    if options.rootless:
        _become_rootless()
    if options.container:
        _filter_calls()
        _drop_capabilities()
    if options.user is not None:
        os.setgroups([])
        os.setresgid(options.user, options.user, options.user)
        os.setresuid(options.user, options.user, options.user)
    os.execv(options.command[0], options.command)


def _show_the_interpreter() -> None:
    """Let every user reach this interpreter, in this mount namespace only."""
    base = Path(sys.base_prefix).resolve()
    closed = next((one for one in reversed(base.parents) if not one.stat().st_mode & stat.S_IXOTH), None)
    if closed is None:
        return
    if _libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace")
    kept = tempfile.mkdtemp(prefix="autodiff-grader-interpreter-")
    for command in (
        ["mount", "--make-rprivate", "/"],
        ["mount", "--bind", str(base), kept],
        ["mount", "-t", "tmpfs", "-o", "mode=755", "none", str(closed)],
        ["mkdir", "-p", "-m", "755", str(base)],
        ["mount", "--bind", kept, str(base)],
        ["umount", kept],
        ["rmdir", kept],
    ):
        subprocess.run(command, check=True)


def _become_rootless() -> None:
    """Enter a user namespace; only the one outside may say whom it knows."""
    ready, told = os.pipe(), os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.read(ready[0], 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{parent}/{kind}_map").write_text(f"0 {SUBORDINATE} 65536\n")
        os.write(told[1], b"x")
        os._exit(0)
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    os.write(ready[1], b"x")
    os.read(told[0], 1)
    os.waitpid(child, 0)
    for fd in (*ready, *told):
        os.close(fd)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _filter_calls() -> None:
    machine = platform.machine()
    load, equal, answer, mask = 0x20, 0x15, 0x06, 0x54
    program = [(load, 0, 0, 4), (equal, 1, 0, AUDIT[machine])]
    program += [(answer, 0, 0, bpf.KILL_PROCESS), (load, 0, 0, 0)]
    for number in REFUSED[machine]:
        program += [(equal, 0, 1, number), (answer, 0, 0, bpf.EPERM)]
    program += [(equal, 0, 1, CLONE3), (answer, 0, 0, SECCOMP_RET_ENOSYS)]
    program += [(equal, 0, 4, CLONE[machine]), (load, 0, 0, 16), (mask, 0, 0, NEW_NAMESPACES)]
    program += [(equal, 1, 0, 0), (answer, 0, 0, bpf.EPERM)]
    program += [(answer, 0, 0, bpf.ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in program))
    filter_ = ctypes.create_string_buffer(struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(code)))
    if _libc.prctl(lockdown.PR_SET_SECCOMP, lockdown.SECCOMP_MODE_FILTER, filter_, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no system-call filter")


def _drop_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in set(range(last + 1)) - set(DOCKER_KEEPS):
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "a capability cannot be dropped")


if __name__ == "__main__":
    main()
