"""Run one command and write down what it and everything it started cost.

Theory of operation. `wait4` on a child counts only those descendants that were waited for by their own
parents. A grading process that is killed leaves its zygote, and with it every worker's time, to the
system: most of the cost would go missing. So this process makes itself the subreaper: whoever loses
their parent becomes its child. It waits until nobody is left, and only then reads the sum.

It runs as a script of its own, so that nothing but the command is among its children, and on the
standard library only: `python reaper.py REPORT COMMAND...`.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


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
    _, status, direct = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    _wait_for_everyone()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        "seen_by_wait4": direct.ru_utime + direct.ru_stime,
        "status": os.waitstatus_to_exitcode(status),
    }
    report.write_text(json.dumps(measured), "utf-8")


def _wait_for_everyone() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
