"""A cluster's results are the local engine's, byte for byte, whoever dies on the way; and a worker that cannot refuses.

Skipped where the `cluster` extra is not installed; the developer's requirements, and so CI, have it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from grader.batch import cohort, local
from grader.errors import JudgeError
from grader.grading import config, planning
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import contained
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT, grader
from tests.end_to_end.test_kills import alive, below

pytest.importorskip("distributed", reason="the `cluster` extra is not installed")

import dask as dask_config
from distributed import Client, Future, LocalCluster, WorkerPlugin, as_completed

from grader.batch import dask, pieces

SAMPLE = ROOT / "examples" / "cohort" / "submissions"
PATIENCE = 600.0
"""Seconds until a test says that what it waits for never happens: none passes or fails by it on a slow machine."""

pytestmark = pytest.mark.filterwarnings("default")  # Dask leaves sockets to the garbage collector


@contextlib.contextmanager
def cluster_of(workers: int, **options: object) -> Iterator[LocalCluster]:
    """Yield a cluster with so many workers, each a process that is started again when it dies."""
    with (
        dask_config.config.set(dask.PATIENT),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=50,
            **options,
        ) as made,
    ):
        yield made


@contextlib.contextmanager
def cluster(workers: int, **options: object) -> Iterator[str]:
    """Yield the address of a scheduler with so many workers, each a process that is started again when it dies."""
    with cluster_of(workers, **options) as made:
        yield made.scheduler_address


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for what must happen, however slow the machine is."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)


def wait_for_the_end_of(family: set[int]) -> None:
    """See to it that nothing of a run is left, once the last of it had a moment to go."""
    wait_until(lambda: not any(map(alive, family)))


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


ENDLESS = """
class Square:
    @staticmethod
    def forward(ctx, x):
        while True:
            pass
"""


def class_of(count: int) -> list[Submission]:
    """Return right and wrong submissions of the sample class again and again, an endless one among them."""
    sources = [path.read_bytes() for path in sorted(SAMPLE.glob("u[12]*/**/lecture8.py"))]
    sources.insert(3, ENDLESS.encode())
    each = itertools.islice(itertools.cycle(sources), count)
    endless = 0
    handed_in = []
    for i, source in enumerate(each):
        endless += source == ENDLESS.encode()
        used = RIGHT.encode() if source == ENDLESS.encode() and endless > 1 else source  # one is enough to wait for
        handed_in.append(Submission(f"s{i}", {"lecture8": ("lecture8.py", used)}))
    return handed_in


def graded_while_workers_die(handed_in: Sequence[Submission], moments: Sequence[int], late: float) -> None:
    """Grade here and on two workers of a cluster, kill one each time so many are done, and compare what came.

    A kill comes up to `late` seconds after its moment, beside the work.
    """
    assignment = config.load(ROOT / "config.yaml")
    limits = msgspec.structs.replace(assignment.limits, exercise_cpu_seconds=1.0)  # for the endless one, here and there
    assignment = msgspec.structs.replace(assignment, limits=limits)
    with Supervisor(planning.box(assignment)) as supervisor:
        box, found = cohort.open_box(assignment, supervisor)
        plan = cohort.plan(assignment, supervisor, found.tier)
    here = {one.index: one.made for one in local.grade_all(plan, box, handed_in, range(len(handed_in)), 2)}
    there, killers = {}, list[threading.Timer]()
    pids = set[int]()
    with cluster_of(2) as made:

        def can_be_killed() -> list[int]:
            """Return the workers that run: one that is starting takes the process that would start another with it."""
            nannies = [one for one in list(made.workers.values()) if one.status.name == "running" and one.process]
            running = [one.process.pid for one in nannies if one.process.status.name == "running"]
            return [pid for pid in running if pid is not None]

        def kill() -> None:
            wait_until(lambda: bool(set(can_be_killed()) - pids))
            pid = min(set(can_be_killed()) - pids)
            pids.add(pid)
            os.kill(pid, signal.SIGKILL)

        with dask.engine(made.scheduler_address, 2) as engine:
            left = deque(sorted(moments))
            for done in engine(plan, box, handed_in, range(len(handed_in)), 2):
                assert done.index not in there, "it came twice"
                there[done.index] = done.made
                while left and len(there) >= left[0]:
                    left.popleft()
                    killers.append(threading.Timer(random.random() * late, kill))
                    killers[-1].start()
                    if not late:
                        killers[-1].join()
            for killer in killers:
                killer.join()
    assert len(pids) == len(moments)
    assert there == here


def test_a_worker_killed_three_times_in_mid_run_loses_nothing() -> None:
    graded_while_workers_die(class_of(60), (4, 16, 32), 0.0)


@pytest.mark.prove
def test_thirty_kills_on_a_busy_machine_lose_nothing() -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        graded_while_workers_die(class_of(500), [random.randrange(450) for _ in range(30)], 0.5)
    finally:
        for one in busy:
            one.kill()
            one.wait()


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
        sent = [(i, b"poison" if i == 5 else b"%d" % i) for i in range(12)]
        back = dict(pieces.spread(client, "poisoned", iter(sent), sizes=itertools.repeat(4)))
    assert back.pop(5) == pieces.GIVEN_UP
    assert back == {i: b"%d" % i for i in range(12) if i != 5}


Disturb = Callable[[Client, Future], None]


@contextlib.contextmanager
def disturbed(monkeypatch: pytest.MonkeyPatch, disturb: Disturb, times: int = 1) -> Iterator[list[str]]:
    """Let something happen when a piece is done and before it is fetched, as often as is said. Yield the pieces."""
    met: list[str] = []

    class Landed(as_completed):  # type: ignore[misc]
        def __next__(self) -> Future:
            future = super().__next__()
            if len(met) < times:
                met.append(future.key)
                disturb(future.client, future)
            return future

    with monkeypatch.context() as patched:
        patched.setattr(pieces, "as_completed", Landed)
        yield met
    assert len(met) == times


def its_worker_dies(client: Client, future: Future) -> None:
    """Kill the only worker, on which alone the piece is; go on when the scheduler has told that it is lost."""
    (pid,) = client.run(os.getpid).values()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(pid) and future.status != "finished")


def it_is_cancelled(client: Client, future: Future) -> None:
    """Have the scheduler forget the piece, as somebody else at the same cluster can."""
    with Client(client.scheduler.address, set_as_default=False) as other:
        other.cancel([Future(future.key, other)], force=True)
        wait_until(future.cancelled)


def its_worker_dies_and_it_is_cancelled(client: Client, future: Future) -> None:
    its_worker_dies(client, future)
    it_is_cancelled(client, future)


def the_connection_breaks(client: Client, future: Future) -> None:
    """Break the client's connection to a scheduler that goes on: all that was asked of it is cancelled."""
    client.loop.add_callback(client.scheduler_comm.comm.abort)
    wait_until(future.cancelled)


