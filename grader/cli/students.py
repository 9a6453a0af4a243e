"""What the commands share that take one student of the roster, or all of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.assignment.forms import near
from grader.course import roster, students
from grader.errors import UsageError
from grader.grading import config, drawing
from grader.grading.config import Assignment
from grader.selfcheck import making
from grader.selfcheck.prepared import AssignmentBundle


def option(parser: argparse.ArgumentParser) -> None:
    """Let a command be told whose parameters it is about."""
    parser.add_argument("--student", metavar="ID", help="with the parameters drawn for this student of the roster")


def listed(path: Path | None) -> list[str]:
    """Return the ids of everyone on a roster. Raises UsageError."""
    if path is None:
        raise UsageError("whose parameters? name the roster in the config, as in course: {roster: roster.csv}")
    return list(students.all_of(roster.read(path), str(path)))


def of(assignment: Assignment, student: str) -> Assignment:
    """Return an assignment with the parameters of a student on its roster. Raises UsageError."""
    if not drawing.with_parameters(assignment):
        raise UsageError("--student: no exercise has parameters that are drawn per student; leave it out")
    known = listed(assignment.roster)
    if student not in known:
        raise UsageError(f"--student {student}: nobody on the roster has this id{near(student, known)}")
    return drawing.of_student(assignment, student)


def prepared(path: Path, student: str) -> AssignmentBundle:
    """Prepare the assignment of a config for a student's own check. Raises UsageError, JudgeError."""
    return making.owned(of(config.load(path), student), path)
