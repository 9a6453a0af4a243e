"""A student's folder with an assignment above it, and the command line as a student runs it there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

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
