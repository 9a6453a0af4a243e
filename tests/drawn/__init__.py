"""A course whose exercises have numbers that are drawn per student, and a class that has solved it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from grader.batch import cohort
from grader.grading import config, drawing
from grader.grading.config import Assignment

HERE = Path(__file__).parent
SECRET = "4f9a0c1be77d2a5f93ce11d8b6a4"
IDS = tuple(f"u100{i}" for i in range(1, 7))


def course(folder: Path) -> Path:
    """Lay the course out with a secret and a roster, and return its config."""
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.pyc", "__pycache__"), dirs_exist_ok=True)
    (folder / "__init__.py").unlink()
    (folder / "parameters.secret").write_text(f"{SECRET}\n")
    roster(folder, IDS)
    return folder / "config.yaml"


def roster(folder: Path, ids: tuple[str, ...]) -> None:
    """Write a roster of these students."""
    rows = [f"{id},Student {id},{id.lower()}@example.edu" for id in ids]
    (folder / "roster.csv").write_text("\n".join(["SID,Name,Email", *rows]) + "\n")


def changed(path: Path, old: str, new: str) -> None:
    """Replace a text in a file that has it."""
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new))


def solved(assignment: Assignment, student: str) -> dict[str, str]:
    """Return the solution with a student's numbers, file by file."""
    theirs = cohort.reference_submission(drawing.of_student(assignment, student))
    answers = "".join(f"  {id}: {text}\n" for id, text in theirs.answers.items())
    return {**{f: raw.decode() for f, raw in theirs.modules.values()}, "answers.yaml": f"answers:\n{answers}"}


def hand_in(folder: Path, files: Mapping[str, str]) -> None:
    """Write a submission."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def handed_in(path: Path, submissions: Path, ids: tuple[str, ...] = IDS) -> Assignment:
    """Hand in the solution of each student, and return the assignment."""
    assignment = config.load(path)
    for id in ids:
        hand_in(submissions / id, solved(assignment, id))
    return assignment
