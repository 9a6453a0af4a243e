"""The sample class gets what `expected.yaml` says, verdict by verdict and word by word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader.assignment import forms
from grader.model import Result
from grader.reports import audience, feedback, page, stored
from grader.reports.text import named
from tests.conftest import ROOT
from tests.golden import HERE, SAMPLES, text


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
def results(sample_reports: Callable[[str], Path]) -> dict[str, dict[str, Result]]:
    return {sample: read(sample_reports(sample)) for sample in SAMPLES}


def read(out: Path) -> dict[str, Result]:
    found = {name: stored.read(stored.path_of(out, name)) for name in stored.names(out)}
    assert None not in found.values()
    return {name: result for name, result in found.items() if result}


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


QUEUE = "queue-backpropagation"


@pytest.mark.parametrize("sample", SAMPLES)
def test_nobody_is_named_a_mistake_they_did_not_make(sample: str, results: dict[str, dict[str, Result]]) -> None:
    for name, wanted in expected(sample).items():
        result = results[sample][name]
        for exercise in [e.id for e in result.exercises if e.id not in wanted.named and wanted.lost]:
            found = diagnoses_of(result, exercise)
            if exercise == QUEUE and found:  # the lecture's own walk, which everyone here has
                assert ["every arrival is passed on" in one for one in found] == [True], name
            else:
                assert not found, name


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_wrong_answer_is_told_word_for_word(sample: str, results: dict[str, dict[str, Result]]) -> None:
    assert text(results[sample]) == (HERE / f"{sample}.md").read_text("utf-8"), "look at it, then `make golden`"


def told_at(level: str, visibility: str, results: dict[str, dict[str, Result]]) -> Iterator[tuple[Result, str]]:
    """Yield every result with every report of it that a student could read, were all checks at this level."""
    for result in (one for sample in results.values() for one in sample.values()):
        exercises = tuple(
            msgspec.structs.replace(
                exercise,
                checks=tuple(
                    msgspec.structs.replace(one, feedback=level, visibility=visibility) for one in exercise.checks
                ),
            )
            for exercise in result.exercises
        )
        told = audience.for_student(msgspec.structs.replace(result, exercises=exercises))
        yield result, feedback.markdown(told) + page.html(told) + msgspec.json.encode(told, enc_hook=str).decode()


def evidence_of(result: Result) -> Iterator[str]:
    """Yield what gives an answer away: inputs, what came back, what was expected, calls, sentences with numbers."""
    for exercise in result.exercises:
        for check in exercise.checks:
            one, shown = check.outcome, check.outcome.counterexample
            yield from (text for text in (one.detail, one.call) if text)
            if shown is not None:
                yield from (text for text in (shown.snippet,) if text)
                yield f'"estimate":"{shown.estimate}"'
                yield from (f"at {name} = {value!r}" for name, value in shown.args.items())
                yield from (f"returned   {shown.returned}", f"expected   {shown.expected}")
                yield f'"expected":"{shown.expected}"'


def test_hints_give_no_input_and_no_answer_away(results: dict[str, dict[str, Result]]) -> None:
    given = 0
    for result, told in told_at("hint", "visible", results):
        for words in evidence_of(result):
            assert words not in told
            given += 1
    assert given > 200
    shown = [told for _, told in told_at("full", "visible", results)]
    assert sum("your backward returned" in told for told in shown) > 10


def test_a_bare_verdict_says_nothing_else(results: dict[str, dict[str, Result]]) -> None:
    for result, told in told_at("verdict", "visible", results):
        outcomes = [check.outcome for exercise in result.exercises for check in exercise.checks]
        said = {words for one in outcomes for words in (one.said, one.place, *(d.name for d in one.diagnosis)) if words}
        said |= {one.reason for one in outcomes if one.reason} - {result.problem, *result.notes}
        for words in (*evidence_of(result), *said):
            assert words not in told


SCRIPT = re.compile("<script.*?</script>", re.DOTALL)
"""The page's own, which copies: there is an exercise of that name."""


@pytest.mark.parametrize(("level", "visibility"), [("none", "visible"), ("full", "hidden")])
def test_what_is_not_shown_leaves_no_trace(level: str, visibility: str, results: dict[str, dict[str, Result]]) -> None:
    for result, whole in told_at(level, visibility, results):
        told = SCRIPT.sub("", whole)
        for exercise in result.exercises:
            assert f'"{exercise.id}"' not in told
            for written in (f'"{exercise.title}"', f" {exercise.title} — ", f">{exercise.title}<"):
                assert written not in told  # bare, a title such as -x stands in many a style sheet
        assert "0 of 0 points" in told
        assert "not shown here" in told


def verdicts_of(result: Result) -> Iterator[tuple[tuple[str, str], str]]:
    for exercise in result.exercises:
        for check in exercise.checks:
            if check.possible:
                yield (exercise.id, check.name), check.outcome.verdict


def diagnoses_of(result: Result, exercise: str) -> list[str]:
    return [named(d) for e in result.exercises if e.id == exercise for c in e.checks for d in c.outcome.diagnosis]
