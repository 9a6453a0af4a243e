"""Our side: the command that a course runs, on a whole class, and what it says of each student."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.assignments.pack import ROOT, Pack
from benchmarks.assignments.student import Student, write
from benchmarks.measure import Measured, measure
from benchmarks.sides import Side


class Graded(msgspec.Struct, frozen=True):
    """One run of the command: where it wrote, what it cost, and who was judged otherwise than planted."""

    out: Path
    measured: Measured
    otherwise: tuple[str, ...]


def grade(pack: Pack, students: Sequence[Student], folder: Path, jobs: int = 1, options: Sequence[str] = ()) -> Graded:
    """Grade the class that is written in `folder`. Raises RuntimeError where that fails.

    What it wrote stays in a new folder beside the class: some file systems are slow where thousands were just deleted.
    """
    out = Path(tempfile.mkdtemp(prefix="graded-", dir=folder.parent))
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--config", str(pack.config)]
    measured = measure([*command, "--out", str(out), "--fresh", "--jobs", str(jobs), *options], ROOT)
    if measured.status != 0:
        raise RuntimeError(f"grading the class ended with status {measured.status}:\n{measured.output}")
    with (out / "grades.csv").open(encoding="utf-8", newline="") as rows:
        full = {row["submission"]: row["total"] == row["possible"] for row in csv.DictReader(rows)}
    otherwise = tuple(one.name for one in students if not _as_planted(pack, one, full[one.name], out))
    return Graded(out, measured, otherwise)


def grade_new(pack: Pack, students: Sequence[Student], folder: Path, jobs: int = 1) -> Measured:
    """Write a class into a new folder under `folder`, and grade it."""
    place = Path(tempfile.mkdtemp(prefix="class-", dir=folder))
    write(students, place / "class")
    return grade(pack, students, place / "class", jobs).measured


def side(students: Sequence[Student], graded: Graded) -> Side:
    """Return a run as one side of the comparison."""
    measured = graded.measured
    said = (line for line in measured.output.splitlines() if line.startswith("containment tier"))
    return Side(
        len(students),
        measured.cpu,
        measured.wall,
        len(students) - len(graded.otherwise),
        measured.seen_by_wait4,
        next(said, "").removeprefix("containment "),
    )


def _as_planted(pack: Pack, student: Student, full: bool, out: Path) -> bool:
    """Say whether who has nothing planted earns everything, and what is planted costs marks, or is told at least."""
    if full is student.costs:
        return False
    return student.costs or not student.named or _told(pack, out / "results" / f"{student.name}.json")


def _told(pack: Pack, result: Path) -> bool:
    """Say whether a result tells of a walk that takes every path where a right one's does not."""
    found = json.loads(result.read_text("utf-8"))
    asked = [one for one in found["exercises"] if one["id"] not in pack.every_path]
    checks = [check for one in asked for check in one["checks"] if check["name"] == "cost"]
    return any(check["outcome"]["verdict"] != "accepted" for check in checks)
