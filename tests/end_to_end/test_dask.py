"""A cluster's results are the local engine's, byte for byte, whoever dies on the way; and a worker that cannot refuses.

Skipped where the `cluster` extra is not installed; the developer's requirements, and so CI, have it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config
from grader.sandbox.tiers import contained
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT, grader
from tests.end_to_end.test_kills import alive, below

pytest.importorskip("distributed", reason="the `cluster` extra is not installed")

import dask as dask_config
from distributed import Client, LocalCluster, WorkerPlugin

from grader.batch import dask

SAMPLE = ROOT / "examples" / "cohort" / "submissions"
pytestmark = pytest.mark.filterwarnings("default")  # Dask leaves sockets to the garbage collector


@contextlib.contextmanager
def cluster(workers: int, **options: object) -> Iterator[str]:
    """Yield the address of a scheduler with so many workers, each a process that is started again when it dies."""
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        memory_limit=0,
        dashboard_address=None,
        silence_logs=50,
        **options,
    ) as made:
        yield made.scheduler_address


def wait_for_the_end_of(family: set[int]) -> None:
    """See to it that nothing of a run is left, once the last of it had a moment to go."""
    deadline = time.monotonic() + 60
    while any(map(alive, family)):
        assert time.monotonic() < deadline, "something outlived the run"
        time.sleep(0.05)


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.ci
def test_a_cluster_writes_the_same_bytes_as_this_machine_alone(
    sample_reports: Callable[[str], Path], tmp_path: Path
) -> None:
    done = grader("grade", SAMPLE, "--out", tmp_path / "dask", "--engine", "dask", "--jobs", 2)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "dask") == files(sample_reports("cohort"))
    again = grader("grade", SAMPLE, "--out", tmp_path / "dask", "--engine", "dask", "--jobs", 1)
    assert "44 of them unchanged" in again.stdout


def test_a_worker_killed_three_times_in_mid_run_loses_nothing(tmp_path: Path) -> None:
    folder, local, out = tmp_path / "class", tmp_path / "local", tmp_path / "dask"
    for i in range(5):
        for path in SAMPLE.glob("u[12]*"):
            shutil.copytree(path, folder / f"{path.name}-{i}")
    assert grader("grade", folder, "--out", local).returncode == 0
    with cluster(2) as address, Client(address) as client:
        command = ["grade", str(folder), "--out", str(out), "--engine", "dask", "--scheduler", address]
        running = subprocess.Popen(
            [sys.executable, "-m", "grader", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        killed = 0
        for results in (5, 40, 80):
            deadline = time.monotonic() + 90
            while len(list((out / "results").glob("*.json")) if out.exists() else []) < results:
                assert time.monotonic() < deadline
                assert running.poll() is None, "it was over before it could be disturbed"
                time.sleep(0.01)
            workers = client.run(os.getpid, on_error="ignore")  # one may be on its way up or down
            os.kill(next(iter(workers.values())), signal.SIGKILL)
            killed += 1
        said, _ = running.communicate(timeout=120)
    assert (killed, running.returncode) == (3, 0), said.decode()
    assert files(out) == files(local)


class Poisoned(WorkerPlugin):  # type: ignore[misc]
    """Stands where a station stands on a worker, and dies of one kind of submission."""

    name = key = "poisoned"

    def do(self, index: int, sent: bytes) -> bytes:  # noqa: ARG002 - a station's signature
        """Give back what was sent."""
        if sent == b"poison":
            os._exit(1)
        return sent


def test_what_kills_every_worker_is_given_up_and_nothing_beside_it_is() -> None:
    few = dask_config.config.set({"distributed.scheduler.allowed-failures": 1})
    with few, cluster(2) as address, Client(address) as client:
        client.register_plugin(Poisoned())
        pieces = [(i, b"poison" if i == 5 else b"%d" % i) for i in range(12)]
        back = dict(dask.spread(client, "poisoned", iter(pieces), sizes=itertools.repeat(4)))
    assert back.pop(5) == "the workers that had it died, each time it was tried"
    assert back == {i: b"%d" % i for i in range(12) if i != 5}


def test_work_of_a_worker_that_dies_before_handing_it_over_is_done_again() -> None:
    with cluster(1) as address, Client(address) as client:
        client.register_plugin(Poisoned())
        batches = iter([((i, b"%d" % i),) for i in range(3)])
        back = {}
        for (piece,), future in dask._in_flight(client, "poisoned", batches, 3):
            if not back:  # all three are done, and on the worker only
                deadline = time.monotonic() + 60
                while len(client.who_has()) < 3:
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                (pid,) = client.run(os.getpid).values()
                os.kill(pid, signal.SIGKILL)
                while alive(pid) or future.status == "finished":
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
            back[piece[0]] = dask._back(future)
    assert back == {i: [b"%d" % i] for i in range(3)}


def test_what_is_sent_ahead_is_bounded() -> None:
    asked = 0

    def pieces() -> Iterator[tuple[int, bytes]]:
        nonlocal asked
        for i in range(100):
            asked += 1
            yield i, b"fine"

    with cluster(1) as address, Client(address) as client:
        client.register_plugin(Poisoned())
        for done, _ in enumerate(dask.spread(client, "poisoned", pieces(), sizes=itertools.repeat(4)), 1):
            assert asked <= done + (dask.IN_FLIGHT + 1) * 4
    assert asked == 100


class Threads:
    """Says how many threads a cluster has."""

    def nthreads(self) -> dict[str, int]:
        return {"tcp://one": 1, "tcp://other": 1}


def test_tasks_shrink_towards_the_end_of_a_class_and_are_bounded_in_bytes() -> None:
    sizes = list(itertools.islice(dask._sizes(Threads(), 1000), 30))
    assert sizes[0] == dask.MOST_TOGETHER
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == dask.LEAST_TOGETHER
    assert sum(sizes[:20]) > 800
    pieces = [(i, b"x" * (dask.MOST_BYTES // 3)) for i in range(10)]
    batches = list(dask._batches(pieces, itertools.repeat(64)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert [piece for batch in batches for piece in batch] == pieces


def test_a_worker_below_the_required_tier_refuses_and_nothing_is_passed(tmp_path: Path) -> None:
    if contained(cohort.open_box(config.load(ROOT / "config.yaml"))[0]).tier > 1:
        pytest.skip("this machine has no bubblewrap to be without")
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, tmp_path / name)
    text = (ROOT / "config.yaml").read_text().replace("required_tier: 3", "required_tier: 1")
    (tmp_path / "config.yaml").write_text(text)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "u1.py").write_text(RIGHT)
    out = tmp_path / "out"
    with cluster(1, env={"PATH": "/nowhere"}) as address:
        arguments = ("--config", tmp_path / "config.yaml", "--engine", "dask", "--scheduler", address)
        done = grader("grade", tmp_path / "class", "--out", out, *arguments)
    assert done.returncode == 1
    assert "offers containment tier" in done.stderr
    assert "requires tier 1 or better (lower), so the run was ended" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (out / "results").exists()


def test_a_worker_unlike_this_machine_refuses_and_says_what_differs() -> None:
    assignment = config.load(ROOT / "config.yaml")
    box, found = cohort.open_box(assignment)
    plan = cohort.plan(assignment, box, found.tier)
    for name, value in (("python", "2.7.18"), ("plan", "0" * 16)):
        environment = {**plan.environment, name: value}
        payload = dask._Payload(box, 3, environment, dask.cloudpickle.dumps(plan))
        station = dask._GradingPlugin(msgspec.msgpack.encode(payload))
        refused = station.do(0, b"")
        assert isinstance(refused, dask.Refused)
        assert f"{name}: {plan.environment[name]} there, {value} here" in refused.reason


@pytest.mark.ci
def test_no_scheduler_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    done = grader("grade", SAMPLE, "--out", tmp_path, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "tcp://127.0.0.1:9: no Dask scheduler answers there" in done.stderr
    assert "Traceback" not in done.stderr
    alone = grader("grade", SAMPLE, "--out", tmp_path, "--scheduler", "tcp://127.0.0.1:9")
    assert (alone.returncode, "say --engine dask as well" in alone.stderr) == (2, True)


def test_without_the_extra_the_command_says_only_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('it is not here')\n")
    hidden = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "grader", "grade", "--engine", "dask"]
    done = subprocess.run(command, cwd=ROOT, env=hidden, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "pip install 'autodiff-grader[cluster]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_outlives_a_run_on_a_cluster_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(SAMPLE), "--out", str(tmp_path), "--engine", "dask"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "results").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    family = below(running.pid)
    running.kill()
    running.wait()
    wait_for_the_end_of(family)


def test_a_cluster_started_ahead_ends_with_a_run_that_fails_early(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        str(SAMPLE),
        "--out",
        str(tmp_path / "file"),
        "--engine",
        "dask",
    ]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    family: set[int] = set()
    while running.poll() is None:
        family |= below(running.pid)
        time.sleep(0.01)
    assert running.stderr is not None
    said = running.stderr.read()
    running.stderr.close()
    assert (running.returncode, "results cannot be written" in said, "Traceback" in said) == (2, True, False)
    assert len(family) > 2
    wait_for_the_end_of(family)


@pytest.mark.parametrize("grading", [False, True])
def test_ctrl_c_ends_a_run_on_a_cluster_of_its_own_in_one_sentence(tmp_path: Path, grading: bool) -> None:
    folder = tmp_path / "class"
    for i in range(400):
        (folder / f"s{i}").mkdir(parents=True)
        (folder / f"s{i}" / "lecture8.py").write_text(RIGHT)
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(tmp_path / "out"), "--engine", "dask"]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not (list((tmp_path / "out" / "results").glob("*.json")) if grading else below(running.pid) - {running.pid}):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    family = below(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to everyone
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted: finished results are kept")
    assert "Traceback" not in said
    assert (tmp_path / "out" / "grades.csv").exists() or not grading
    wait_for_the_end_of(family)
