"""A right submission with one file or one name missing, or with something else by that name.

Whatever is told is about the student's own files: it has a place there, or it names what is not right there. No
exception of ours is told as theirs.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.model import ExerciseResult, Submission
from grader.sandbox.fresh import Fresh
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding
from grader.selfcheck.checking import SelfCheck
from tests.conftest import ROOT
from tests.machinery import REFERENCE

CONFIGS = {"lecture8": ROOT / "config.yaml", "module1": ROOT / "examples" / "module1" / "config.yaml"}
OTHER = ("None", "5", "'x'", "lambda *_, **__: None", "type('NAME', (), {})", "[]", "__import__('math')")

Sources = dict[str, str]


def tampered(assignment: Assignment) -> Iterator[tuple[str, str, Sources]]:
    """Yield (what was done, the name it was done to, the files)."""
    for module in REFERENCE:
        yield f"without {module}.py", module, {name: text for name, text in REFERENCE.items() if name != module}
    for module in [one for one in assignment.layout.modules if any(e.module == one for e in assignment.exercises)]:
        for node in ast.parse(REFERENCE[module]).body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                changes = (
                    f"del {node.name}",
                    *(f"{node.name} = {other}".replace("NAME", node.name) for other in OTHER),
                )
                for change in changes:
                    yield f"{module}: {change}", node.name, {**REFERENCE, module: f"{REFERENCE[module]}\n{change}\n"}


def blamed(assignment: Assignment, cases: list[tuple[str, str, Sources]]) -> list[str]:
    """Return what grading told that is not about the student's files."""
    box, _ = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        grader = Grader(planning.prepare(assignment), supervisor)
        return [
            line
            for what, name, sources in cases
            for line in amiss(what, name, grader.grade(submission(sources)).exercises)
        ]


def blamed_at_a_desk(root: Path, cases: list[tuple[str, str, Sources]]) -> list[str]:
    """Return what a desk told that is not about the student's files."""
    known = finding.assignment(root).assignment
    with Fresh() as workers:
        desk = SelfCheck(known, workers)
        return [
            line
            for what, name, sources in cases
            for line in amiss(what, name, [one.exercise for one in desk.check(submission(sources), known.exercises)])
        ]


def submission(sources: Sources) -> Submission:
    return Submission("u1", {module: (f"{module}.py", text.encode()) for module, text in sources.items()})


def amiss(what: str, name: str, exercises: Iterable[ExerciseResult]) -> Iterator[str]:
    for exercise in exercises:
        for check in exercise.checks:
            outcome = check.outcome
            said = f"{outcome.said} {outcome.reason}"
            ours = outcome.verdict in ("judge error", "forbidden") or "whole process" in said
            nowhere = bool(outcome.said) and not outcome.place and not about(said, name, exercise.title)
            if ours or nowhere:
                yield f"{what} -> {exercise.id} {check.name}: {outcome.verdict}: {said}"


def about(said: str, name: str, title: str) -> bool:
    """Say whether something names what was tampered with, the method of it that is not there, or what it gave back."""
    words = set(re.findall(r"\w+", said))
    methods = {"forward", "apply", "history", "save_for_backward"}
    return name in words or bool(words & methods) or title in said or "it returned None" in said


def cases_of(path: Path) -> tuple[Assignment, list[tuple[str, str, Sources]]]:
    assignment = config.load(path)
    return assignment, list(tampered(assignment))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_tampered_name_is_told_as_the_students_and_nothing_as_ours(name: str) -> None:
    assignment, cases = cases_of(CONFIGS[name])
    some = random.Random(name).sample(cases, 12)
    assert blamed(assignment, some) == []


@pytest.mark.ci
@pytest.mark.parametrize("name", CONFIGS)
def test_so_it_is_at_a_desk(name: str) -> None:
    _, cases = cases_of(CONFIGS[name])
    some = random.Random(f"desk {name}").sample(cases, 8)
    assert blamed_at_a_desk(CONFIGS[name].parent, some) == []


def test_a_missing_function_whose_calls_are_counted_ends_no_desk_process() -> None:
    """It once did: the counting looked the function up before anything was there to catch what that raised."""
    path = CONFIGS["module1"]
    _, cases = cases_of(path)
    chosen = [one for one in cases if one[0] in ("scalar_functions: del Mul", "scalar_functions: Add = 5")]
    assert len(chosen) == 2
    assert blamed_at_a_desk(path.parent, chosen) == []


def test_a_base_class_that_is_none_ends_no_process() -> None:
    """It once did: what is provided beside it was built on it, in the driver's own frame."""
    assignment, cases = cases_of(CONFIGS["module1"])
    chosen = [one for one in cases if "ScalarFunction = None" in one[0] or "ScalarFunction = 5" in one[0]]
    assert len(chosen) == 2
    assert blamed(assignment, chosen) == []


@pytest.mark.prove
@pytest.mark.parametrize("name", CONFIGS)
def test_so_it_is_with_every_name(name: str) -> None:
    assignment, cases = cases_of(CONFIGS[name])
    assert len(cases) > 60
    assert blamed(assignment, cases) == []
