"""unittest as in Gradescope's examples (gradescope-utils), a fresh process for each submission, no Hypothesis."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.assignments.pack import Pack
from benchmarks.assignments.peers.each import HANDED
from benchmarks.assignments.peers.laid_out import laid_out, limited
from benchmarks.assignments.student import Student
from benchmarks.measure import Measured, measure
from benchmarks.peers.places import environment
from benchmarks.sides import Side, side


class Plain:
    """A results.json for every submission, from tests with weights. Raises Unavailable where it does not install."""

    name = "unittest + gradescope-utils, a process each"
    packages = ("gradescope-utils==0.5.0", "numpy", "typing_extensions")

    def __init__(self, pack: Pack, folder: Path) -> None:
        self._pack, self._folder, self._tests = pack, folder, folder / "tests"
        self._python = environment(folder / "venv", self.packages) / "python"
        shutil.copytree(HANDED, self._tests, ignore=shutil.ignore_patterns("__pycache__", "conftest.py"))

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` one after the other."""
        runs = [self._test(student) for student in students]
        return side(students, [run for run, _ in runs], [full for _, full in runs])

    def _test(self, student: Student) -> tuple[Measured, bool]:
        with laid_out(student, self._folder, self._pack) as place:
            command = limited([str(self._python), "unittests.py"])
            measured = measure(command, self._tests, {"PYTHONPATH": str(place)})
        results = self._tests / "results.json"
        if not results.exists() or not results.stat().st_size:
            return measured, False
        tests = json.loads(results.read_text("utf-8"))["tests"]
        results.unlink()
        return measured, all(test["score"] == test["max_score"] for test in tests)
