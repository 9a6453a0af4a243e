"""Where the workers of a Dask cluster made here come from: a process that has imported what all of them need.

Whoever wants a cluster starts it before importing Dask, which takes either half a second. Ctrl-C is the command's,
which ends its workers in order: it is blocked in that process from its first moment, and in all that is forked from it.
"""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing import forkserver, resource_tracker

METHOD = "forkserver"


def ahead() -> None:
    """Start it, where it does not run yet; it ends with this process. That there is no Dask is for others to say."""
    multiprocessing.get_context(METHOD).set_forkserver_preload(["distributed", "grader.batch.rendering"])
    resource_tracker.ensure_running()  # it comes with the other, and would unblock what is blocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
