"""A run that is killed leaves no process behind and no half result, and the next run goes on from it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.reports import stored
from tests.conftest import ROOT
from tests.end_to_end.test_cli import HANGS, RIGHT, grader
from tests.sandbox.station import alive, below
from tests.small_courses import impatient


def start(folder: Path, out: Path, *options: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--jobs", "2", *options]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def killed_after(folder: Path, out: Path, results: int, **environment: str) -> None:
    """Kill a run once so many results are there, and see to it that nothing of it is left."""
    running = start(folder, out, **environment)
    deadline = time.monotonic() + 60
    while len(list((out / "results").glob("*.json")) if out.exists() else []) < results:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    kill(running)


def kill(running: subprocess.Popen[bytes]) -> None:
    """Kill a run where it stands, and see to it that nothing of it is left."""
    family = below(running.pid)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 60
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


def test_no_run_leaves_anything_in_temporary_folders_killed_or_not(tmp_path: Path) -> None:
    folder, temporary = tmp_path / "class", tmp_path / "temporary"
    for made in (folder, temporary):
        made.mkdir()
    temporary.chmod(0o777)
    for i in range(3):
        (folder / f"a{i}.py").write_text(RIGHT)
    without_bubblewrap = {"TMPDIR": str(temporary), "PATH": "/nowhere"}  # where a zygote is staged on disk
    assert grader("grade", folder, "--out", tmp_path / "whole", **without_bubblewrap).returncode == 0
    assert list(temporary.iterdir()) == []
    (folder / "b.py").write_text(HANGS)
    killed_after(folder, tmp_path / "killed", 3, **without_bubblewrap)
    assert list(temporary.iterdir()) == []


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


def killed_at_random_moments(kills: int, tmp_path: Path, many: int = 40) -> None:
    """Kill as many runs, each going on from the last, until the class is graded; begin anew as often as it takes."""
    folder, drawn = tmp_path / "class", random.Random("kills")
    folder.mkdir()
    config = ("--config", str(impatient(tmp_path)))  # kills come while somebody hangs, however long that is
    for i in range(many):
        (folder / f"s{i:02}.py").write_text(HANGS if i % 20 == 7 else RIGHT.replace("5 *", f"{i % 4 + 3} *"))
    grader("grade", folder, "--out", tmp_path / "whole", *config)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole" / "results").iterdir()}
    assert len(whole) == many
    rounds, done = 0, 0
    while done < kills:
        out, before = tmp_path / f"out-{rounds}", set[str]()
        rounds += 1
        while done < kills and len(before) < many:
            running = start(folder, out, *config)
            time.sleep(drawn.uniform(0.0, 1.5))
            kill(running)
            done += 1
            found = {path.name: path.read_bytes() for path in (out / "results").glob("*.json")}
            assert found.items() <= whole.items(), "a result is torn"
            assert before <= set(found), "a result is lost"
            before = set(found)
    assert grader("grade", folder, "--out", out, *config).returncode == 0
    assert {path.name: path.read_bytes() for path in (out / "results").glob("*.json")} == whole


def test_three_runs_killed_at_random_leave_nothing_running_lost_or_torn(tmp_path: Path) -> None:
    killed_at_random_moments(3, tmp_path, many=20)


@pytest.mark.prove
def test_fifty_runs_killed_at_random_leave_nothing_running_lost_or_torn(tmp_path: Path) -> None:
    killed_at_random_moments(50, tmp_path)
