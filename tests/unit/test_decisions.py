"""Decisions by hand are held against the class and against each other: every mistake by line, with both places."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from grader.assignment.forms import FormError
from grader.assignment.late import Policy
from grader.course import decisions, hints, matching, overrides, standings
from grader.course.matching import Class
from grader.course.standings import Standing
from grader.reports.rows import ClassRow
from grader.submissions.people import Handed, Person

ANN = Person(name="Ann Lee", sid="0756", email="ann@e.edu", login="ann", canvas="1001")
BO = Person(name="Bo Ray", sid="1001", email="bo@e.edu")
CY = Person(name="Cy Vu", sid="0042", email="cy@e.edu")
GROUP = Handed("cy+bo", (CY, BO), late=0)
CLASS = matching.matched([ANN, BO, CY], [Handed("hw_0756", (ANN,), late=90_000), GROUP, Handed("0099")], "latest", {})
WORTH = {"log": Fraction(4), "mul": Fraction(5, 2)}


def written(folder: Path, *decided: str) -> Path:
    path = folder / "overrides.yaml"
    path.write_text("format: 1\noverrides:\n" + "".join(f"  - {{{one}}}\n" for one in decided))
    return path


def told(folder: Path, *decided: str) -> list[str]:
    """What is said of decisions; nothing where they stand."""
    try:
        read = overrides.read(written(folder, *decided), WORTH)
        decisions.check(CLASS, read, WORTH, Fraction(13, 2), "overrides.yaml")
    except FormError as error:
        return [str(one) for one in error.problems]
    return []


@pytest.mark.parametrize(
    ("decided", "said"),
    [
        (
            'student: "0756", exercise: log, points: 40',
            "3:38: points: 40 is more than log is worth (4); say `bonus: true` if that is meant",
        ),
        (
            'student: "0756", exercise: mul, points: "2,51"',
            "3:38: points: 2.51 is more than mul is worth (2.5); say `bonus: true` if that is meant",
        ),
        (
            'student: "0756", points: 7',
            "3:33: points: 7 is more than the assignment is worth (6.5); say `bonus: true` if that is meant",
        ),
        ("student: dina, points: 1", "3:5: nobody in the class is called 'dina'"),
        ("student: anm, excuse: true", "3:5: nobody in the class is called 'anm'; did you mean 'ann'?"),
        ("student: 756, excuse: true", "3:5: nobody in the class is called '756'; did you mean '0756'?"),
        ('student: "00042", excuse: true', "3:5: nobody in the class is called '00042'; did you mean '0042'?"),
        ('student: "0099", points: 1', "3:5: the submission '0099' matches nobody on the roster"),
        (
            'student: "1001", points: 1',
            "3:5: '1001' is Ann Lee (0756) and Bo Ray (1001); name one of them by another id",
        ),
    ],
)
def test_a_decision_that_cannot_be_meant_is_told_by_its_place(tmp_path: Path, decided: str, said: str) -> None:
    (message,) = told(tmp_path, decided)
    line, _, rest = said.partition(":")
    column, _, rest = rest.partition(":")
    found = message.split(":", 3)
    assert (found[0], found[1], found[3]) == ("overrides.yaml", line, rest)
    lines = (tmp_path / "overrides.yaml").read_text().splitlines()
    at = lines[int(found[1]) - 1][int(found[2]) - 1 :]
    assert at.startswith("{" if column == "5" else ("40", '"2,51"', "7"))


@pytest.mark.parametrize(
    "decided",
    [
        'student: "0756", exercise: log, points: 40, bonus: true',
        'student: "0756", exercise: log, points: 4',
        "student: ann, points: 6.5",
        "student: ANN@e.edu, points: 7, bonus: true",
        "student: Bo  ray, extension: 2d",
        "student: hw_0756, late: 0m",
        "student: cy+bo, exercise: log, points: 1",
    ],
)
def test_a_decision_within_bounds_or_a_bonus_stands(tmp_path: Path, decided: str) -> None:
    assert told(tmp_path, decided) == []


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            "exercise: log, points: 1",
            "exercise: log, points: 1",
            "decides the points for log of {who} again, after {at}",
        ),
        ("points: 1", "points: 2", "decides the mark of {who} again, after {at}"),
        ("extension: 1d", "extension: 2d", "decides the extension of {who} again, after {at}"),
        ("late: 1d", "late: 0m", "decides the lateness of {who} again, after {at}"),
        ("excuse: true", "excuse: true", "decides the excuse of {who} again, after {at}"),
        ("excuse: true", "exercise: log, points: 1", "sets points for {who}, and {at} is an excuse"),
        ("points: 1", "excuse: true", "excuses {who}, and {at} sets points"),
    ],
)
@pytest.mark.parametrize("other_id", ['"0756"', "ann@e.edu", "ANN@E.EDU", "Ann Lee", "hw_0756"])
def test_two_decisions_about_one_thing_are_told_with_both_places(
    tmp_path: Path, first: str, second: str, said: str, other_id: str
) -> None:
    (message,) = told(
        tmp_path, f"student: ann, {first}", "student: cy@e.edu, points: 1", f"student: {other_id}, {second}"
    )
    expected = said.format(who="Ann Lee (0756)", at="overrides.yaml:3:5")
    assert message == f"overrides.yaml:5:5: {expected}; leave one of them"


def test_a_groups_decision_and_one_of_its_members_is_told_once(tmp_path: Path) -> None:
    (message,) = told(
        tmp_path, "student: cy+bo, exercise: log, points: 1", "student: cy@e.edu, exercise: log, points: 2"
    )
    assert message.startswith("overrides.yaml:4:5: decides the points for log of Cy Vu (0042) again")
    assert (
        told(tmp_path, "student: cy+bo, points: 1", "student: cy@e.edu, extension: 2d", "student: ann, points: 2") == []
    )


def test_two_comments_and_different_things_stand_beside_each_other(tmp_path: Path) -> None:
    lines = (
        "comment: a",
        "comment: b",
        "exercise: log, points: 1",
        "exercise: mul, points: 1",
        "extension: 1d",
        "late: 2d",
    )
    assert told(tmp_path, *(f"student: ann, {one}" for one in lines)) == []


def test_every_mistake_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    said = told(tmp_path, "student: x1, points: 1", "student: ann, points: 70", "student: x2, points: 1")
    assert [one.split(":")[1] for one in said] == ["3", "4", "5"]


def marks(*decided: overrides.Override, found: Class = CLASS) -> list[Standing]:
    row = ClassRow("", Fraction(6), Fraction(10), "graded", (Fraction(6),), "✓", (False,), "")
    rows = {"hw_0756": row, "cy+bo": row}
    return standings.standings(found, rows, ["log"], Fraction(10), Policy(Fraction(10)), decided)


def test_lateness_by_hand_wins_and_an_extension_comes_off_it() -> None:
    def ann(**decided: int) -> Fraction | None:
        return marks(overrides.Override("ann", "", None, "", **decided))[0].final

    assert ann() == 4  # 25 hours by the platform
    assert ann(late=0) == 6
    assert ann(late=3 * 86400) == 3
    assert ann(late=3 * 86400, extension=86400) == 4
    assert ann(extension=86400) == 5


def test_a_decision_about_another_attempt_is_about_its_student() -> None:
    two = [Handed("first", (ANN,), at="1", late=0), Handed("hw_0756", (ANN,), at="2", late=0)]
    found = matching.matched([ANN], two, "latest", {})
    (ann,) = marks(overrides.Override("first", "", Fraction(1), ""), found=found)
    assert (ann.submission, ann.final) == ("hw_0756", 1)


def test_what_a_whole_mark_hides_is_told_to_staff() -> None:
    ann = marks(overrides.Override("ann", "log", Fraction(1), ""), overrides.Override("ann", "", Fraction(2), ""))[0]
    assert ann.final == 2
    assert ann.concerns == ("the whole mark was decided by hand, so these change nothing: the points for log",)


def test_points_by_hand_below_what_grading_gives_now_are_told_to_staff() -> None:
    fewer, more = (marks(overrides.Override("ann", "log", Fraction(n), ""))[0] for n in (5, 7))
    assert (fewer.concerns, more.concerns) == (("log: 5 by hand, and grading gives 6",), ())


def test_an_id_is_hinted_at_only_where_one_differs_by_its_zeros() -> None:
    assert hints.zeros_apart(["756"], ["0756", "00756"]) == ""
    assert hints.zeros_apart(["a756"], ["0a756"]) == ""
    assert hints.zeros_apart(["0"], ["00"]) == ""
    assert hints.of_person(Person(sid="42", name="Cy"), [ANN, BO, CY]) == "; did you mean '0042'?"
