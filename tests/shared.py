"""What several tests look at and none changes, made once for all processes that run tests."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(base: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name` as `make` fills it: the first process that asks has it made, the others wait.

    Whoever wants to change something in it makes a copy. What raises is raised for everyone who asks.
    """
    root = base.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # every worker has a folder of its own in that of the run
    made, started = root / f"shared-{name}", root / f"started-{name}"
    with (root / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(started, ignore_errors=True)
            started.mkdir()
            make(started)
            started.rename(made)
    return made
