"""Run one command and write down what it and everything it started cost.

Theory of operation. `wait4` on a child counts only those descendants that were waited for by their own
parents, and a grading process that is killed leaves its zygote behind, with every worker's time. So two
things are done. This process makes itself the subreaper: whoever loses their parent becomes its child,
and it waits until nobody is left. And because the kernel drops the time of whoever dies with a PID
namespace, as a zygote in bubblewrap does, the children of every namespace's first process are read from
/proc fifty times a second, and their last reading is added. That errs by a few hundredths of a second
for each zygote, always towards too little.

It runs as a script of its own, so that nothing but the command is among its children, and on the
standard library only: `python reaper.py REPORT COMMAND...`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
NAP_MILLISECONDS = 20
TICK = 1 / os.sysconf("SC_CLK_TCK")


def main(report: Path, command: list[str]) -> None:
    """Run `command` and write wall and CPU seconds and the exit status to `report`, as JSON.

    Wall time ends with the command itself; CPU time with its last descendant. Raises OSError where
    the kernel has no subreapers or does not list children.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no subreaper")
    _children_file(os.getpid()).read_bytes()
    namespaced: dict[int, float] = {}
    started = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    peak = _watch(pid, namespaced)
    wall = time.perf_counter() - started
    _, status, direct = os.wait4(pid, 0)
    _wait_for_everyone()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime + sum(namespaced.values()),
        "seen_by_wait4": direct.ru_utime + direct.ru_stime,
        "status": os.waitstatus_to_exitcode(status),
        "peak": peak,
    }
    report.write_text(json.dumps(measured), "utf-8")


def _watch(pid: int, namespaced: dict[int, float]) -> int:
    """Wait until `pid` ends, keeping the last reading of every process that dies with its namespace.

    Returns the most memory `pid` itself had at any time, in bytes: `wait4` would tell that of its largest child.
    """
    peak = 0
    poll = select.poll()
    poll.register(os.pidfd_open(pid), select.POLLIN)
    first: dict[int, bool] = {}
    while not poll.poll(NAP_MILLISECONDS):
        peak = max(peak, _peak(pid))
        for parent in _descendants(os.getpid()):
            with contextlib.suppress(OSError):  # it ended while it was looked at
                if parent not in first:
                    first[parent] = _is_first_of_namespace(parent)
                if first[parent]:
                    namespaced.update((child, _cpu(child)) for child in _children(parent))
    return peak


def _peak(pid: int) -> int:
    """Return the most memory a process has had so far, in bytes (VmHWM in proc(5)); 0 where it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in _children_file(pid).read_bytes().split()]
    except OSError:
        return []


def _children_file(pid: int) -> Path:
    return Path(f"/proc/{pid}/task/{pid}/children")


def _is_first_of_namespace(pid: int) -> bool:
    """Say whether a process is number 1 in a PID namespace below ours (NSpid in proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    numbers = next(line.split()[1:] for line in lines if line.startswith("NSpid:"))
    return len(numbers) > 1 and numbers[-1] == "1"


def _cpu(pid: int) -> float:
    """Return a process's CPU seconds and those of the children it has waited for (fields 14 to 17 in proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * TICK


def _wait_for_everyone() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
