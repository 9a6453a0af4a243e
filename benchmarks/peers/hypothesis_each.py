"""pytest with Hypothesis, a process for each submission: what most courses run, at its leanest and as installed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.cohort import Student
from benchmarks.measure import Measured, measure
from benchmarks.peers.places import HANDED, environment, lay_out_parts, package_of
from benchmarks.sides import Side, side

ALL_PASSED, SOME_FAILED = 0, 1
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


class HypothesisEach:
    """The tests once, and a package and a process for every submission. What can be switched off is."""

    name = "pytest + Hypothesis, a process each"
    options: Sequence[str] = ("-q", "-p", "no:cacheprovider")
    settings: Mapping[str, str] = ALONE

    def __init__(self, folder: Path) -> None:
        self._folder, self._tests = folder, folder / "tests"
        self._tests.mkdir(parents=True)
        shutil.copy(HANDED / "test_lecture8.py", self._tests)
        self.parts = folder / "parts"
        lay_out_parts(self.parts)
        self._python = self._interpreter()

    def _interpreter(self) -> str:
        return sys.executable

    def grade(self, students: Sequence[Student]) -> Side:
        """Test `students` one after the other."""
        runs = [self._test(student) for student in students]
        return side(students, runs, [run.status == ALL_PASSED for run in runs])

    def _test(self, student: Student) -> Measured:
        command = [self._python, "-m", "pytest", *self.options, "test_lecture8.py"]
        with package_of(student, self.parts, self._folder) as place:
            measured = measure(command, self._tests, {"PYTHONPATH": str(place), **self.settings})
        if measured.status not in (ALL_PASSED, SOME_FAILED):
            raise RuntimeError(f"pytest ended with status {measured.status}:\n{measured.output}")
        return measured


class HypothesisInstalled(HypothesisEach):
    """The same as both are installed, with nothing but them beside. Raises Unavailable where they do not install."""

    name = "pytest + Hypothesis as installed, a process each"
    options = ()
    settings: Mapping[str, str] = {}

    def _interpreter(self) -> str:
        packages = [f"{name}=={version(name)}" for name in ("pytest", "hypothesis")]
        return str(environment(self._folder / "venv", packages) / "python")
