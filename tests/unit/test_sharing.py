"""A decision about a mistake reaches everyone who made it, nobody else, and whoever makes it after a regrading."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from grader.assignment.forms import FormError
from grader.assignment.late import Policy
from grader.course import matching, overrides, sharing, standings
from grader.course.overrides import Override
from grader.course.standings import Standing
from grader.reports import rows
from grader.reports.rows import ClassRow
from grader.submissions.people import Handed, Person

IDS = ("square", "log")
FORGOT, FLIPPED = "d_out was forgotten", "the sign is flipped"


def row(name: str, *lost: str, named: bool = True, code: str = "") -> ClassRow:
    """Return the row of a submission that lost `square` to some mistakes, and earned all of `log`."""
    wrong = bool(lost)
    return ClassRow(
        name,
        Fraction(2 if wrong else 6),
        Fraction(6),
        "graded",
        (Fraction(0 if wrong else 4), Fraction(2)),
        "✗✓" if wrong else "✓✓",
        (wrong, False),
        "",
        ("wrong answer" if wrong else "accepted", "accepted"),
        (lost if named else (), ()),
        (() if named else lost, ()),
        (((code,) * bool(code)), ()) if code else (),
    )


CLASS = (
    row("ada", FORGOT),
    row("bo", FORGOT),
    row("cy", FLIPPED),
    row("di", FORGOT, FLIPPED),
    row("eve"),
    row("fay", rows.NO_NAME, named=False, code="like-0011aabb"),
    row("gus", rows.NO_NAME, named=False, code="like-ffee0022"),
    row("hal", "ZeroDivisionError: division by zero", named=False, code="like-12345678"),
)


def found_in(results: Mapping[str, ClassRow]) -> matching.Class:
    people = [Handed(name, (Person(name=name.title(), sid=f"00{i}"),)) for i, name in enumerate(results)]
    return matching.matched((), people, "latest", {})


def marked(written: str, tmp_path: Path, results: tuple[ClassRow, ...] = CLASS) -> tuple[dict[str, Standing], str]:
    """Return everyone's standing by what overrides.yaml says, and what staff are told."""
    path = tmp_path / "overrides.yaml"
    path.write_text("format: 1\noverrides:\n" + written)
    by_name = {one.submission: one for one in results}
    found = found_in(by_name)
    decided, told = sharing.spread(found, overrides.read(path, IDS), by_name, IDS, path.name)
    made = standings.standings(found, by_name, IDS, Fraction(6), Policy(), decided)
    return {one.submission: one for one in made}, "\n".join(told)


ALL = f"- {{exercise: square, mistake: {FORGOT}, points: 3, comment: Times d_out!}}\n"


def test_points_and_a_comment_go_to_everyone_who_made_it(tmp_path: Path) -> None:
    found, told = marked(ALL, tmp_path)
    assert {name for name, one in found.items() if one.comments} == {"ada", "bo", "di"}
    assert {name: one.final for name, one in found.items()} == {
        **dict.fromkeys(("ada", "bo", "di"), Fraction(5)),
        **dict.fromkeys(("cy", "fay", "gus", "hal"), Fraction(2)),
        "eve": Fraction(6),
    }
    assert told == ""


def test_after_a_regrading_it_is_for_whoever_makes_it_then(tmp_path: Path) -> None:
    found, _ = marked(ALL, tmp_path, (row("ada"), row("bo", FLIPPED), row("cy", FORGOT)))
    assert {name for name, one in found.items() if one.comments} == {"cy"}
    assert [one.final for one in found.values()] == [6, 2, 5]


def test_a_mistake_that_nobody_makes_is_said_with_those_that_are_made(tmp_path: Path) -> None:
    found, told = marked(ALL, tmp_path, (row("ada"), row("bo", FLIPPED)))
    assert not any(one.comments for one in found.values())
    assert told == (
        f"overrides.yaml:3:3: nobody makes the mistake '{FORGOT}' in square now, so this decides nothing; "
        f"made there now: {FLIPPED}"
    )


@pytest.mark.parametrize(
    ("called", "who"),
    [
        ("like-0011aabb", {"fay"}),
        ("like-12345678", {"hal"}),
        ("'ZeroDivisionError: division by zero'", {"hal"}),
        (FLIPPED, {"cy", "di"}),
    ],
)
def test_a_mistake_without_a_name_is_called_by_its_code_or_cause(called: str, who: set[str], tmp_path: Path) -> None:
    found, told = marked(f"- {{exercise: square, mistake: {called}, comment: See page 3.}}\n", tmp_path)
    assert {name for name, one in found.items() if one.comments} == who
    assert told == ""


def test_what_one_student_was_given_alone_comes_first(tmp_path: Path) -> None:
    found, told = marked(f"{ALL}- {{student: '001', exercise: square, points: 1}}\n", tmp_path)
    assert (found["bo"].final, found["ada"].final) == (Fraction(3), Fraction(5))
    assert found["bo"].comments == ("Times d_out!",)
    assert told == "overrides.yaml:3:3: bo has a decision of their own for square, which count"


def test_an_excuse_stays_one(tmp_path: Path) -> None:
    found, _ = marked(f"{ALL}- {{student: ada, excuse: true}}\n", tmp_path)
    assert found["ada"].status == "excused"
    assert found["ada"].final is None


def test_two_mistakes_of_one_student_do_not_both_set_points(tmp_path: Path) -> None:
    two = f"{ALL}- {{exercise: square, mistake: {FLIPPED}, points: 2}}\n"
    with pytest.raises(FormError, match=r"overrides.yaml:4:\d+: sets points for square of di, who made the mistake of"):
        marked(two, tmp_path)
    found, _ = marked(f"{two}- {{student: di, exercise: square, points: 4}}\n", tmp_path)
    assert (found["di"].final, found["cy"].final) == (Fraction(6), Fraction(4))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("- {exercise: square, comment: x}", "3:3: decides for nobody; say student, or exercise and mistake"),
        (f"- {{mistake: {FORGOT}, comment: x}}", "3:3: names a mistake; say in which exercise"),
        (f"- {{student: ada, exercise: square, mistake: {FORGOT}, comment: x}}", "3:3: names a student and a mistake"),
        (f"- {{exercise: square, mistake: {FORGOT}, extension: 2d}}", "3:3: what is decided about a mistake is points"),
        (f"- {{exercise: square, mistake: '{rows.NO_NAME}', points: 1}}", "3:3: .* is many mistakes; name one of them"),
    ],
)
def test_what_cannot_be_decided_so_is_refused_where_it_stands(written: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(FormError, match=said):
        marked(f"{written}\n", tmp_path)


def test_who_made_no_mistake_is_given_nothing_by_a_name_left_over(tmp_path: Path) -> None:
    advised = row("ada", FORGOT)
    right = ClassRow(**{**{f: getattr(advised, f) for f in advised.__struct_fields__}, "verdicts": ("accepted",) * 2})
    found, _ = marked(ALL, tmp_path, (right,))
    assert found["ada"].comments == ()


def test_overrides_hold_what_they_held() -> None:
    assert Override("ada", "square", Fraction(1), "").of == ""
