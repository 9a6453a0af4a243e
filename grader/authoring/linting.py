"""Everything that is wrong with an assignment's files, at once: what cannot be read, and what can but should not be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.batch import cohort
from grader.course import overrides
from grader.errors import UsageError
from grader.grading import config, provided
from grader.grading.config import Assignment
from grader.grading.planning import Plan


def problems(path: Path) -> list[Problem]:
    """Return every problem of an assignment's files, by file and line. Raises UsageError where there is no config."""
    try:
        assignment = config.load(path)
    except FormError as error:
        return error.problems
    found = list(_missing(assignment))
    try:
        overrides.decided(assignment.overrides, assignment.root, [one.id for one in assignment.exercises])
    except FormError as error:
        found += error.problems
    except UsageError as error:
        found.append(Problem(path.name, 0, 0, str(error)))
    return sorted(found, key=lambda one: (one.file, one.line, one.column))


def failures(assignment: Assignment) -> list[Problem]:
    """Return every exercise that cannot be asked or that its own reference fails, with the check, exception and line.

    Each dialect's reference is graded once, as a submission. Raises ContainmentError where this machine cannot contain
    it.
    """
    box, containment = cohort.open_box(assignment)
    plan = cohort.plan(assignment, box, containment.tier)
    return [
        Problem(one.source, *one.place, f"{through}{faults[one.id]}")
        for through, faults in (("", plan.faults), *((f"through {_dialect(one)}: ", one.faults) for one in plan.others))
        for one in assignment.exercises
        if one.id in faults
    ]


def _dialect(plan: Plan) -> str:
    return plan.assignment.through[0].dialect.name


def _missing(assignment: Assignment) -> Iterator[Problem]:
    try:
        sources = provided.read(assignment.reference, assignment.layout.modules)
    except UsageError as error:
        yield Problem(assignment.reference.name, 0, 0, str(error))
        return
    defined = {name: set(_top(source)) for name, source in sources.items()}
    for exercise in assignment.exercises:
        yield from _of(exercise, defined)


def _of(exercise: Exercise, defined: dict[str, set[str]]) -> Iterator[Problem]:
    """Yield what an exercise asks for that its reference does not have, and what would surprise a student."""
    if exercise.under_test and not exercise.own_files:
        for name in exercise.under_test:
            if name not in defined.get(exercise.module, ()):
                said = f"{name} is not in the reference's {exercise.file}; write its solution there"
                yield Problem(exercise.source, *exercise.place, said)
    if not any(check.points for check in exercise.checks):
        yield Problem(exercise.source, *exercise.place, "no check is worth a point; give one its points")
    if all(check.visibility == "hidden" for check in exercise.checks):
        yield Problem(
            exercise.source, *exercise.place, "every check is hidden, so students cannot check it at their desk"
        )


def _top(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for one in targets if isinstance(one, ast.Name))
