"""What cannot be undercut: starting Python, the students' own calls with nothing around them, and a worker's life."""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import yaml

from benchmarks.cohort import Student
from benchmarks.measure import measure
from benchmarks.peers.places import ROOT, lay_out_parts
from grader.batch import cohort
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, loading, planning
from grader.grading.planning import Plan
from grader.grading.session import question
from grader.grading.units import Unit
from grader.model import Submission
from grader.sandbox.boundary.protocol import Batch, BatchReply, Load, Loaded, ToWorker, encode
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor

CALLS = Path(__file__).with_name("calls.py")
SERVED = Path(__file__).with_name("served.py")
COPIED = Path(__file__).with_name("copied.py")
EXERCISES = ROOT / "exercises" / "lecture8"
EXAMPLES = 100
"""An exercise, on either side."""


class Floors(msgspec.Struct, frozen=True):
    """CPU seconds: one bare interpreter, and loading and calling one submission's code, uncontained.

    `idle` is a worker that is forked, locked down and ended, `worker` one that is loaded and asked everything, and
    `served` what it is asked, served in one process for all: medians, to a worker's very end. `page` is one page of
    memory copied after a fork.
    """

    interpreter: float
    load: float
    calls: float
    idle: float
    worker: float
    served: float
    page: float


def interpreter() -> float:
    """Return the CPU seconds of starting Python and ending it."""
    return measure([sys.executable, "-I", "-S", "-c", "pass"], ROOT).cpu


def page() -> float:
    """Return the CPU seconds of copying one page of memory after a fork. Raises RuntimeError where it fails."""
    return float(_said("copying pages", ["-I", "-S", str(COPIED)], ROOT))


def calls(students: Sequence[Student]) -> tuple[float, float]:
    """Return the CPU seconds a submission for loading, and for every call at as many inputs as we grade at.

    One process without any containment. Raises RuntimeError where it fails.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out_parts(folder)
        asked = {"inputs": _inputs(), "sources": [student.source for student in students]}
        (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
        load, called = json.loads(_said("the calls alone", [str(CALLS), "asked.json"], folder, folder))
    return load / len(students), called / len(students)


def _said(what: str, arguments: Sequence[str], cwd: Path, on_path: Path | None = None) -> str:
    """Return what a script of ours printed. Raises RuntimeError where it failed."""
    ran = measure([sys.executable, *arguments], cwd, {"PYTHONPATH": str(on_path)} if on_path else None)
    if ran.status != 0:
        raise RuntimeError(f"{what} ended with status {ran.status}:\n{ran.output}")
    return ran.output


def _inputs() -> list[tuple[str, bool, list[tuple[list[float], float]]]]:
    """Return, for every exercise, its class, whether backward is asked for, and inputs inside every domain."""
    source = random.Random("floors")
    asked = []
    for path in sorted(EXERCISES.glob("*.yaml")):
        exercise = yaml.safe_load(path.read_text("utf-8"))
        points = [[source.uniform(0.1, 10) for _ in exercise["arguments"]] for _ in range(EXAMPLES)]
        rows = [(point, source.uniform(-3, 3)) for point in points]
        asked.append((exercise["class"], "backward" in exercise["checks"], rows))
    return asked


def workers(students: Sequence[Student]) -> tuple[float, float, float]:
    """Return the CPU seconds of an idle worker, of one that serves a submission, and of the serving alone."""
    assignment = config.load(ROOT / "config.yaml")
    box, _ = cohort.open_box(assignment)
    plan = planning.prepare(assignment)
    (unit,) = plan.units
    asked = [_asked(plan, unit, student) for student in students]
    base = loading.base(assignment, unit)
    with tempfile.TemporaryDirectory() as name:
        frames = Path(name) / "frames"
        frames.write_bytes(msgspec.msgpack.encode((base, [[encode(one) for one in three] for three in asked])))
        served = float(_said("serving alone", [str(SERVED), str(frames)], ROOT, ROOT))
    idle, busy = _lives(box, base, asked)
    return statistics.median(idle), statistics.median(busy), served / len(students)


def _asked(plan: Plan, unit: Unit, student: Student) -> tuple[Load, Batch, Batch]:
    """Return what one submission's worker is asked."""
    submission = Submission(student.name, {unit.module: (f"{unit.module}.py", student.source.encode())})
    load = loading.load(plan.assignment, submission, unit).without_built()
    halves = []
    for half in (plan.public, plan.private):
        questions = [question(ask) for one in unit.exercises for ask in KINDS[one.kind].questions(half[one.id])]
        halves.append(Batch(1, tuple((one.kind, one.body) for one in questions)))
    return load, halves[0], halves[1]


def _lives(box: Box, base: bytes, asked: Sequence[tuple[ToWorker, ...]]) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of as many idle workers as busy ones, in turns."""
    idle, busy = [], []
    with Supervisor(box) as supervisor:
        for _ in range(3):  # the branch comes up at the second
            _life(supervisor, base, ())
        for requests in asked:
            idle.append(_life(supervisor, base, ()))
            busy.append(_life(supervisor, base, requests))
    return idle, busy


def _life(supervisor: Supervisor, base: bytes, requests: Sequence[ToWorker]) -> float:
    with supervisor.worker(base=base) as worker:
        worker.watched = True
        for request in requests or [Load(1, "nothing", (), (), 1024)]:
            reply = worker.ask(request, 5.0)
            if not isinstance(reply, (Loaded, BatchReply)):
                raise RuntimeError(f"a worker did not answer: {reply}")
    return worker.cpu()
