"""otter-grader, run on this machine: `otter run` starts a Jupyter kernel for each submission."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cohort import Student
from benchmarks.measure import Measured, measure
from benchmarks.peers.handed.plain import EXERCISES
from benchmarks.peers.places import HANDED, Unavailable, environment, lay_out_parts, package_of
from benchmarks.sides import Side, side

TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = 1


@test_case(points=1, hidden=False)
def test_{name}(env):
    from plain import check

    check("{name}")
"""


class OtterEach:
    """otter's command for every submission. Raises Unavailable where it does not install."""

    name = "otter-grader, `otter run` each"
    packages = ("otter-grader==7.0.0", "ipykernel")

    def __init__(self, folder: Path) -> None:
        self._folder, self._path, tests = folder, folder / "path", folder / "tests"
        for place in (self._path, tests):
            place.mkdir(parents=True)
        for name in EXERCISES:
            (tests / f"{name}.py").write_text(TEST.format(name=name), "utf-8")
        shutil.copy(HANDED / "plain.py", self._path)
        self._parts = folder / "parts"
        lay_out_parts(self._parts)
        programs = environment(folder / "venv", self.packages)
        self._otter, self._zip = programs / "otter", folder / "autograder.zip"
        _run(str(programs / "python"), "-m", "ipykernel", "install", "--sys-prefix")
        _run(str(self._otter), "generate", "-t", str(tests), "--no-environment", "-o", str(self._zip))

    def grade(self, students: Sequence[Student]) -> Side:
        """Run `students` one after the other."""
        runs = [self._otter_run(student) for student in students]
        return side(students, [run for run, _ in runs], [full for _, full in runs])

    def _otter_run(self, student: Student) -> tuple[Measured, bool]:
        with package_of(student, self._parts, self._folder) as place:
            (place / "lecture8.py").write_text("from minitorch.lecture8 import *\n", "utf-8")
            command = [str(self._otter), "run", "-a", str(self._zip), "-o", str(place), str(place / "lecture8.py")]
            measured = measure(command, place, {"PYTHONPATH": f"{place}:{self._path}"})
            tests = json.loads((place / "results.json").read_text("utf-8"))["tests"]
        return measured, all(test["score"] == test["max_score"] for test in tests if "score" in test)


def _run(*command: str) -> None:
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode:
        raise Unavailable(f"{Path(command[0]).name} {command[1]} failed: {ran.stdout.strip()[-100:]}")
