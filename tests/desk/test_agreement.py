"""A desk says what grading says: the same verdicts, names and counterexamples, for every submission of the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config, scoring
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Outcome, Submission
from grader.reports import audience
from grader.sandbox.fresh import Fresh
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding
from grader.selfcheck.checking import SelfCheck
from grader.submissions.handed_in import HandedIn
from tests.conftest import ROOT

NOWHERE_NEAR = ("time limit", "memory limit")
"""Verdicts that depend on how much a process may take: a desk has another clock, and no limit on memory."""

OTHERWISE = {
    "u3001": "nothing was handed in, which a desk says in words of its own",
    "u3008": "it uses all its time up, and a desk has another clock",
}


def both(
    one: Submission, desk: SelfCheck, plan: Plan, supervisor: Supervisor, root: Path
) -> list[tuple[str, Any, Any]]:
    """Return what grading and a desk say of each check, side by side, where grading had something to show."""
    graded = audience.for_student(Grader(plan, supervisor).grade(one))
    prepared = finding.assignment(root).assignment
    checked = list(desk.check(one, prepared.exercises))
    pairs = []
    for ours, theirs in zip(graded.exercises, checked):
        for a, b in zip(ours.checks, theirs.exercise.checks):
            if a.outcome.reason != scoring.ON_PRIVATE:
                pairs.append((f"{one.id} {ours.id} {a.name}", told(a.outcome), told(b.outcome)))
    return pairs


def told(outcome: Outcome) -> Outcome:
    return msgspec.structs.replace(outcome, judged=0)


def agree(names: tuple[str, ...], assignment: Assignment, plan: Plan, supervisor: Supervisor) -> int:
    assert assignment.submissions is not None
    found = HandedIn(assignment.submissions, cohort.layout(assignment))
    compared = 0
    with Fresh() as workers:
        desk = SelfCheck(finding.assignment(ROOT).assignment, workers)
        for i, name in enumerate(found.ids):
            if (not names or name in names) and name not in OTHERWISE and not found[i].problem:
                for where, graded, checked in both(found[i], desk, plan, supervisor, ROOT):
                    if graded.verdict not in NOWHERE_NEAR:
                        assert graded == checked, where
                        compared += 1
    return compared


def test_a_desk_says_what_grading_says(assignment: Assignment, plan: Plan, supervisor: Supervisor) -> None:
    names = ("u1003", "u1007", "u2001", "u2002", "u2005", "u2011", "u2013", "u3002", "u3003", "u4001", "u5001")
    assert agree(names, assignment, plan, supervisor) > 200


@pytest.mark.prove
def test_a_desk_says_what_grading_says_of_everyone(assignment: Assignment, plan: Plan, supervisor: Supervisor) -> None:
    assert agree((), assignment, plan, supervisor) > 900


def test_what_is_judged_alone_is_judged_alone_at_a_desk_too() -> None:
    """The machinery's own functions, without the rest of the machinery: a broken Scalar costs them nothing."""
    assignment = config.load(ROOT / "examples" / "module1" / "config.yaml")
    reference = cohort.reference_submission(assignment)
    broken = {**reference.modules, "scalar": ("scalar.py", b"raise ValueError('not today')")}
    prepared = finding.assignment(ROOT, ROOT / "examples" / "module1" / "config.yaml").assignment
    alone = [one for one in prepared.exercises if one.kind in ("function", "values", "context")]
    with Fresh() as workers:
        found = list(SelfCheck(prepared, workers).check(msgspec.structs.replace(reference, modules=broken), alone))
    assert {one.status for one in found} == {"done"}
