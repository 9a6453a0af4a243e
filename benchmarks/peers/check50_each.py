"""check50, run on this machine: a check an exercise, each in a process of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cohort import Student
from benchmarks.measure import Measured, measure
from benchmarks.peers.places import HANDED, environment, lay_out_parts, package_of
from benchmarks.sides import Side, side


class Check50Each:
    """check50's command for every submission. Raises Unavailable where it does not install."""

    name = "check50 --dev, a process per check"
    packages = ("check50==3.5.0",)

    def __init__(self, folder: Path) -> None:
        self._folder, self._checks, self._path = folder, folder / "checks", folder / "path"
        for place in (self._checks, self._path):
            place.mkdir(parents=True)
        for name in (".cs50.yaml", "checks.py"):
            shutil.copy(HANDED / name, self._checks)
        shutil.copy(HANDED / "plain.py", self._path)
        self._parts = folder / "parts"
        lay_out_parts(self._parts)
        self._command = environment(folder / "venv", self.packages) / "check50"

    def grade(self, students: Sequence[Student]) -> Side:
        """Check `students` one after the other."""
        runs = [self._check(student) for student in students]
        return side(students, [run for run, _ in runs], [full for _, full in runs])

    def _check(self, student: Student) -> tuple[Measured, bool]:
        written = self._folder / "checked.json"
        command = [str(self._command), "--dev", "--log-level", "error", "-o", "json", "--output-file", str(written)]
        with package_of(student, self._parts, self._folder) as place:
            shutil.copy(place / "minitorch" / "lecture8.py", place)  # what is handed in; the package is what is tested
            measured = measure([*command, str(self._checks)], place, {"PYTHONPATH": f"{place}:{self._path}"})
        results = json.loads(written.read_text("utf-8"))["results"]
        written.unlink()
        return measured, all(result["passed"] for result in results)
