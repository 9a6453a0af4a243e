"""The sample class gets what `expected.yaml` says, verdict by verdict and word by word."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader import cohort, config, forms, submissions
from grader.engines import local
from grader.model import Result
from tests.conftest import ROOT

SAMPLES = {"cohort": ROOT / "config.yaml", "module1": ROOT / "examples" / "module1" / "config.yaml"}
"""Sample class -> its assignment. Each has an expected.yaml beside its submissions."""


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


def expected(sample: str) -> dict[str, Expected]:
    raw = (ROOT / "examples" / sample / "expected.yaml").read_text()
    indented = "submissions:\n" + "".join(f"  {line}\n" for line in raw.splitlines())
    return forms.decode(indented.encode(), Book, "expected.yaml")[0].submissions


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, Result]]:
    return {sample: graded(path) for sample, path in SAMPLES.items()}


def graded(path: Path) -> dict[str, Result]:
    assignment = config.load(path)
    box, containment = cohort.open_box(assignment)
    prepared = cohort.plan(assignment, box, containment.tier)
    assert assignment.submissions is not None
    found = submissions.find(assignment.submissions, cohort.layout(assignment))
    done = {found[one.index].id: one.result for one in local.grade_all(prepared, box, found, 2)}
    kept = {name: result for name, result in done.items() if result is not None}
    assert len(kept) == len(found)
    return kept


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_submission_is_expected_and_every_expected_one_is_there(
    sample: str, results: dict[str, dict[str, Result]]
) -> None:
    assert sorted(results[sample]) == sorted(expected(sample))


def test_the_sample_class_is_a_class(results: dict[str, dict[str, Result]]) -> None:
    assert len(results["cohort"]) >= 30


@pytest.mark.parametrize(("sample", "name"), [(sample, name) for sample in SAMPLES for name in expected(sample)])
def test_a_submission_gets_what_it_must(sample: str, name: str, results: dict[str, dict[str, Result]]) -> None:
    wanted, result = expected(sample)[name], results[sample][name]
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


@pytest.mark.parametrize("sample", SAMPLES)
def test_nobody_is_named_a_mistake_they_did_not_make(sample: str, results: dict[str, dict[str, Result]]) -> None:
    for name, wanted in expected(sample).items():
        result = results[sample][name]
        for exercise in [e.id for e in result.exercises if e.id not in wanted.named and wanted.lost]:
            assert not diagnoses_of(result, exercise), name


def verdicts_of(result: Result) -> Iterator[tuple[tuple[str, str], str]]:
    for exercise in result.exercises:
        for check in exercise.checks:
            if check.possible:
                yield (exercise.id, check.name), check.outcome.verdict


def diagnoses_of(result: Result, exercise: str) -> list[str]:
    return [name for e in result.exercises if e.id == exercise for c in e.checks for name in c.outcome.diagnosis]
