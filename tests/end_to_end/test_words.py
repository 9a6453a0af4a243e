"""Feedback is long enough to act on and short enough to be read, and says nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from grader.model import CheckResult, Diagnosis, ExerciseResult, Hint, Outcome, Result
from grader.reports import feedback
from tests import words
from tests.conftest import SAMPLES

MEDIAN, LONGEST = (40, 120), 160
FEWEST = {
    "minitorch-2020": 30,
    "minitorch-2021": 30,
    "dual-numbers": 30,
    "cmu-11785": 20,
    "cse599w": 20,
    "minitorch-module2": 10,
    "cse599w-arrays": 15,
}
"""The least median where it is another: there most mistakes are in one function, and have a name of four words or none.

Of arrays, much is said by the smallest ones that are wrong.
"""

NAMED = Diagnosis("d_out was forgotten", "The chain rule multiplies by it.")


@pytest.fixture(scope="module")
def found(sample_reports: Callable[[str], Path]) -> dict[str, list[words.Section]]:
    return {sample: words.of_reports(sample_reports(sample)) for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES)
def test_feedback_is_as_long_as_is_read(sample: str, found: dict[str, list[words.Section]]) -> None:
    measured = words.measured(found[sample])
    assert measured["lost exercises"] > 5
    assert FEWEST.get(sample, MEDIAN[0]) <= measured["median"] <= MEDIAN[1], measured
    assert measured["longest"] <= LONGEST, measured


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_sentence_is_said_twice_of_one_exercise(sample: str, found: dict[str, list[words.Section]]) -> None:
    assert not {(one.student, one.title, text) for one in found[sample] for text in words.repeated(one)}


def told(*outcomes: Outcome) -> words.Section:
    checks = tuple(
        CheckResult(
            f"check {i}", Fraction(0), Fraction(1), "visible", one, hints=(Hint("Look at what forward saves."),)
        )
        for i, one in enumerate(outcomes)
    )
    exercise = ExerciseResult("square", "Square", Fraction(0), Fraction(len(checks)), checks)
    text = feedback.markdown(Result(1, "s", "a", "d", {}, Fraction(0), Fraction(1), (exercise,)))
    (section,) = words.sections(text)
    return section


def test_what_two_checks_share_is_said_once_and_what_they_do_not_is() -> None:
    one = Outcome("wrong answer", "the gradient of Square is wrong", detail="at 3 it is off", diagnosis=(NAMED,))
    other = Outcome("wrong answer", "the gradient of Square is wrong", detail="at 4 it is off", diagnosis=(NAMED,))
    section = told(one, other)
    text = "\n".join(section.prose)
    assert not words.repeated(section)
    assert text.count("d_out was forgotten") == text.count("multiplies by it") == text.count("what forward saves") == 1
    assert "- **check 1: wrong answer**: as for check 0" in text
    assert "at 4 it is off" in text


def test_another_name_with_the_same_reason_is_said_without_it() -> None:
    one = Outcome("wrong answer", "the value is wrong", diagnosis=(NAMED,))
    other = Outcome("wrong answer", "the gradient is wrong", diagnosis=(Diagnosis("d_out was squared", NAMED.why),))
    text = "\n".join(told(one, other).prose)
    assert text.count(NAMED.why) == 1
    assert "  - it looks as if d_out was squared" in text.splitlines()


def test_a_sentence_that_is_said_twice_is_found() -> None:
    twice = words.Section(
        "s", "t", ("- **a: wrong answer**: the gradient of it is wrong", "- **b**: the gradient of it is wrong"), ()
    )
    assert words.repeated(twice) == ["the gradient of it is wrong"]


def test_code_is_counted_apart() -> None:
    log = "## ✗ Log — 0 / 2\n\n- **a: wrong answer**\n\n  ```text\n  x = 1\n  ```\n"
    (section,) = words.sections(f"# s: 1 of 2 points\n\n{log}\n## ✓ Exp — 1 / 1\n", "s")
    assert (section.title, section.words, section.all_words) == ("Log", 3, 5)
