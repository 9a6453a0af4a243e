"""The reference earns everything and the template nothing, and nobody's mark is another, whatever the seed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import pytest

from grader.audit import run as auditing
from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.provided import read
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from grader.submissions.handed_in import find
from tests.conftest import ROOT
from tests.golden import SAMPLES


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


def marks(
    sample: str, seed: str, some: tuple[str, ...] = ("",)
) -> dict[tuple[str, str], tuple[float, tuple[str, ...]]]:
    """Return what every submission of a sample class earns in every exercise, and what it loses, under a seed.

    `some`: only those whose names start so.
    """
    assignment = config.load(SAMPLES[sample])
    assert assignment.submissions is not None
    box, _ = cohort.open_box(assignment)
    prepared = planning.prepare(assignment, seed)
    found = {}
    with Supervisor(box) as supervisor:
        grader = Grader(prepared, supervisor)
        found_there = find(assignment.submissions, cohort.layout(assignment))
        for one in (one for one in found_there if one.id.startswith(some)):
            for exercise in grader.grade(one).exercises:
                lost = tuple(c.name for c in exercise.checks if c.possible and c.outcome.verdict != "accepted")
                found[one.id, exercise.id] = (float(exercise.earned), lost)
    return found


def differing(sample: str, seeds: Iterator[str], some: tuple[str, ...] = ("",)) -> list[str]:
    """Return, for each seed, the exercises of each submission that earn something else than under the first."""
    first = marks(sample, next(seeds), some)
    return [
        f"{seed}: {name} of {who} earns {mark}, not {first[who, name]}"
        for seed in seeds
        for (who, name), mark in marks(sample, seed, some).items()
        if mark != first[who, name]
    ]


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_mark_of_a_sample_class_hangs_on_the_seed(sample: str) -> None:
    right_and_wrong = ("u1", "u2", "v1", "v2")  # those that hang take their time, and are in the long proof
    assert differing(sample, iter(("1", "eta")), right_and_wrong) == []


@pytest.mark.prove
@pytest.mark.parametrize("sample", SAMPLES)
def test_no_mark_of_a_sample_class_hangs_on_a_hundred_seeds(sample: str) -> None:
    assert differing(sample, (f"mark {seed}" for seed in range(100))) == []


@pytest.mark.prove
def test_planted_mistakes_lose_the_same_under_twenty_seeds() -> None:
    pairs, odd = 0, []
    for path in SAMPLES.values():
        assignment = config.load(path)
        box, _ = cohort.open_box(assignment)
        for mistake, lost in auditing.under_seeds(assignment, box, 2, 20, lambda *_: None).items():
            usual = statistics.mode(lost)
            pairs += len(lost)
            odd += [f"{mistake}, seed {i}: loses {one}, else {usual}" for i, one in enumerate(lost) if one != usual]
    print(f"{len(odd)} of {pairs} pairs of a mistake and a seed differ", *odd, sep="\n")
    assert len(odd) <= pairs / 10_000, odd
