"""Everything that is wrong with an assignment's files, at once: what cannot be read, and what can but should not be."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

from grader.assignment import exercises, parameters
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.batch import cohort
from grader.course import overrides
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, drawing, provided
from grader.grading.config import Assignment
from grader.grading.planning import Plan


def problems(path: Path) -> list[Problem]:
    """Return every problem of an assignment's files, by file and line. Raises UsageError where there is no config."""
    try:
        assignment = config.load(path)
    except FormError as error:
        return error.problems
    found = [*_missing(assignment), *_undrawn(assignment, path.name)]
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
    asked = {"": assignment, **{f"with {drawing.said(one)}, ": one for one in drawing.ends(assignment)}}
    found: dict[tuple[str, str], Problem] = {}
    for numbers, each in asked.items():
        plan = cohort.plan(each, box, containment.tier)
        for plans, through in ((plan, ""), *((one, f"through {_dialect(one)}: ") for one in plan.others)):
            for one in assignment.exercises:
                if one.id in plans.faults:
                    said = f"{through}{numbers if one.parameters else ''}{plans.faults[one.id]}"
                    found.setdefault((one.id, through), Problem(one.source, *one.place, said))
    return list(found.values())


def _undrawn(assignment: Assignment, shown: str) -> Iterator[Problem]:
    """Yield what keeps parameters from being drawn, and exercises that cannot be asked with some that may be drawn."""
    drawn = drawing.with_parameters(assignment)
    if not drawn:
        return
    try:
        drawing.secret(assignment)
    except UsageError as error:
        yield Problem(shown, 0, 0, str(error))
    if assignment.roster is None:
        said = "course.roster is blank, and parameters are drawn by the ids on a roster; name one"
        yield Problem(shown, 0, 0, said)
    sources = provided.read(assignment.reference, assignment.layout.modules)
    told = {place for text in sources.values() for place in parameters.places(text)}
    for one in drawn:
        for numbers in itertools.product(*(each.values for each in one.parameters)):
            try:
                exercises.with_values(one, dict(zip(one.values, numbers)), KINDS)
            except FormError as error:
                yield from error.problems[:1]
                break
        for each in one.parameters if not one.on_paper else ():
            if (one.id, each.name) not in told:
                said = (
                    f"the reference does not say {each.name}: give it there as a line `{each.name} = {each.usual}  "
                    f"# parameter: {one.id}.{each.name}`"
                )
                yield Problem(one.source, *one.place, said)


def _dialect(plan: Plan) -> str:
    return plan.assignment.through[0].dialect.name


def _missing(assignment: Assignment) -> Iterator[Problem]:
    try:
        sources = provided.of(assignment)
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
