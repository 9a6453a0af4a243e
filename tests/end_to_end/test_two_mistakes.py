"""Two mistakes in one submission: both are shown, and neither hides the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from grader.assignment.exercise import Exercise
from grader.audit.mutants.table import FORWARD, wrapped
from grader.grading import planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import CheckResult, Submission
from grader.sandbox.supervisor import Supervisor
from tests.machinery import REFERENCE

VALUES = ("-right(*args)", "1.001 * right(*args)", "right(*args) + 0.25", "abs(right(*args)) + 1.0")
GRADIENTS = (
    "g = right(1.0)",
    "g = [one + d for one in right(1.0)]",
    "g = [0.5 * one for one in right(d)]",
    "g = [one + 0.25 for one in right(d)]",
    "g = [one * d for one in right(d)]",
)
OF_ONE = ("g[{i}] = -g[{i}]", "g[{i}] = g[{i}] * 2", "g[{i}] = 0.5 + g[{i}]", "g[{i}] = g[{i}] * d")


def functions(assignment: Assignment) -> list[Exercise]:
    return [one for one in assignment.exercises if {check.name for check in one.checks} >= {"forward", "backward"}]


def planted(assignment: Assignment) -> Iterator[tuple[Exercise, str, bool]]:
    """Yield an exercise, a lecture8.py with two mistakes in it, and whether both are in its gradients."""
    for exercise in functions(assignment):
        name = exercise.spec.name
        for value, gradient in itertools.product(VALUES, GRADIENTS):
            text = FORWARD.replace("_right", "_first").format(name=name, code=value) + wrapped(name, gradient)
            yield exercise, REFERENCE["lecture8"] + text, False
    for exercise in assignment.exercises:
        if "backward" not in {check.name for check in exercise.checks} or len(exercise.spec.formulas.arguments) < 2:
            continue
        for first, second in itertools.permutations(OF_ONE, 2):
            code = f"g = right(d); {first.format(i=0)}; {second.format(i=1)}"
            yield exercise, REFERENCE["lecture8"] + wrapped(exercise.spec.name, code), True


def is_shown(check: CheckResult) -> bool:
    return check.outcome.verdict != "accepted" and check.outcome.counterexample is not None


@pytest.mark.ci
def test_two_mistakes_in_one_submission_are_both_shown(
    assignment: Assignment, plan: Plan, supervisor: Supervisor
) -> None:
    shown, hidden = 0, []
    for exercise, source, in_gradients in planted(assignment):
        grader = Grader(planning.only(plan, (exercise.id,)), supervisor)
        result = grader.grade(Submission("two", {"lecture8": ("lecture8.py", source.encode())}))
        checks = {one.name: one for one in next(e for e in result.exercises if e.id == exercise.id).checks}
        second = checks["backward"].outcome.second
        both = second is not None if in_gradients else is_shown(checks["forward"])
        if both and is_shown(checks["backward"]):
            shown += 1
        else:
            hidden.append((exercise.id, source.splitlines()[-20:]))
    count = shown + len(hidden)
    print(f"{shown} of {count} pairs of mistakes are both shown ({shown / count:.1%})")
    assert count >= 150
    assert shown >= 0.95 * count, hidden
