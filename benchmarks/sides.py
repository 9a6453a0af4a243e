"""What one side of the comparison came to, and our own: the command that a course runs, on a whole class."""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from benchmarks.cohort import Student
from benchmarks.measure import Measured, measure

ROOT = Path(__file__).parents[1]


class Side(msgspec.Struct, frozen=True):
    """What one side needed for `count` submissions, in seconds, and how many it judged as they were made up."""

    count: int
    cpu: float
    wall: float
    as_planted: int
    seen_by_wait4: float = 0.0
    tier: str = ""

    @property
    def cpu_each(self) -> float:
        """Return CPU seconds a submission."""
        return self.cpu / self.count

    @property
    def rate(self) -> float:
        """Return submissions a second of wall time."""
        return self.count / self.wall


class Planted(Protocol):
    """A student whose mistake is known; blank where there is none."""

    @property
    def mistake(self) -> str:
        """Return what was planted."""


def side(students: Sequence[Planted], runs: Sequence[Measured], full: Sequence[bool]) -> Side:
    """Add up a peer's runs over `students`, of whom those earned `full` marks."""
    return Side(
        len(students),
        sum(run.cpu for run in runs),
        sum(run.wall for run in runs),
        sum(earned is not bool(student.mistake) for earned, student in zip(full, students)),
    )


def ours(students: Sequence[Student], folder: Path, jobs: int) -> Side:
    """Grade the class in `folder` by the command that a course runs. Raises RuntimeError where it fails.

    What it wrote stays, in a new folder beside the class: some file systems are slow to make files where thousands were
    deleted within the last minute (ext4 without a journal looks at each), and that would be charged to the next run.
    """
    out = tempfile.mkdtemp(prefix="graded-", dir=folder.parent)
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", out, "--fresh", "--jobs", str(jobs)]
    measured = measure(command, ROOT)
    if measured.status != 0:
        raise RuntimeError(f"grading the class ended with status {measured.status}:\n{measured.output}")
    with (Path(out) / "grades.csv").open(encoding="utf-8", newline="") as rows:
        full = {row["submission"]: row["total"] == row["possible"] for row in csv.DictReader(rows)}
    return Side(
        len(students),
        measured.cpu,
        measured.wall,
        sum(full[student.name] is not bool(student.mistake) for student in students),
        measured.seen_by_wait4,
        _tier(measured.output),
    )


def _tier(output: str) -> str:
    said = (line for line in output.splitlines() if line.startswith("containment tier"))
    return next(said).removeprefix("containment ")
