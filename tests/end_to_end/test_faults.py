"""Whatever breaks around the grading ends in a clear error or a withheld score: no pass, no zero for our fault."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from grader.errors import JudgeError
from grader.grading import planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Stopped, Submission
from grader.reports import stored
from grader.sandbox.boundary.protocol import Load, Loaded, Module, Request, ToWorker, encode
from grader.sandbox.box import Box, Limits
from grader.sandbox.remote import Worker
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT, rows_of
from tests.sandbox.settings import SETTINGS, Setting
from tests.sandbox.station import below
from tests.small_courses import impatient

SLOW = RIGHT.replace("return 5 * x", "import time; time.sleep(0.002); return 5 * x")
ORDINARY = next(setting for setting in SETTINGS if setting.ordinary)
EXERCISES = "times-five-forward,times-five-backward"


@pytest.fixture
def box(plan: Plan) -> Box:
    return planning.box(plan.assignment)


def graded(source: str, plan: Plan, supervisor: Supervisor) -> Result:
    return Grader(plan, supervisor).grade(Submission("s", {"lecture8": ("lecture8.py", source.encode())}))


def zygote_of(supervisor: Supervisor, mentioned: bool = False) -> int:
    process = supervisor._zygotes[mentioned]._process
    assert process is not None
    return process.pid


# --- zygote and worker ---------------------------------------------------------------------------------------------


def test_a_zygote_that_is_killed_while_it_is_asked_costs_nobody_anything(plan: Plan, box: Box) -> None:
    with Supervisor(box, 910) as supervisor:
        whole = graded(SLOW, plan, supervisor)
        zygote = zygote_of(supervisor)
        killer = threading.Timer(0.1, os.kill, (zygote, signal.SIGKILL))
        killer.start()
        assert graded(SLOW, plan, supervisor) == whole
        killer.join()
        assert zygote_of(supervisor) != zygote


class _Killed(Supervisor):
    """A supervisor whose workers are killed from outside: so many of them, and at one point of what is said."""

    def __init__(self, box: Box, at: str, times: int) -> None:
        super().__init__(box, 911)
        self.at, self.left, self.killed = at, times, 0

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        with super().worker(mentioned, base) as worker:
            ask = worker.ask

            def killing(request: ToWorker, cpu_limit: float) -> object:
                state = "load" if isinstance(request, Load) else "ask"
                if self.left and self.at == f"before {state}":
                    self._kill(worker)
                if self.left and self.at == f"in {state}":
                    timer = threading.Timer(0.02, self._kill, (worker,))
                    timer.start()
                reply = ask(request, cpu_limit)
                if self.left and self.at == f"after {state}":
                    self._kill(worker)
                return reply

            worker.ask = killing  # type: ignore[method-assign, assignment]
            yield worker

    def _kill(self, worker: Worker) -> None:
        self.left -= 1
        self.killed += 1
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(worker._pidfd, signal.SIGKILL)


STATES = ("before load", "in load", "after load", "before ask", "in ask", "after ask")


@pytest.mark.parametrize("at", STATES)
def test_a_worker_that_is_killed_from_outside_costs_nobody_anything(at: str, plan: Plan, box: Box) -> None:
    source = "import time\ntime.sleep(0.1)\n" + SLOW
    with Supervisor(box, 910) as supervisor:
        whole = graded(source, plan, supervisor)
    with _Killed(box, at, 1) as supervisor:
        assert graded(source, plan, supervisor) == whole
        assert supervisor.killed == 1


def test_where_workers_keep_being_killed_the_score_is_withheld_not_zero(plan: Plan, box: Box) -> None:
    with _Killed(box, "before ask", 1000) as supervisor, pytest.raises(JudgeError, match="keeps losing its workers"):
        graded(RIGHT, plan, supervisor)


def test_a_student_who_ends_their_own_worker_is_charged_however_they_do_it(plan: Plan, box: Box) -> None:
    limits = msgspec.structs.replace(box.limits, exercise_cpu=60.0, submission_cpu=1.0)
    ways = (
        "import os; os.kill(os.getpid(), 9)",
        "import os; os.abort()",
        "import sys; sys.modules['ctypes'].string_at(0)",
        "import os; os._exit(137)",
    )
    with Supervisor(msgspec.structs.replace(box, limits=limits), 910) as supervisor:
        for way in ways:
            result = graded(RIGHT.replace("return 5 * x", f"{way}; return 5 * x"), plan, supervisor)
            assert not result.withheld
            assert result.exercises[0].verdict == "runtime error", way


def test_a_worker_past_the_kernels_own_cpu_limit_met_a_time_limit(box: Box) -> None:
    limits = Limits(exercise_cpu=60.0, submission_cpu=0.0, wall_factor=1.0)
    with Supervisor(msgspec.structs.replace(box, limits=limits), 910) as supervisor, supervisor.worker() as worker:
        load = Load(worker.next_id(), "minitorch", (Module("m", "m.py", b"while True: pass", eager=True),), (), 1000)
        worker.ask(load, 60.0)
    assert worker.stopped is not None
    assert (worker.stopped.reason, worker.ours) == ("time limit", False)


def test_a_used_up_budget_is_the_students_however_slow_a_worker_starts(box: Box) -> None:
    with Supervisor(box, 910) as supervisor, supervisor.worker() as worker:
        load = Load(worker.next_id(), "minitorch", (Module("m", "m.py", b"while True: pass", eager=True),), (), 1000)
        told = worker.ask(load, 1e-6)
    assert isinstance(told, Stopped)
    assert told.reason in ("time limit", "wall limit")
    assert not worker.ours


DEAF = b"""
import os, sys, time
frame = sys._getframe()
while "request" not in frame.f_locals:
    frame = frame.f_back
