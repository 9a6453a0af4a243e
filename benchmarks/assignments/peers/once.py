"""pytest with Hypothesis, one process for the whole sample: nothing is isolated from anything."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.assignments.pack import Pack
from benchmarks.assignments.peers.each import HANDED
from benchmarks.assignments.peers.laid_out import CPU_LIMIT, lay_out, limited
from benchmarks.assignments.student import Student
from benchmarks.measure import measure
from benchmarks.peers.hypothesis_each import ALONE
from benchmarks.sides import Side, side

FAILED = re.compile(r"^(?:FAILED|ERROR) (\w+)/", re.MULTILINE)


class Once:
    """All submissions, each beside a copy of the tests, imported into the one process that judges them."""

    name = "pytest + Hypothesis, one process for all"

    def __init__(self, pack: Pack, folder: Path) -> None:
        self._pack, self._folder = pack, folder

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` together."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for student in students:
            lay_out(student, self._folder / student.name, self._pack)
            shutil.copy(HANDED / self._pack.tests, self._folder / student.name)
        shutil.copy(HANDED / "conftest.py", self._folder)
        options = ["-q", "-p", "no:cacheprovider", "--tb=no", "--assert=plain", "--import-mode=importlib"]
        command = [sys.executable, "-m", "pytest", *options, "."]
        measured = measure(
            limited(command, CPU_LIMIT * len(students)), self._folder, {"PACKAGE": self._pack.package, **ALONE}
        )
        if measured.status < 0:
            raise RuntimeError(f"pytest ended with status {measured.status}:\n{measured.output}")
        failed = set(FAILED.findall(measured.output))
        return side(students, [measured], [student.name not in failed for student in students])
