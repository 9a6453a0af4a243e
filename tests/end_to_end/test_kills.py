"""A run that is killed leaves no process behind and no half result, and the next run goes on from it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.reports import stored
from tests.conftest import ROOT
from tests.end_to_end.test_cli import HANGS, RIGHT, grader


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--jobs", "2"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def below(pid: int) -> set[int]:
    """Return every process that `pid` started, directly or not."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def killed_after(folder: Path, out: Path, results: int) -> None:
    """Kill a run once so many results are there, and see to it that nothing of it is left."""
    running = start(folder, out)
    deadline = time.monotonic() + 60
    while len(list((out / "results").glob("*.json")) if out.exists() else []) < results:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    family = below(running.pid)
    assert family
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    while any(map(alive, family)):
        assert time.monotonic() < deadline, "something outlived the run"
        time.sleep(0.05)


def test_nothing_outlives_a_run_that_is_killed_and_the_next_one_goes_on(tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    for i in range(4):
        (folder / f"a{i}.py").write_text(RIGHT)
    for i in range(4):
        (folder / f"b{i}.py").write_text(HANGS)
    killed_after(folder, out, 3)
    kept = {path.name for path in (out / "results").glob("*.json")}
    assert all(stored.read(out / "results" / name) is not None for name in kept)
    for path in folder.glob("b*"):
        path.unlink()
    again = grader("grade", folder, "--out", out)
    assert again.returncode == 0
    assert f"{len(kept)} of them unchanged" in again.stdout


@pytest.mark.prove
def test_wherever_a_run_is_killed_what_it_wrote_is_what_a_whole_run_writes(tmp_path: Path) -> None:
    folder = ROOT / "examples" / "cohort" / "submissions"
    grader("grade", folder, "--out", tmp_path / "whole")
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole" / "results").iterdir()}
    for results in range(1, 30, 3):
        out = tmp_path / f"killed-{results}"
        killed_after(folder, out, results)
        for path in (out / "results").glob("*.json"):
            assert path.read_bytes() == whole[path.name]
