"""Whose marks changed is told by name, by how much and why; what did not change is not told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader.errors import UsageError
from grader.model import ExerciseResult, Outcome, Result
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


def worth(result: Result, factor: int, exercise: str = "square") -> Result:
    """Return the same result where an exercise is worth so many times as much."""

    def times(one: ExerciseResult) -> ExerciseResult:
        if one.id != exercise:
            return one
        checks = tuple(
            msgspec.structs.replace(check, earned=check.earned * factor, possible=check.possible * factor)
            for check in one.checks
        )
        return msgspec.structs.replace(one, checks=checks, earned=one.earned * factor, possible=one.possible * factor)

    return with_exercises(result, [times(one) for one in result.exercises])


def with_exercises(result: Result, exercises: Sequence[ExerciseResult]) -> Result:
    earned, possible = (sum((getattr(one, name) for one in exercises), Fraction(0)) for name in ("earned", "possible"))
    return msgspec.structs.replace(result, exercises=tuple(exercises), earned=earned, possible=possible)


def test_a_new_worth_is_said_once_and_no_verdict_is_said_to_have_changed() -> None:
    olds = [result(ACCEPTED, WRONG, submission=f"u{i}") for i in range(20)] + [result(WRONG, WRONG, submission="none")]
    found = difference.between([(one, worth(one, 4)) for one in olds])
    lines = difference.text(found, 100).splitlines()
    assert lines[0] == "exercise square: worth 2 → 8 points"
    assert [line for line in lines if "accepted" in line or "wrong answer" in line] == []
    assert lines[4].split(maxsplit=4) == ["u0", "1/2", "4/8", "+3", "square: its worth changed, 1 → 4 points"]
    assert "none" not in " ".join(lines[:-2])
    assert lines[-2:] == [
        "21 students compared: the marks of 20 differ (20 up, 0 down)",
        "1 more with the same points in every exercise, and another maximum",
    ]
    assert found.differs


def test_a_verdict_that_changed_beside_a_new_worth_is_still_told() -> None:
    found = difference.between([(result(ACCEPTED, WRONG), worth(result(WRONG, WRONG), 4))])
    assert [(one.check, one.old, one.new) for one in found.changes[0].checks] == [
        ("check 0", "accepted", "wrong answer")
    ]


def test_points_moved_between_the_checks_of_an_exercise_are_said_once() -> None:
    old = result(ACCEPTED, WRONG)
    (exercise,) = old.exercises
    first, second = exercise.checks
    checks = (
        msgspec.structs.replace(first, earned=Fraction(3, 2), possible=Fraction(3, 2)),
        msgspec.structs.replace(second, possible=Fraction(1, 2)),
    )
    new = with_exercises(old, [msgspec.structs.replace(exercise, checks=checks, earned=Fraction(3, 2))])
    found = difference.between([(old, new)])
    assert [one.sentence() for one in found.worths] == [
        "exercise square, check check 0: worth 1 → 1.5 points",
        "exercise square, check check 1: worth 1 → 0.5 points",
    ]
    assert (found.changes[0].checks, found.changes[0].by) == ((), Fraction(1, 2))


def test_an_exercise_that_is_new_or_gone_is_said_once() -> None:
    def also(one: Result, outcome: Outcome, name: str) -> Result:
        more = msgspec.structs.replace(result(outcome).exercises[0], id=name)
        return with_exercises(one, [*one.exercises, more])

    olds = [also(result(ACCEPTED, submission=f"u{i}"), WRONG, "log") for i in range(3)]
    news = [also(result(ACCEPTED, submission=f"u{i}"), ACCEPTED if i else WRONG, "cube") for i in range(3)]
    found = difference.between(zip(olds, news))
    assert [one.sentence() for one in found.worths] == [
        "exercise cube: in the new grading only, worth 1 point",
        "exercise log: in the old grading only, worth 1 point",
    ]
    assert found.same_points == 1
    assert [one.submission for one in found.changes] == ["u1", "u2"]
    assert [(one.checks, one.worth) for one in found.changes] == [((), ("cube is new: 1 point",))] * 2


def test_an_exercise_that_one_student_has_not_is_no_change_for_all() -> None:
    whole = result(ACCEPTED)
    found = difference.between([(whole, whole), (whole, with_exercises(whole, []))])
    assert found.worths == ()
    assert [one.new for one in found.changes[0].checks] == ["absent"]
