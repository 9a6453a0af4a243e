"""Files that lie beside each other: the ways in which they import each other, with a package's name and without one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.bundle import student
from grader.grading import config
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.model import Result
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding, making, rounds
from grader.selfcheck.finding import Found, Place
from grader.submissions.handed_in import find

CONFIG = """\
format: 1
assignment: hw
title: Homework
exercises: [exercises.yaml]
layout: {package: PACKAGE, modules: [engine, nn]}
corpus: {public: 8, private: 8}
"""

EXERCISES = """\
format: 1
kind: values
arguments: {x: real}
checks: {value: 1}
exercises:
  half: {file: engine.py, function: half, value: x / 2}
  quarter: {file: nn.py, function: quarter, value: x / 4}
"""

ENGINE = "def half(x):\n    return x / 2\n\n\ndef twice(x):\n    return half(half(x))\n"
NN = "from engine import half, twice\nfrom helper import same\n\n\ndef quarter(x):\n    return same(twice(x))\n"
HELPER = "from engine import half\n\n\ndef same(x):\n    return x\n"


def marked(source: str, line: str) -> str:
    """Return a file of the reference with one line marked as a solution."""
    assert line in source
    return source.replace(line, f"    # solution: as asked\n{line}    # end solution\n")


@pytest.fixture(params=["micrograd", ""], scope="module")
def assignment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """An assignment of two files, in a package and in none."""
    root = tmp_path_factory.mktemp("flat")
    (root / "reference").mkdir()
    solved = NN.replace("from helper import same\n", "").replace("same(", "(")
    (root / "reference" / "engine.py").write_text(marked(ENGINE, "    return x / 2\n"))
    (root / "reference" / "nn.py").write_text(marked(solved, "    return (twice(x))\n"))
    (root / "reference" / "README.student.md").write_text("# Homework\n")
    if request.param:
        (root / "reference" / "__init__.py").write_text("")
    (root / "exercises.yaml").write_text(EXERCISES)
    (root / "config.yaml").write_text(CONFIG.replace("PACKAGE", request.param or '""'))
    return config.load(root / "config.yaml")


def graded(assignment: Assignment, folder: Path) -> Result:
    (found,) = find(folder, cohort.layout(assignment))
    box, _ = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        return Grader(cohort.plan(assignment, supervisor, 1), supervisor).grade(found)


def write(folder: Path, start: str, nn: str = NN) -> None:
    folder.mkdir(parents=True)
    (folder / "engine.py").write_text(ENGINE)
    (folder / "nn.py").write_text(nn.replace("from engine", f"from {start}engine").replace("from h", f"from {start}h"))
    (folder / "helper.py").write_text(HELPER.replace("from engine", f"from {start}engine"))


@pytest.mark.parametrize("place", [".", "micrograd", "repo/micrograd", "src"])
@pytest.mark.parametrize("start", ["", ".", "micrograd."])
def test_files_import_each_other_by_any_name(start: str, place: str, assignment: Assignment, tmp_path: Path) -> None:
    if start == "micrograd." and not assignment.layout.package:
        pytest.skip("there is no such package")
    write(tmp_path / "u1" / place, start)
    assert str(graded(assignment, tmp_path).earned) == "2"


def test_what_to_try_is_imported_as_the_student_would(assignment: Assignment, tmp_path: Path) -> None:
    write(tmp_path / "u1", "", NN.replace("twice(x)", "x"))
    outcome = graded(assignment, tmp_path).exercises[1].checks[0].outcome
    package = assignment.layout.package
    assert outcome.counterexample is not None
    snippet = outcome.counterexample.snippet
    assert snippet.startswith(f"from {f'{package}.' if package else ''}nn import quarter; print(")


def test_the_handout_has_the_files_where_they_belong(assignment: Assignment, tmp_path: Path) -> None:
    package = assignment.layout.package
    with zipfile.ZipFile(io.BytesIO(student.build(assignment, None))) as handout:
        held = {name for name in handout.namelist() if name.endswith(".py")}
        names = ("__init__.py", "engine.py", "nn.py") if package else ("engine.py", "nn.py")
        assert held == {f"hw/{f'{package}/' if package else ''}{name}" for name in names}
        handout.extractall(tmp_path)
    prepared = making.prepare(assignment)
    assert finding.home(tmp_path / "hw", Found(tmp_path / "hw", prepared)) == tmp_path / "hw"
    assert list(rounds.read(Place(prepared, tmp_path / "hw")).modules) == ["engine", "nn"]
