"""pytest with Hypothesis, one process for the whole class: nothing is isolated from anything."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cohort import Student
from benchmarks.measure import measure
from benchmarks.peers.hypothesis_each import ALL_PASSED, ALONE, SOME_FAILED
from benchmarks.peers.places import HANDED, lay_out_parts
from benchmarks.sides import Side, side

FAILED = re.compile(r"^FAILED \S+\[(\w+)-", re.MULTILINE)


class HypothesisOnce:
    """All submissions, imported into the one process that judges them."""

    name = "pytest + Hypothesis, one process for all"

    def __init__(self, folder: Path) -> None:
        self._folder, self._tests = folder, folder / "tests"
        self._tests.mkdir(parents=True)
        for name in ("test_lecture8.py", "all_at_once.py"):
            shutil.copy(HANDED / name, self._tests)
        self._parts = folder / "parts"
        lay_out_parts(self._parts)
        (self._parts / "minitorch" / "lecture8.py").touch()  # the tests import one before there is any

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` together."""
        submissions = self._folder / "class"
        shutil.rmtree(submissions, ignore_errors=True)
        for student in students:
            (submissions / student.name).mkdir(parents=True)
            (submissions / student.name / "lecture8.py").write_text(student.source, "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "all_at_once.py"]
        places = {"PYTHONPATH": str(self._parts), "PARTS": str(self._parts), "SUBMISSIONS": str(submissions)}
        measured = measure(command, self._tests, {**places, **ALONE})
        if measured.status not in (ALL_PASSED, SOME_FAILED):
            raise RuntimeError(f"pytest ended with status {measured.status}:\n{measured.output}")
        failed = set(FAILED.findall(measured.output))
        return side(students, [measured], [student.name not in failed for student in students])
