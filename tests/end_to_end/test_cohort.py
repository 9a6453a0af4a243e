"""The sample class gets what `expected.yaml` says, verdict by verdict and word by word."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader import cohort, forms, submissions
from grader.config import Assignment
from grader.engines import local
from grader.model import Result
from grader.planning import Plan
from grader.sandbox.supervisor import Supervisor

COHORT = Path(__file__).parents[2] / "examples" / "cohort"


class Expected(msgspec.Struct, frozen=True):
    """What one submission must get; see the head of expected.yaml."""

    what: str
    total: Fraction
    verdict: str = ""
    lost: dict[str, dict[str, str]] = {}
    named: dict[str, str] = {}
    note: str = ""


class Book(msgspec.Struct, frozen=True):
    """The whole file."""

    submissions: dict[str, Expected]


def expected() -> dict[str, Expected]:
    raw = (COHORT / "expected.yaml").read_text()
    indented = "submissions:\n" + "".join(f"  {line}\n" for line in raw.splitlines())
    return forms.decode(indented.encode(), Book, "expected.yaml")[0].submissions


@pytest.fixture(scope="module")
def results(assignment: Assignment, plan: Plan, supervisor: Supervisor) -> dict[str, Result]:
    found = submissions.find(COHORT / "submissions", cohort.layout(assignment))
    done = local.grade_all(plan, supervisor.box, found, 2)
    graded = {found[one.index].id: one.result for one in done if one.result is not None}
    assert len(graded) == len(found)
    return graded


def test_every_submission_of_the_class_is_expected_and_every_expected_one_is_there(results: dict[str, Result]) -> None:
    assert sorted(results) == sorted(expected())
    assert len(results) >= 30


@pytest.mark.parametrize("name", expected())
def test_a_submission_gets_what_it_must(name: str, results: dict[str, Result]) -> None:
    wanted, result = expected()[name], results[name]
    verdicts = dict(verdicts_of(result))
    assert result.earned == wanted.total, wanted.what
    if wanted.verdict:
        assert set(verdicts.values()) == {wanted.verdict}
        return
    if wanted.lost or wanted.total == result.possible:
        lost = {(exercise, check): v for exercise, checks in wanted.lost.items() for check, v in checks.items()}
        assert {key: verdict for key, verdict in verdicts.items() if verdict != "accepted"} == lost
    for exercise, words in wanted.named.items():
        assert any(words in name for name in diagnoses_of(result, exercise)), diagnoses_of(result, exercise)
    if wanted.note:
        reasons = [c.outcome.reason for e in result.exercises if e.id == wanted.note for c in e.checks]
        assert any("numerically" in reason for reason in reasons)


def test_nobody_is_named_a_mistake_they_did_not_make(results: dict[str, Result]) -> None:
    for name, wanted in expected().items():
        unnamed = [e.id for e in results[name].exercises if e.id not in wanted.named and wanted.lost]
        for exercise in unnamed:
            assert not diagnoses_of(results[name], exercise), name


def verdicts_of(result: Result) -> Iterator[tuple[tuple[str, str], str]]:
    for exercise in result.exercises:
        for check in exercise.checks:
            yield (exercise.id, check.name), check.outcome.verdict


def diagnoses_of(result: Result, exercise: str) -> list[str]:
    return [name for e in result.exercises if e.id == exercise for c in e.checks for name in c.outcome.diagnosis]
