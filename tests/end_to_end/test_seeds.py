"""The reference earns everything and the template nothing, whatever the seed."""

from __future__ import annotations

import pytest

from grader import cohort, planning
from grader.config import Assignment
from grader.grading import Grader
from grader.model import Submission
from grader.provided import read
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT


def totals(assignment: Assignment, supervisor: Supervisor, seed: str) -> tuple[float, float]:
    prepared = planning.prepare(assignment, seed)
    assert prepared.faults == {}
    grader = Grader(prepared, supervisor)
    sources = read(ROOT / "student_template" / "minitorch", assignment.layout.modules)
    template = Submission("template", {name: (f"{name}.py", text.encode()) for name, text in sources.items()})
    reference = grader.grade(cohort.reference_submission(assignment))
    empty = grader.grade(template)
    assert {check.outcome.verdict for e in empty.exercises for check in e.checks} == {"not attempted"}
    return float(reference.earned / reference.possible), float(empty.earned)


@pytest.mark.parametrize("seed", range(5))
def test_the_reference_earns_everything_and_the_template_nothing(
    seed: int, assignment: Assignment, supervisor: Supervisor
) -> None:
    assert totals(assignment, supervisor, f"seed {seed}") == (1.0, 0.0)


@pytest.mark.prove
def test_so_it_is_under_two_hundred_seeds(assignment: Assignment, supervisor: Supervisor) -> None:
    for seed in range(200):
        assert totals(assignment, supervisor, f"proof {seed}") == (1.0, 0.0), seed
