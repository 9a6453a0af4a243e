"""Run one command and write down what it and everything it started cost.

Theory of operation. `wait4` on a child counts only those descendants that were waited for by their own
parents, so this process makes itself the subreaper: whoever loses their parent becomes its child, and it waits until
nobody is left. What it cannot see is who is killed together with their PID namespace; the grader's zygotes are not,
unless something goes wrong.

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
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
NAP_MILLISECONDS = 20


def main(report: Path, command: list[str]) -> None:
    """Run `command` and write wall and CPU seconds and the exit status to `report`, as JSON.

    Wall time ends with the command itself; CPU time with its last descendant. Raises OSError where
    the kernel has no subreapers.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no subreaper")
    started = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    peak = _watch(pid)
    wall = time.perf_counter() - started
    _, status, direct = os.wait4(pid, 0)
    _wait_for_everyone()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "seen_by_wait4": direct.ru_utime + direct.ru_stime,
        "status": os.waitstatus_to_exitcode(status),
        "peak": peak,
    }
    report.write_text(json.dumps(measured), "utf-8")


def _watch(pid: int) -> int:
    """Wait until `pid` ends and return the most memory it had itself: `wait4` would tell that of its largest child."""
    peak = 0
    poll = select.poll()
    poll.register(os.pidfd_open(pid), select.POLLIN)
    while not poll.poll(NAP_MILLISECONDS):
        peak = max(peak, _peak(pid))
    return peak


def _peak(pid: int) -> int:
    """Return the most memory a process has had so far, in bytes (VmHWM in proc(5)); 0 where it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _wait_for_everyone() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
