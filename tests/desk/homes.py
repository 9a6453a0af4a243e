"""A student's folder with an assignment above it, and the command line as a student runs it there."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec

from grader.bundle import student
from grader.grading import config
from tests.conftest import ROOT

MODULE1 = "examples/module1/config.yaml"


def home(folder: Path) -> Path:
    """Lay out the course's files in a folder and return the template in it, as in a clone."""
    for name in ("exercises", "student_template"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "reference", folder / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "examples" / "module1").mkdir(parents=True)
    shutil.copy(ROOT / MODULE1, folder / MODULE1)
    return folder / "student_template"


def solve(template: Path, *modules: str) -> None:
    """Write the solution of some modules into a template."""
    for name in modules:
        shutil.copy(ROOT / "reference" / f"{name}.py", template / "minitorch")


def environment() -> dict[str, str]:
    """Return what a command is run with: this project, 80 columns."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `grader check` in a folder."""
    command = [sys.executable, "-m", "grader", "check", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60)


def unpacked(folder: Path, name: str = "config.yaml", notebook: bool = False) -> Path:
    """Unpack the handout of an assignment and return the folder that students work in."""
    with zipfile.ZipFile(io.BytesIO(student.build(config.load(ROOT / name), None, notebook))) as archive:
        archive.extractall(folder)
        return folder / archive.namelist()[0].partition("/")[0]


def installed(handout: Path, site: Path) -> None:
    """Lay out in a folder what pip would: the handout's wheels, and msgspec."""
    for wheel in handout.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    shutil.copytree(Path(msgspec.__file__).parent, site / "msgspec", dirs_exist_ok=True)