protocol = sys.modules["grader.sandbox.boundary.protocol"]
reply = protocol.frame(protocol.encode(protocol.Loaded(frame.f_locals["request"].id, {})))
for fd in range(64):
    try: os.write(fd, reply)
    except OSError: pass
time.sleep(3600)
"""


def test_a_worker_that_answers_ahead_and_stops_reading_holds_nobody_up(box: Box) -> None:
    with Supervisor(box, 910) as supervisor, supervisor.worker() as worker:
        load = Load(
            worker.next_id(), "minitorch", (Module("m", "m.py", DEAF, eager=True),), ("os", "sys", "time"), 1000
        )
        assert isinstance(worker.ask(load, 2.0), Loaded)
        told = worker.ask(Request(worker.next_id(), "values", msgspec.Raw(encode("x" * 4_000_000))), 0.1)
    assert isinstance(told, Stopped)
    assert told.reason == "wall limit"


# --- the machine ---------------------------------------------------------------------------------------------------


def run(*arguments: object, setting: Setting | None = None, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line, as somebody else or with limits of the shell's in force."""
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    if before:
        command = ["/bin/sh", "-c", f'{before}; exec "$@"', "sh", *command]
    if setting is not None:
        command = setting.command(command)
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    for i in range(6):
        (made / f"u{i}.py").write_text(RIGHT)
    return made


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a run said when it failed: words, never a traceback of ours."""
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def whole(out: Path) -> None:
    """See to it that nothing is torn: every result is one, and no draft lies about."""
    for path in out.rglob("*"):
        assert not path.name.startswith("."), path
        if path.suffix == ".json" and path.parent.name != "results":
            assert msgspec.json.decode(path.read_bytes()) is not None
        elif path.suffix == ".json":
            result = stored.read(path)
            assert result is not None
            assert result.withheld or result.earned


def test_a_file_that_may_grow_no_further_is_said_and_nothing_is_torn(folder: Path, tmp_path: Path) -> None:
    done = run("grade", folder, "--out", tmp_path / "out", "--exercises", EXERCISES, before="ulimit -f 1")
    assert "results cannot be written: File too large" in told(done)
    whole(tmp_path / "out")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 320 KiB, where this user may mount one."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=320k", "none", name]).returncode:
            pytest.skip("nothing can be mounted here")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


def test_a_disk_that_fills_up_is_said_and_the_next_run_goes_on(folder: Path, small_disk: Path) -> None:
    out = small_disk / "out"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(292 * 1024))
    done = run("grade", folder, "--out", out, "--exercises", EXERCISES)
    assert "results cannot be written: No space left on device" in told(done)
    whole(out)
    kept = len(list((out / "results").glob("*.json")))
    assert 0 < kept < 6
    ballast.unlink()
    again = run("grade", folder, "--out", out, "--exercises", EXERCISES)
    assert again.returncode == 0, again.stderr
    assert f"{kept} of them unchanged" in again.stdout
    assert [row["total"] for row in rows_of(out)] == ["3"] * 6


@pytest.mark.parametrize("descriptors", [5, 8, 10, 12, 14, 16, 24])
def test_without_descriptors_nothing_is_scored_wrongly(descriptors: int, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("grade", folder, "--out", out, "--exercises", EXERCISES, "--jobs", 2, before=f"ulimit -n {descriptors}")
    if done.returncode:
        assert "Too many open files" in told(done)
    if (out / "grades.csv").exists():
        whole(out)
        assert {row["total"] for row in rows_of(out)} <= ({"", "3"} if done.returncode else {"3"})


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that everyone reaches, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def as_ordinary_user(*arguments: object) -> subprocess.CompletedProcess[str]:
    if not ORDINARY.reachable():
        pytest.skip("this cannot be tried here")
    return run(*arguments, setting=ORDINARY)


def test_an_ordinary_user_can_grade_and_a_read_only_reports_folder_is_said(readable: Path) -> None:
    for name in ("u1.py", "u2.py"):
        (readable / "class").mkdir(exist_ok=True)
        (readable / "class" / name).write_text(RIGHT)
    out = readable / "out"
    first = as_ordinary_user("grade", readable / "class", "--out", out, "--exercises", EXERCISES)
    assert first.returncode == 0, first.stderr
    assert [row["total"] for row in rows_of(out)] == ["3", "3"]
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    for path in (out, *out.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for fresh in ((), ("--fresh",)):  # everything resumed, nothing resumed
        done = as_ordinary_user("grade", readable / "class", "--out", out, "--exercises", EXERCISES, *fresh)
        assert "results cannot be written: Permission denied" in told(done)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


CLOCK = """
import datetime, itertools, runpy, sys, time
jumps = itertools.cycle((0.0, -1e9, 4e9, 1.0, -1e5))
time.time = lambda: next(jumps)
time.time_ns = lambda: int(next(jumps)) * 10 ** 9
class Jumping(datetime.datetime):
    now = utcnow = today = classmethod(lambda cls, *_: cls(1970, 1, 2))
