"""A kind of exercise that is new: two modules, and one name in one table. Every command takes it from there."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

TOY = ROOT / "tests" / "toy"
RIGHT = "def total(numbers):\n    return float(sum(numbers))\n"
WRONG = "def total(numbers):\n    return float(sum(numbers[1:]))\n"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with an exercise of the new kind, beside a copy of the grader that has it."""
    root = tmp_path_factory.mktemp("toy")
    root.parent.chmod(0o755)  # what is contained as another user is to reach the copy
    root.chmod(0o755)
    shutil.copytree(ROOT / "grader", root / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOY / "kind.py", root / "grader" / "exercise_kinds" / "total.py")
    shutil.copy(TOY / "probe.py", root / "grader" / "sandbox" / "probes" / "total.py")
    table = root / "grader" / "exercise_kinds" / "kinds.py"
    table.write_text(
        table.read_text("utf-8").replace('NAMES = ("function", ', 'NAMES = ("function", "total", '), "utf-8"
    )
    shutil.copytree(TOY / "course", root / "course")
    for student, source in (("ada", RIGHT), ("bob", WRONG)):
        folder = root / "course" / "submissions" / student
        folder.mkdir(parents=True)
        (folder / "sums.py").write_text(source)
    return root / "course"


@pytest.fixture(scope="module")
def run(course: Path) -> Run:
    """Run a command of the copy, in the course's folder or another one."""

    def ran(*words: str, at: Path = course, path: Path = course.parent) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *words]
        env = {**os.environ, "PYTHONPATH": str(path)}
        return subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, timeout=300)

    return ran


def test_lint_explain_and_preview_know_it(run: Run) -> None:
    linted = run("lint")
    assert (linted.returncode, linted.stderr) == (0, "")
    explained = run("explain", "total")
    assert "value (2): the total of every list." in explained.stdout
    assert "A value may be off by 1e-07 of its size" in explained.stdout
    assert "A total" in run("preview").stdout
    assert "TotalForm" in run("schema", "exercise").stdout


def test_a_mistake_in_its_yaml_has_a_place(run: Run, course: Path) -> None:
    (course / "total.yaml").write_text((TOY / "course" / "total.yaml").read_text() + "function: 1st\n")
    try:
        found = run("lint")
    finally:
        shutil.copy(TOY / "course" / "total.yaml", course / "total.yaml")
    assert found.returncode == 2
    assert "total.yaml:10:11: function '1st' should be a Python name" in found.stdout + found.stderr


def test_it_is_audited(run: Run) -> None:
    audited = run("audit")
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "total" in audited.stdout


def test_it_is_graded(run: Run, course: Path) -> None:
    graded = run("grade", "--jobs", "1")
    assert graded.returncode == 0, graded.stderr
    rows = {line.split(",")[0]: line for line in (course / "reports" / "grades.csv").read_text().splitlines()}
    assert rows["ada"].startswith("ada,2,")
    assert rows["bob"].startswith("bob,0,")
    assert "total([" in (course / "reports" / "feedback" / "bob.md").read_text()


def test_students_check_it(run: Run, tmp_path: Path) -> None:
    here = run("check", "--submission", "submissions/bob")
    assert here.returncode == 3, here.stderr
    assert "the value of total is wrong" in here.stdout
    assert run("bundle", "student", "-o", str(tmp_path / "handout.zip")).returncode == 0
    with zipfile.ZipFile(tmp_path / "handout.zip") as handout:
        handout.extractall(tmp_path)
        wheels = [name for name in handout.namelist() if name.endswith(".whl")]
        for wheel in wheels:
            with zipfile.ZipFile(io.BytesIO(handout.read(wheel))) as inside:
                inside.extractall(tmp_path / "installed")
    home = tmp_path / "sums"
    assert run("check", at=home, path=tmp_path / "installed").returncode == 3
    (home / "course" / "sums.py").write_text(RIGHT)
    checked = run("check", at=home, path=tmp_path / "installed")
    assert checked.returncode == 0, checked.stdout + checked.stderr
