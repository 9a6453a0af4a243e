"""A locked-down worker's life: lock down, then answer one frame with one frame until the other end is gone."""

from __future__ import annotations

import functools
import gc
import os
import sys

from grader.sandbox.boundary.lockdown import Rights, lock_down
from grader.sandbox.boundary.protocol import LOCKDOWN_FAILED_STATUS, Locked, encode
from grader.sandbox.boundary.syscalls import WIRE
from grader.sandbox.serving import receive_from, send_to, serve
from grader.sandbox.worker import late
from grader.sandbox.worker.escapes import breaches
from grader.sandbox.worker.loading import Package

RECURSION_LIMIT = 1000


def get_ready() -> None:
    """Do in the zygote what every worker would do first, or inherits."""
    gc.set_threshold(50_000)  # a short life: what a collection would find is rarely worth the pages it touches
    sys.setrecursionlimit(RECURSION_LIMIT)
    late.listen()


def run(fd: int, parent: int, uid: int, rights: Rights, package: Package | None) -> None:
    """Be a worker on the socket `fd`, for good: this never returns. `package` has what was built beforehand."""
    status = LOCKDOWN_FAILED_STATUS
    try:
        layers = lock_down(fd, parent, uid, rights)
        receive = functools.partial(receive_from, os.read, WIRE)
        send = functools.partial(send_to, os.write, WIRE)
        send(encode(Locked(layers)))
        status = 1
        serve(receive, send, breaches, package)
        status = 0
    finally:
        os._exit(status)
