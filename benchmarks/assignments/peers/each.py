"""pytest with Hypothesis, a process for each submission: what most courses run, at its leanest."""

from __future__ import annotations

import compileall
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.assignments.pack import Pack
from benchmarks.assignments.peers.laid_out import laid_out, limited
from benchmarks.assignments.student import Student
from benchmarks.measure import Measured, measure
from benchmarks.peers.hypothesis_each import ALL_PASSED, ALONE, SOME_FAILED
from benchmarks.sides import Side, side

HANDED = Path(__file__).parents[1] / "handed"
NO_TESTS_RUN = (2, 3, 4, 5)
"""What pytest ends with where a submission does not import."""


class Each:
    """The tests once, and a package and a process for every submission. What can be switched off is."""

    name = "pytest + Hypothesis, a process each"

    def __init__(self, pack: Pack, folder: Path) -> None:
        self._pack, self._folder, self._tests = pack, folder, folder / "tests"
        self._tests.mkdir(parents=True)
        shutil.copy(HANDED / pack.tests, self._tests)
        compileall.compile_dir(self._tests, quiet=1)

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` one after the other."""
        runs = [self._test(student) for student in students]
        return side(students, runs, [run.status == ALL_PASSED for run in runs])

    def _test(self, student: Student) -> Measured:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", self._pack.tests]
        with laid_out(student, self._folder, self._pack) as place:
            measured = measure(limited(command), self._tests, {"PYTHONPATH": str(place), **ALONE})
        if measured.status > SOME_FAILED and measured.status not in NO_TESTS_RUN:
            raise RuntimeError(f"pytest ended with status {measured.status}:\n{measured.output}")
        return measured
