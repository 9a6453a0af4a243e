"""Everything that is wrong with an assignment's files, at once: what cannot be read, and what can but should not be."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.assignment import exercises, parameters, template
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.authoring import misnamed, names, undefined
from grader.batch import cohort
from grader.course import overrides
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, drawing, provided, reference_faults, unmarked
from grader.grading.config import Assignment, LayoutForm
from grader.grading.planning import Plan
from grader.oracle.inputs import TOO_FEW
from grader.sandbox.boundary.protocol import file_of
from grader.sandbox.supervisor import Supervisor


def problems(path: Path, marked: bool = True) -> list[Problem]:
    """Return every problem of an assignment's files, by file and line. Raises UsageError where there is no config.

    `marked`: what is asked has to be marked in the reference, as a handout needs it.
    """
    try:
        assignment = config.load(path)
    except FormError as error:
        return error.problems
    found = [*_missing(assignment), *_undrawn(assignment, path.name), *_markers(assignment, marked), *_unread(path)]
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
    with Supervisor(box) as supervisor:
        broken = [one for each in (assignment, *assignment.others) for one in unloaded(each, supervisor)]
        found |= {(one.file, ""): one for one in broken}
    if found:  # each exercise would say the same once more
        return list(found.values())
    for numbers, each in asked.items():
        plan = cohort.plan(each, box, containment.tier)
        for plans, through in ((plan, ""), *((one, f"through {_dialect(one)}: ") for one in plan.others)):
            for one in assignment.exercises:
                if one.id in plans.faults:
                    fault, key = _placed(one, plans.faults[one.id])
                    said = f"{through}{numbers if one.parameters else ''}{fault}"
                    found.setdefault((one.id, through), Problem(one.source, *_place(assignment, one, key), said))
    return list(found.values())


def unloaded(assignment: Assignment, supervisor: Supervisor) -> list[Problem]:
    """Return the modules of a reference that raise while they are loaded: what is provided of them runs for everyone.

    Raises JudgeError.
    """
    broken = reference_faults.unloaded(assignment, supervisor, cohort.reference_submission(assignment))
    found = []
    for module, fault in broken.items():
        shown = f"{assignment.reference.name}/{file_of(module)}"
        line = fault.line if fault.file == file_of(module) else 0
        said = (
            f"does not load: {reference_faults.told(fault)}; what is provided of it would fail for everyone, so mend it"
        )
        found.append(Problem(shown, line, int(bool(line)), said))
    return found


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


def _placed(exercise: Exercise, fault: str) -> tuple[str, str]:
    """Return a fault of an exercise as its author reads it, and the key that it is about."""
    formulas = getattr(exercise.spec, "formulas", None)
    if TOO_FEW not in fault or formulas is None:
        return fault, "id"
    if not getattr(formulas.value, "conditions", ()):
        return fault, "arguments"
    return fault.replace(f"{TOO_FEW}; widen it", f"{TOO_FEW} where its condition holds; widen either"), "condition"


def _place(assignment: Assignment, exercise: Exercise, key: str) -> tuple[int, int]:
    """Return where a key of an exercise stands, or else its id."""
    places = exercises.places_of(exercise, assignment.root, KINDS)
    return places.get(key) or places.get("id", exercise.place)


def _dialect(plan: Plan) -> str:
    return plan.assignment.through[0].dialect.name


def _unread(path: Path) -> Iterator[Problem]:
    """Yield what lies in a folder of exercises and is read as none because of its ending."""
    root = path.resolve().parent
    for entry in config.form(path).exercises:
        for one in sorted((root / entry).glob("*.yml")):
            said = "is not read: an exercise's file ends in .yaml; rename it, or move it elsewhere"
            yield Problem(exercises.shown(one, root), 0, 0, said)


def _markers(assignment: Assignment, marked: bool) -> list[Problem]:
    """Return what is wrong with the markers of solutions; where they are right, what is asked and has none."""
    broken = template.problems(assignment.reference)
    return broken or [one.problem(assignment) for one in (unmarked.found(assignment) if marked else ())]


def _missing(assignment: Assignment) -> Iterator[Problem]:
    try:
        sources = provided.of(assignment)
    except UsageError as error:
        yield Problem(assignment.reference.name, 0, 0, str(error))
        return
    trees: dict[str, ast.Module] = {}
    for name, source in sources.items():
        try:
            trees[name] = ast.parse(source)
        except (SyntaxError, ValueError) as error:
            line, column = (getattr(error, key, 0) or 0 for key in ("lineno", "offset"))
            shown = f"{assignment.reference.name}/{file_of(name)}"
            yield Problem(shown, line, column, f"is no Python: {getattr(error, 'msg', error)}; mend it")
            return
    for exercise in assignment.exercises:
        places = exercises.places_of(exercise, assignment.root, KINDS)
        for key, said in (
            *_of(exercise, trees),
            *_odd(exercise, assignment.layout, trees),
            *misnamed.right(exercise, places),
        ):
            path, _, offset = key.partition("@")
            line, column = places.get(path) or places.get(path.removesuffix("#key"), exercise.place)
            yield Problem(exercise.source, line, column + int(offset or 0), said)


def _of(exercise: Exercise, trees: Mapping[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Yield what an exercise asks for that its reference does not have, and what would surprise a student."""
    if exercise.under_test and not exercise.own_files and exercise.module in trees:
        defined = set(_top(trees[exercise.module]))
        for name in exercise.under_test:
            if name not in defined:
                yield (
                    _named_by(exercise, name),
                    f"{name} is not in the reference's {exercise.file}; write its solution there",
                )
    if not any(check.points for check in exercise.checks):
        yield "checks", "no check is worth a point; give one its points"
    if all(check.visibility == "hidden" for check in exercise.checks):
        yield "checks", "every check is hidden, so students cannot check it at their desk"


def _named_by(exercise: Exercise, name: str) -> str:
    """Return the key that asks for a name; of several in a file, the id."""
    if any(exercise.place):
        return "id"
    if name != getattr(exercise.spec, "name", ""):
        return "under_test"
    asked = "class" if KINDS[exercise.kind].stand_in == "class" else "function"
    return getattr(exercise.spec, "of", asked)


def _odd(exercise: Exercise, layout: LayoutForm, trees: Mapping[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Yield what can be read and run, and is not what an author means."""
    yield from names.outside(exercise, layout)
    yield from names.clashes(exercise)
    yield from names.unused(exercise)
    yield from names.miscounted(exercise, trees)
    yield from undefined.parts(exercise)


def _top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for one in targets if isinstance(one, ast.Name))
