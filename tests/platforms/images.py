"""Images as Gradescope would build them from a bundle, and visits to them, in the stand-in for its container."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.bundle import gradescope
from grader.bundle.requirements import Target
from grader.errors import UsageError
from tests.conftest import ROOT
from tests.platforms import stand_in
from tests.sandbox.station import below

STAND_IN = Path(stand_in.__file__)
LOCK = ROOT / "requirements" / "run.lock"
ON_TIME = {
    "id": 7,
    "created_at": "2025-03-01T12:00:00-08:00",
    "assignment": {"due_date": "2025-03-01T23:59:00-08:00", "total_points": "35.0"},
    "users": [{"id": 5, "name": "Ada", "email": "ada@example.edu", "assignment": {}}],
    "previous_submissions": [],
}


class Visit(msgspec.Struct, frozen=True):
    """One run of the autograder: how it exited, what staff read, the results' bytes, what was left running."""

    status: int
    out: str
    raw: bytes | None
    left: int

    @property
    def results(self) -> dict[str, Any]:
        """The results; there must be some."""
        assert self.raw is not None, self.out
        return dict(json.loads(self.raw))


class Image(msgspec.Struct, frozen=True):
    """A folder that is /autograder/source once set up, and the Python in the image."""

    source: Path
    python: Path

    def visit(self, folder: Path, metadata: object = ON_TIME, *flags: str, kill_after: float | None = None) -> Visit:
        """Run the autograder on `folder`/submission; `metadata` lies beside it (None: nothing; bytes as they are)."""
        if metadata is not None:
            raw = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
            (folder / "submission_metadata.json").write_bytes(raw)
        for name in ("submission", "results", "source"):
            (folder / name).mkdir(exist_ok=True)
        shutil.copy(self.source / "run_autograder", folder)
        (folder / "run_autograder").chmod(0o755)
        running = self._started(folder, [*flags, "/autograder/run_autograder"])
        if kill_after is not None:
            _kill(running, kill_after)
        out, said = running.communicate(timeout=120)
        place = folder / "results" / "results.json"
        left = [line for line in said.splitlines() if line.startswith("left behind: ")]
        assert left, said
        return Visit(running.returncode, out, place.read_bytes() if place.exists() else None, int(left[0].split()[-1]))

    def set_up(self) -> subprocess.CompletedProcess[str]:
        """Do what building an image does."""
        folder = self.source.parent / "building"
        (folder / "source").mkdir(parents=True, exist_ok=True)
        running = self._started(folder, ["/bin/sh", "/autograder/source/setup.sh"])
        out, said = running.communicate(timeout=120)
        return subprocess.CompletedProcess([], running.returncode, out, said)

    def _started(self, folder: Path, command: list[str]) -> subprocess.Popen[str]:
        where = ["--autograder", str(folder), "--source", str(self.source), "--python", str(self.python)]
        return subprocess.Popen(
            [sys.executable, str(STAND_IN), *where, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _kill(running: subprocess.Popen[str], after: float) -> None:
    """Kill what Gradescope would, the one process that it started, so many seconds after it is there."""
    deadline = time.monotonic() + 60
    while len(family := sorted(below(running.pid))) < 3 or not _is_ours(family[2]):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(after)
    if running.poll() is None and Path(f"/proc/{family[2]}").exists():
        os.kill(family[2], signal.SIGKILL)


def _is_ours(pid: int) -> bool:
    """Say whether a process has become the autograder: `sh run_autograder`, or the `python -I` that takes its place."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return command[0].endswith(b"sh") or command[1:2] == [b"-I"]


def made(folder: Path, config: Path) -> Image:
    """Bundle an assignment, unpack it as Gradescope does, and set it up. Skips where that cannot be done here."""
    if os.geteuid() != 0:
        pytest.skip("only root can stand in for a container")
    python = stock_python()
    target = Target(stand_in.version(python))
    try:
        bundle = gradescope.bundle(config, LOCK, target, folder / "cache")
    except UsageError as error:
        pytest.skip(f"the image's packages cannot be had here: {error}")
    (folder / "autograder.zip").write_bytes(bundle.raw)
    (folder / "python.txt").write_text(target.python)
    with zipfile.ZipFile(folder / "autograder.zip") as opened:
        opened.extractall(folder / "source")  # which keeps no modes, and Gradescope need not either
    return Image(folder / "source", python)


@functools.cache
def stock_python() -> Path:
    """Return a Python 3.10, as Gradescope's image has; where there is none, the one that runs this."""
    for command in (["python3.10"], ["pyenv", "exec", "python3.10"]):
        if shutil.which(command[0]):
            where = [*command, "-I", "-c", "import os, sys; print(os.path.realpath(sys.executable))"]
            done = subprocess.run(where, capture_output=True, text=True, env={**os.environ, "PYENV_VERSION": _pyenv()})
            if done.returncode == 0:
                return Path(done.stdout.strip())
    return Path(sys.executable).resolve()


def _pyenv() -> str:
    """Return the 3.10 that pyenv has, where it has one."""
    if shutil.which("pyenv") is None:
        return ""
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True).stdout.split()
    return next((one for one in listed if one.startswith("3.10.")), "")
