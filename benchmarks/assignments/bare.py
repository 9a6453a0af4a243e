"""What the students' own calls cost alone: the same calls as in grading, in one uncontained process."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from benchmarks.assignments.called import Asked, Took
from benchmarks.assignments.pack import ROOT, Pack
from benchmarks.assignments.peers.laid_out import lay_out
from benchmarks.assignments.student import Student
from benchmarks.measure import measure
from grader.exercise_kinds import asked_through
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.planning import Plan
from grader.grading.session import question


def bare(pack: Pack, students: Sequence[Student], counting: bool = False) -> list[Took]:
    """Load every student's files and make every call. Raises RuntimeError where that fails."""
    assignment = config.load(pack.config)
    plan = planning.prepare(assignment)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for student in students:
            lay_out(student, folder / student.name, pack)
        asked = Asked(
            pack.package,
            tuple(dict.fromkeys(unit.module for unit in plan.units if not unit.on_paper)),
            tuple(str(folder / student.name) for student in students),
            dict(asked_through.texts(assignment.exercises)),
            tuple(_questions(plan)),
        )
        (folder / "asked").write_bytes(msgspec.msgpack.encode(asked))
        command = [sys.executable, "-m", "benchmarks.assignments.called", str(folder / "asked")]
        measured = measure([*command, *(["--count"] if counting else [])], ROOT)
    if measured.status != 0:
        raise RuntimeError(f"the bare calls ended with status {measured.status}:\n{measured.output}")
    return msgspec.json.decode(measured.output.splitlines()[-1], type=list[Took])


def _questions(plan: Plan) -> Iterator[tuple[str, msgspec.Raw]]:
    """Yield every question that is asked of a right submission, the private ones last."""
    for half in (plan.public, plan.private):
        for exercise in plan.assignment.exercises:
            if exercise.id in half and not exercise.on_paper:
                for ask in KINDS[exercise.kind].questions(half[exercise.id]):
                    asked = question(ask)
                    yield asked.kind, asked.body
