"""The two sides: our command on a whole class, and pytest with Hypothesis on one submission at a time."""

from __future__ import annotations

import compileall
import csv
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.cohort import Student
from benchmarks.measure import Measured, measure

ROOT = Path(__file__).parents[1]
TESTS = Path(__file__).with_name("peer_tests.py")
ALL_PASSED, SOME_FAILED = 0, 1


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


def ours(students: Sequence[Student], folder: Path, jobs: int) -> Side:
    """Grade the class in `folder` by the command that a course runs. Raises RuntimeError where it fails."""
    with tempfile.TemporaryDirectory() as out:
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


class Peer:
    """Where a course would run its tests: the test module once, and a package for every submission."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._tests = folder, folder / "tests"
        self._tests.mkdir()
        shutil.copy(TESTS, self._tests / "test_lecture8.py")
        self.parts = folder / "parts"
        lay_out_parts(self.parts)

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` one after the other, a fresh process each."""
        runs = [self._test(student) for student in students]
        return Side(
            len(runs),
            sum(run.cpu for run in runs),
            sum(run.wall for run in runs),
            sum((run.status == ALL_PASSED) is not bool(student.mistake) for run, student in zip(runs, students)),
        )

    def _test(self, student: Student) -> Measured:
        place = self._folder / student.name
        shutil.copytree(self.parts, place)
        (place / "minitorch" / "lecture8.py").write_text(student.source, "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lecture8.py"]
        environment = {"PYTHONPATH": str(place), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        measured = measure(command, self._tests, environment)
        shutil.rmtree(place)
        if measured.status not in (ALL_PASSED, SOME_FAILED):
            raise RuntimeError(f"pytest ended with status {measured.status}:\n{measured.output}")
        return measured


def lay_out_parts(folder: Path) -> None:
    """Write the provided modules as the package `minitorch`, compiled, without anything that is under test."""
    shutil.copytree(
        ROOT / "reference", folder / "minitorch", ignore=shutil.ignore_patterns("lecture8.py", "__pycache__", "*.md")
    )
    compileall.compile_dir(folder, quiet=1)
