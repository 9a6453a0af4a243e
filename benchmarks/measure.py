"""What one command costs: wall time, and the CPU time of everything it started."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

REAPER = Path(__file__).with_name("reaper.py")


class Measured(msgspec.Struct, frozen=True):
    """One run of a command. Seconds; `seen_by_wait4` is what its own parent would have been told.

    `peak` is the most memory the command's own process had, in bytes.
    """

    wall: float
    cpu: float
    seen_by_wait4: float
    status: int
    output: str = ""
    peak: int = 0


def measure(command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run `command` in `cwd` to its end, with `environment` added to this one's.

    A command that fails is measured like any other. Raises CalledProcessError where it cannot be measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "measured.json"
        ran = subprocess.run(
            [sys.executable, "-I", "-S", str(REAPER), str(report), *command],
            cwd=cwd,
            env={**_usual(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        measured = msgspec.json.decode(report.read_bytes(), type=Measured)
    return msgspec.structs.replace(measured, output=ran.stdout)


def _usual() -> dict[str, str]:
    """Return this process's environment, but for what would have Python compile everything anew each time."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