datetime.datetime = Jumping
sys.argv = sys.argv[1:]
runpy.run_module("grader", run_name="__main__")
"""


def test_a_wall_clock_that_jumps_changes_no_byte(folder: Path, tmp_path: Path) -> None:
    (folder / "hangs.py").write_text("while True:\n    pass\n")
    arguments = ["grade", str(folder), "--config", str(impatient(tmp_path)), "--exercises", EXERCISES, "--out"]
    still = run(*arguments, tmp_path / "still")
    script = tmp_path / "clock.py"
    script.write_text(CLOCK)
    jumping = subprocess.run(
        [sys.executable, str(script), "grader", *arguments, str(tmp_path / "jumping")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (still.returncode, jumping.returncode) == (0, 0), jumping.stderr
    for path in (tmp_path / "still").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "jumping" / path.relative_to(tmp_path / "still")).read_bytes()


def test_nothing_of_ours_reads_the_wall_clock() -> None:
    for path in (ROOT / "grader").rglob("*.py"):
        assert not re.search(
            r"time\.time\(|time_ns\(|\.now\(|utcnow|\.today\(|localtime|CLOCK_REALTIME", path.read_text()
        ), path


# --- the run -------------------------------------------------------------------------------------------------------


def test_a_killed_grading_process_is_replaced_and_its_submission_graded(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        path.write_text(SLOW)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--exercises", EXERCISES]
    running = subprocess.Popen([*command, "--jobs", "1"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_until(lambda: (out / "results").is_dir())
    (child,) = (
        pid for pid in below(running.pid) - {running.pid} if parent(pid) == running.pid and name(pid) == "python"
    )
    os.kill(child, signal.SIGKILL)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 0, said
    assert [row["total"] for row in rows_of(out)] == ["3"] * 6


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip().rstrip("0123456789.")
    return ""
