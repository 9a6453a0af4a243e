"""What students find to write for one exercise: its function or class in the handout, the solution cut out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import msgspec

from grader.assignment import template
from grader.assignment.exercise import ANSWERS, Exercise, in_package
from grader.bundle import cutting
from grader.bundle.cutting import TODO, Cut
from grader.bundle.parts import defined, first_line
from grader.grading.config import Assignment
from grader.reports.text import a_few
from grader.sandbox.boundary.protocol import file_of
from grader.selfcheck.parts import Runs

NAMES_SHOWN = 12


class Stub(msgspec.Struct, frozen=True):
    """A file of the handout, the part of it that an exercise asks for, and what its author may not expect of it."""

    file: str
    text: str
    note: str = ""


def cut(assignment: Assignment, runs: dict[str, Runs]) -> Cut:
    """Cut the reference as for a handout. Raises FormError where a marker does not do what it says."""
    template.refuse_broken_markers(assignment.reference)
    return cutting.cut(assignment, runs, lambda _: None)


def of(assignment: Assignment, exercise: Exercise, handout: Cut) -> Stub:
    """Return what a student finds to write for an exercise."""
    if exercise.on_paper:
        return Stub(ANSWERS, _answer(assignment, exercise))
    package = assignment.layout.package
    if exercise.own_files:
        return _everywhere(handout, package)
    file, text = in_package(package, exercise.file), handout.texts.get(exercise.module, "")
    found = list(_parts(text, exercise.under_test))
    if not found:
        return Stub(file, "", f"the reference has no {a_few(exercise.under_test)} there; write the solution")
    shown = "\n\n\n".join(found)
    unmarked = "" if TODO in shown else "no solution is marked there, so students get it whole (# solution: …)"
    return Stub(file, shown, unmarked)


def _parts(text: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the lines of what defines names at the top of a module."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if {*defined(node)} & {*names}:
            yield "\n".join(lines[first_line(node) - 1 : node.end_lineno])


def _everywhere(handout: Cut, package: str) -> Stub:
    """Return what is left to write in all files, for an exercise that runs a student's own."""
    left = {name: cutting.unwritten(text, ()) for name, text in handout.texts.items()}
    rows = [
        f"{in_package(package, file_of(name))}: {a_few(parts, NAMES_SHOWN)}" for name, parts in left.items() if parts
    ]
    return Stub("all of their files", "\n".join(rows))


def _answer(assignment: Assignment, exercise: Exercise) -> str:
    """Return the line of the answers that is left blank for an exercise."""
    try:
        written = template.files(assignment.reference).get(ANSWERS, "")
    except (OSError, ValueError):
        written = ""
    found = re.search(rf"(?m)^ *{re.escape(exercise.id)}:.*$", written)
    return f"answers:\n{found[0]}" if found else f"answers:\n  {exercise.id}:"
