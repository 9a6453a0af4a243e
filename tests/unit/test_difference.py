"""Whose marks changed is told by name, by how much and why; what did not change is not told."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader.errors import UsageError
from grader.model import Outcome, Result
from grader.reports import difference, files, stored
from tests.unit.test_reports import WRONG, result

ACCEPTED = Outcome("accepted")
OURS = Outcome("judge error", "ours")


def test_equal_gradings_do_not_differ() -> None:
    found = difference.between([(result(WRONG), result(WRONG)), (result(ACCEPTED), result(ACCEPTED))])
    assert (found.compared, found.changes, found.moved) == (2, (), 0)
    assert difference.text(found, 80) == "2 students compared: the marks of 0 differ (0 up, 0 down)"


def test_a_mark_that_fell_is_told_with_its_check_and_the_mistakes_name() -> None:
    pairs = [(result(ACCEPTED, ACCEPTED), result(ACCEPTED, WRONG)), (result(WRONG), result(WRONG))]
    found = difference.between(pairs)
    (change,) = found.changes
    assert (change.old, change.new, change.by) == (2, 1, -1)
    assert difference.text(found, 100).splitlines()[2].split(maxsplit=4) == [
        *("u1", "2/2", "1/2", "-1"),
        "square check 1: accepted → wrong answer: d_out was forgotten",
    ]


def test_every_check_that_moved_has_a_line_of_its_own() -> None:
    found = difference.between([(result(WRONG, WRONG, WRONG), result(ACCEPTED, WRONG, ACCEPTED))])
    assert [check.check for check in found.changes[0].checks] == ["check 0", "check 2"]
    lines = difference.text(found, 80).splitlines()
    assert "+2" in lines[2]
    assert lines[3].strip() == "square check 2: wrong answer → accepted"


def test_another_verdict_for_the_same_marks_is_counted_as_no_change() -> None:
    found = difference.between([(result(WRONG), result(Outcome("time limit")))])
    assert (found.changes, found.moved) == ((), 1)
    assert "1 more with another verdict somewhere and the same marks" in difference.text(found, 80)


def test_points_moved_between_exercises_are_a_change_despite_the_total() -> None:
    def two(first: Outcome, second: Outcome) -> Result:
        one, other = result(first), result(second)
        exercises = (*one.exercises, msgspec.structs.replace(other.exercises[0], id="log"))
        return msgspec.structs.replace(one, exercises=exercises, earned=one.earned + other.earned, possible=Fraction(2))

    found = difference.between([(two(ACCEPTED, WRONG), two(WRONG, ACCEPTED))])
    assert found.changes[0].by == 0
    assert [check.exercise for check in found.changes[0].checks] == ["square", "log"]


def test_what_is_withheld_is_never_a_number() -> None:
    found = difference.between([(result(ACCEPTED), result(OURS)), (result(OURS), result(OURS))])
    assert [(one.old, one.new, one.by) for one in found.changes] == [(1, None, None)]
    text = difference.text(found, 80)
    assert "withheld" in text.splitlines()[2]
    assert "2 withheld in the new grading: u1, u1" in text


def test_who_is_in_one_grading_only_is_told() -> None:
    found = difference.between([(result(WRONG, submission="gone"), None), (None, result(WRONG, submission="late"))])
    assert [(one.submission, one.where) for one in found.changes] == [("gone", "old only"), ("late", "new only")]
    text = difference.text(found, 80)
    assert "not in the new grading" in text
    assert "1 in the new grading only" in text


def test_a_check_that_is_new_is_absent_before() -> None:
    found = difference.between([(result(ACCEPTED), result(ACCEPTED, WRONG))])
    assert [(one.old, one.new) for one in found.changes[0].checks] == [("absent", "wrong answer")]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits_and_is_inert(width: int) -> None:
    evil = Outcome("runtime error", "\x1b[31m" + "x" * 300)
    found = difference.between([(result(ACCEPTED, submission="a" * 60), result(evil, submission="a" * 60))])
    text = difference.text(found, width)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text


def test_a_table_of_thousands_is_cut_and_says_so() -> None:
    found = difference.between([(result(ACCEPTED), result(WRONG))] * 1000)
    text = difference.text(found, 80)
    assert len(text.splitlines()) < 220
    assert "and 900 more; --json lists them all" in text


def test_the_json_holds_exact_points() -> None:
    told = json.loads(difference.encode(difference.between([(result(ACCEPTED), result(WRONG))])))
    assert told["format"] == 1
    assert (told["changes"][0]["old"], told["changes"][0]["new"]) == ("1", "0")
    assert told["changes"][0]["checks"][0]["reason"] == "d_out was forgotten"


def test_a_result_that_is_torn_stops_the_comparison_and_is_named(tmp_path: Path) -> None:
    files.write(stored.path_of(tmp_path / "old", "u1"), stored.encode(result(WRONG)))
    files.write(stored.path_of(tmp_path / "new", "u1"), b"{")
    with pytest.raises(UsageError, match="'u1' is not a whole one"):
        list(stored.pairs(tmp_path / "old", tmp_path / "new"))
