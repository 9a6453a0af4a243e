"""Start a fresh process that becomes a worker: apart from `fresh`, to be started before what is slow is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import grader
from grader.errors import JudgeError

START = """
import gc, sys
gc.set_threshold(50_000)
sys.path += sys.argv[1:]
from grader.sandbox.desk import main
main()
"""
FLAGS = ("-I", "-S", "-X", "utf8")


def start() -> subprocess.Popen[bytes]:
    """Start a process that becomes a worker, without waiting for it. Raises JudgeError."""
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
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return [str(Path(grader.__file__).resolve().parents[1]), *installed]