@pytest.mark.parametrize(
    "disturb", [its_worker_dies, it_is_cancelled, its_worker_dies_and_it_is_cancelled, the_connection_breaks]
)
def test_what_is_lost_between_done_and_fetched_is_sent_again(disturb: Disturb, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(1) as address, Client(address) as client:
        client.register_plugin(Poisoned())
        with disturbed(monkeypatch, disturb):
            back = list(pieces.spread(client, "poisoned", [(i, b"%d" % i) for i in range(6)]))
    assert sorted(back) == [(i, b"%d" % i) for i in range(6)]


def test_a_piece_that_is_lost_each_time_is_given_up_with_the_usual_words(monkeypatch: pytest.MonkeyPatch) -> None:
    often = pieces.TRIES * (pieces.MOST_RESENT + 1)
    with cluster(1) as address, Client(address) as client:
        client.register_plugin(Poisoned())
        with disturbed(monkeypatch, it_is_cancelled, often) as met:
            back = list(pieces.spread(client, "poisoned", [(0, b"it")]))
    assert back == [(0, pieces.GIVEN_UP)]
    assert len(set(met)) == often


@contextlib.contextmanager
def scheduler_of_its_own() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the address and the process of a scheduler with one worker, which can be killed as in a real cluster."""
    python = [sys.executable, "-m"]
    ours = {**os.environ, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"}
    command = [*python, "distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard"]
    with contextlib.ExitStack() as held:
        scheduler = held.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        held.callback(scheduler.kill)
        assert scheduler.stderr is not None
        address = next(found[0] for line in scheduler.stderr if (found := re.search(r"tcp://\S+", line)))
        command = [*python, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
        worker = held.enter_context(subprocess.Popen([*command, "--no-nanny"], env=ours, stderr=subprocess.DEVNULL))
        held.callback(worker.kill)
        yield address, scheduler


def test_only_a_scheduler_that_is_gone_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 2)
    with scheduler_of_its_own() as (address, scheduler), dask._client(address) as client:

        def the_scheduler_dies(_: Client, future: Future) -> None:
            scheduler.kill()
            wait_until(future.cancelled)

        client.register_plugin(Poisoned())
        with disturbed(monkeypatch, the_scheduler_dies), pytest.raises(JudgeError, match="the Dask scheduler is gone"):
            list(pieces.spread(client, "poisoned", [(i, b"%d" % i) for i in range(6)]))


def test_a_cluster_without_workers_ends_a_run_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(pieces, "NOBODY_SECONDS", 0.5)
    with cluster(0) as address, Client(address) as client, pytest.raises(JudgeError, match="no Dask worker is left"):
        list(pieces.spread(client, "poisoned", [(0, b"it")]))


def test_what_is_sent_ahead_is_bounded() -> None:
    asked = 0

    def sent() -> Iterator[tuple[int, bytes]]:
        nonlocal asked
        for i in range(100):
            asked += 1
            yield i, b"fine"

    with cluster(1) as address, Client(address) as client:
        client.register_plugin(Poisoned())
        for done, _ in enumerate(pieces.spread(client, "poisoned", sent(), sizes=itertools.repeat(4)), 1):
            assert asked <= done + (pieces.IN_FLIGHT + 1) * 4
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
    sent = [(i, b"x" * (pieces.MOST_BYTES // 3)) for i in range(10)]
    batches = list(pieces.batches(sent, itertools.repeat(64)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert [piece for batch in batches for piece in batch] == sent


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
    done = subprocess.run(command, cwd=ROOT, env=hidden, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "pip install 'autodiff-grader[cluster]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_outlives_a_run_on_a_cluster_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader", "grade", str(SAMPLE), "--out", str(tmp_path), "--engine", "dask"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until((tmp_path / "results").exists)
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
    written = tmp_path / "out" / "results"
    wait_until(lambda: bool(list(written.glob("*.json")) if grading else below(running.pid) - {running.pid}))
    family = below(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to everyone
    _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted: finished results are kept")
    assert "Traceback" not in said
    assert (tmp_path / "out" / "grades.csv").exists() or not grading
    wait_for_the_end_of(family)
