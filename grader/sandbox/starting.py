"""Start a fresh process that becomes a worker: apart from `fresh`, to be started before what is slow is imported."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import grader
from grader.errors import JudgeError

START = """
import gc, sys
gc.set_threshold(50_000)
sys.path += sys.argv[1:]
from grader.sandbox.local_worker import main
main()
"""
FLAGS = ("-I", "-S", "-X", "utf8")

_ahead: list[subprocess.Popen[bytes]] = []


def ahead() -> None:
    """Start a process for whoever asks first; one that nobody asks for ends with this one, as its input does."""
    with contextlib.suppress(JudgeError):  # it is tried again when it is needed
        _ahead.append(_started())


def start() -> subprocess.Popen[bytes]:
    """Return a process that becomes a worker, without waiting for it. Raises JudgeError."""
    return _ahead.pop() if _ahead else _started()


def _started() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, *FLAGS, "-c", START, *_paths()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except OSError as error:
        raise JudgeError(f"no process could be started: {error.strerror or error}") from None


def _paths() -> list[str]:
    """Return where the grader and what is installed beside it are found: never the folder someone stands in."""
    ours = os.path.dirname(os.path.dirname(os.path.abspath(grader.__file__)))  # noqa: PTH100, PTH120 - pathlib is slow
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return [ours, *installed]
