"""unittest as in Gradescope's examples (gradescope-utils), a fresh process for each submission, no Hypothesis."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cohort import Student
from benchmarks.measure import Measured, measure
from benchmarks.peers.places import HANDED, environment, lay_out_parts, package_of
from benchmarks.sides import Side, side


class UnittestEach:
    """A results.json for every submission, from tests with weights. Raises Unavailable where it does not install."""

    name = "unittest + gradescope-utils, a process each"
    packages = ("gradescope-utils==0.5.0",)

    def __init__(self, folder: Path) -> None:
        self._folder, self._tests = folder, folder / "tests"
        self._tests.mkdir(parents=True)
        for name in ("unittests.py", "plain.py"):
            shutil.copy(HANDED / name, self._tests)
        self._parts = folder / "parts"
        lay_out_parts(self._parts)
        self._python = environment(folder / "venv", self.packages) / "python"

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` one after the other."""
        runs = [self._test(student) for student in students]
        return side(students, [run for run, _ in runs], [full for _, full in runs])

    def _test(self, student: Student) -> tuple[Measured, bool]:
        with package_of(student, self._parts, self._folder) as place:
            measured = measure([str(self._python), "unittests.py"], self._tests, {"PYTHONPATH": str(place)})
        tests = json.loads((self._tests / "results.json").read_text("utf-8"))["tests"]
        (self._tests / "results.json").unlink()
        return measured, all(test["score"] == test["max_score"] for test in tests)
