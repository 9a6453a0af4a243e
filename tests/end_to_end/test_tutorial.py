"""The TA's tutorial is run as it is written: in a clone, by `sh`, every command in its order."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

TUTORIAL = ROOT / "docs" / "staff.md"
BOX = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


SAMPLE = ROOT / "examples" / "cohort" / "submissions"
RIGHT, WRONG = (next((SAMPLE / name).rglob("lecture8.py")).read_text() for name in ("u1012", "u2001"))
CLASS = (("Example, Ada", "1234", "0001", RIGHT), ("Late, Bo", "1235", "0002", WRONG), ("Gone, Cy", "1236", "0003", ""))
"""Who is in the gradebook: name, Canvas's number, the student's own, and what was handed in, if anything."""


def boxes(page: str) -> list[tuple[str, str]]:
    """Return the language and the text of every box, without the margin of the list that it stands in."""
    return [(kind, re.sub(f"(?m)^{margin}", "", text)) for margin, kind, text in BOX.findall(page)]


def script(page: str) -> str:
    """Return what a reader types who types every command."""
    return "\n".join(text for kind, text in boxes(page) if kind == "sh")


def clone(folder: Path) -> Path:
    """Make a clone, or a copy where this is none, in which what `make` would install is there already."""
    cloned = folder / "autodiff-grader"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no clone")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (cloned / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, cloned / name)
    (cloned / ".venv" / "bin").mkdir(parents=True)
    grader = cloned / ".venv" / "bin" / "grader"
    grader.write_text(f'#!/bin/sh\nPYTHONPATH="{cloned}" exec "{sys.executable}" -m grader "$@"\n')
    grader.chmod(0o755)
    for stamp in ("made", "run"):
        (cloned / ".venv" / f"{stamp}.stamp").touch()
    return cloned


def hand_out(folder: Path) -> None:
    """Put there what Canvas hands out: a class's submissions, and the gradebook."""
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, number, _, source in CLASS:
            if source:
                who = re.sub(r"\W", "", name).lower()
                archive.writestr(f"{who}_{number}_98765{number}_lecture8.py", source)
    rows = [f'"{name}",{number},{sid},{sid},Section 1,' for name, number, sid, _ in CLASS]
    head = "Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (157892)\n    Points Possible,,,,,35\n"
    (folder / "gradebook.csv").write_text(head + "\n".join(rows) + "\n")


def followed(folder: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Type commands into `sh`, which ends at the first that fails."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["sh", "-eu"], cwd=folder, env=environment, input=commands, capture_output=True, text=True, timeout=600
    )


@pytest.mark.ci
def test_the_tutorial_can_be_followed_literally(tmp_path: Path) -> None:
    folder = clone(tmp_path)
    hand_out(folder)
    done = followed(folder, script(TUTORIAL.read_text("utf-8")))
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    for told in ("containment tier", "nothing wrong", "proved: 1 exercise", "2 students compared"):
        assert told in done.stdout + done.stderr, told
    with (folder / "hw1" / "marks.csv").open(newline="") as file:
        marks = {row["sid"]: row for row in csv.DictReader(file)}
    assert marks["0001"]["mark"] == "35"
    assert marks["0002"]["comment"].startswith("Your derivation in the comments is right.")
    assert marks["0003"]["status"] == "missing"
    with (folder / "import.csv").open(newline="") as file:
        assert {row["ID"] for row in csv.DictReader(file)} >= {"1234", "1235"}
    assert zipfile.ZipFile(folder / "handout.zip").namelist()
    assert 'seed: "1"' not in (folder / "config.yaml").read_text()


def test_every_command_of_the_tutorial_stands_in_a_box_that_is_run() -> None:
    page = TUTORIAL.read_text("utf-8")
    assert {kind for kind, _ in boxes(page)} == {"sh"}
    typed = [line for line in script(page).splitlines() if line.startswith(("grader ", "make "))]
    assert len(typed) >= 16
    assert "$ grader" not in page
