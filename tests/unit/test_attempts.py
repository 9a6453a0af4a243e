"""Several submissions of one student: they stay that student's, one of them counts, and nobody guesses which."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from grader.assignment.late import Policy
from grader.course import finding, matching, standings
from grader.course.standings import Standing
from grader.errors import UsageError
from grader.platforms import intake
from grader.reports.rows import ClassRow
from grader.submissions import choices
from grader.submissions.homes import Layout
from grader.submissions.people import Handed, Person
from tests import invented

LAYOUT = Layout("minitorch", ("lecture8",), ("lecture8",))
ANN, BO = Person("Ann Lee", "s1", "ann@e.edu", section="A"), Person("O'Neil, Bo", "0756", "bo@e.edu")


def three_of(folder: Path, name: str) -> list[Handed]:
    """Hand in a folder, a zip and a file of one name, and return what is known of them."""
    (folder / name).mkdir(parents=True)
    (folder / name / "lecture8.py").write_text("x = 1\n")
    (folder / f"{name}.zip").write_bytes(invented.zipped({"lecture8.py": b"x = 2\n"}))
    (folder / f"{name}.py").write_text("x = 3\n")
    (folder / "other.py").write_text("x = 3\n")
    found = intake.opened(folder, LAYOUT)
    return [found.handed(i) for i in range(len(found))]


def marked(handed: list[Handed], roster: tuple[Person, ...], rule: str, totals: Mapping[str, int]) -> list[Standing]:
    rows = {
        one.submission: ClassRow(
            one.submission,
            total := Fraction(totals.get(one.submission, 0)),
            Fraction(9),
            "graded",
            (total,),
            "½",
            (),
            "",
        )
        for one in handed
    }
    found = matching.matched(roster, handed, rule, {name: float(row.total) for name, row in rows.items()})
    return standings.standings(found, rows, ("a",), Fraction(9), Policy())


@pytest.mark.parametrize("roster", [(), (ANN,)], ids=["without a roster", "with one"])
@pytest.mark.parametrize("name", ["s1", "s1 (copy of a name)"])
def test_several_submissions_of_a_name_stay_one_students(roster: tuple[Person, ...], name: str, tmp_path: Path) -> None:
    if roster:
        roster = (Person("Ann Lee", name),)
    handed = three_of(tmp_path, name)
    found = [one for one in marked(handed, roster, "latest", {}) if one.person.sid != "other"]
    (ann,) = found
    assert (ann.status, ann.final, ann.submission) == ("withheld", None, "")
    mine = [one.submission for one in handed if one.submission != "other"]
    assert ann.concerns == (
        f"3 submissions ({', '.join(mine)}), and nothing says which is the latest: keep one, set `attempts` to best, "
        "or decide the points",
    )
    found = marked(handed, roster, "best", {mine[1]: 7, mine[2]: 3})
    (ann,) = [one for one in found if one.person.sid != "other"]
    assert (ann.status, ann.final, ann.submission) == ("graded", 7, mine[1])


COPIES = ["s1 (1)", "s1(1)", "s1 (2)", "Copy of s1", "Kopie von s1", "s1 - Kopie", "s1_copy", "s1 copy 2", "s1 (copy)"]
NO_COPIES = ["s1-1", "s1-2", "s1_2", "s1 3", "s1-12", "s1 2"]


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_a_name_on_the_roster_is_its_students(copy: str, tmp_path: Path) -> None:
    for name in ("s1", copy):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lecture8.py").write_text("x = 1\n")
    found = intake.opened(tmp_path, LAYOUT)
    handed = [found.handed(i) for i in range(2)]
    class_ = matching.matched((ANN, BO), handed, "best", {})
    assert class_.unmatched == ()
    assert len(class_.entries[0].handed) == 2
    own = Person("Other", copy)
    class_ = matching.matched((ANN, own), handed, "best", {})  # whose id it is, it is theirs
    assert [len(one.handed) for one in class_.entries] == [1, 1]


@pytest.mark.parametrize("name", NO_COPIES)
def test_what_may_be_another_persons_name_is_no_copy_but_is_hinted_at(name: str) -> None:
    one = Handed("x", called=name)
    found = matching.matched((ANN, BO), [one], "latest", {})
    assert found.unmatched == (one,)
    assert found.why == {one.submission: "looks like a copy of 's1'"}
    assert choices.copied(name.replace("s1", "lecture8")) == "lecture8"  # a file's name is still a copy's


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("order", [1, -1])
def test_a_copy_is_the_equal_of_what_it_is_a_copy_of(copy: str, order: int) -> None:
    handed = [Handed("s1"), Handed("copy", called=copy)][::order]
    (ann, _) = marked(handed, (ANN, BO), "latest", {"s1": 3, "copy": 7})
    assert (ann.status, ann.final) == ("withheld", None)
    (ann, _) = marked(handed, (ANN, BO), "best", {"s1": 3, "copy": 7})
    assert (ann.submission, ann.final) == ("copy", 7)
    assert f"what counts is called {copy!r}, a copy of 's1'" in ann.concerns
    (ann, _) = marked(handed, (ANN, BO), "best", {"s1": 8, "copy": 7})
    assert (ann.submission, ann.final) == ("s1", 8)
    assert not any("a copy of" in one for one in ann.concerns)


def test_a_copy_of_a_name_in_another_case_is_no_equal_of_the_exact_one() -> None:
    roster = (Person("Ann Lee", login="s1"),)
    (ann,) = marked([Handed("s1"), Handed("S1 (1)")], roster, "best", {"s1": 3, "S1 (1)": 7})
    assert (ann.submission, ann.final) == ("s1", 3)
    (ann,) = marked([Handed("S1 (1)")], roster, "latest", {"S1 (1)": 7})
    assert ann.concerns == ("what counts is called 'S1 (1)', a copy of 'S1'",)


def test_attempts_of_one_number_are_one_student_without_a_roster_too() -> None:
    person = Person("Ann Lee", "0755", "ann@e.edu")
    early = Handed("0755", (person,), "2026-02-01T10:00:00+00:00", source="gradescope", number="1")
    late = Handed("0755~abc", (person, BO), "2026-02-02T10:00:00+00:00", source="gradescope", number="2")
    for handed in ([early, late], [late, early]):
        entries = {one.person.sid: one for one in matching.matched((), handed, "latest", {}).entries}
        assert {sid: one.counts for sid, one in entries.items()} == {"0755": late, "0756": late}
        assert len(entries["0755"].handed) == 2


def test_names_that_only_look_alike_stay_two_students(tmp_path: Path) -> None:
    for name in ("Alice", "alice"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lecture8.py").write_text("x = 1\n")
    found = intake.opened(tmp_path, LAYOUT)
    entries = matching.matched((), [found.handed(i) for i in range(2)], "latest", {}).entries
    assert [one.counts is not None for one in entries] == [True, True]


HANDED = [Handed("s1", called="s1"), Handed("s1~ab", called="s1"), Handed("bo_12", (Person("Bo O'Neil", moodle="12"),))]


@pytest.mark.parametrize("text", ["bo@e.edu", "BO@E.EDU", "0756", "O'Neil, Bo", "bo  o'neil", "bo_12"])
def test_a_student_is_found_by_id_name_or_address(text: str) -> None:
    roster = (ANN, BO)
    handed = [*HANDED[:2], Handed("bo_12", (BO,))]
    assert [one.submission for one in finding.submissions_of(text, handed, roster, "here")] == ["bo_12"]


def test_everything_of_a_student_is_found_and_a_slip_gets_a_hint() -> None:
    assert len(finding.submissions_of("Ann Lee", HANDED, (ANN, BO), "here")) == 2
    assert len(finding.submissions_of("bo o'neil", HANDED, (), "here")) == 1
    with pytest.raises(UsageError, match=r"nobody in here is called 'an@e.edu'; did you mean 'ann@e.edu'"):
        finding.submissions_of("an@e.edu", HANDED, (ANN, BO), "here")
    with pytest.raises(UsageError, match=r"'Ann Lee' is the name of .*; say whose, by id"):
        finding.submissions_of("Ann Lee", HANDED, (ANN, Person("ann lee", "9")), "here")
    with pytest.raises(UsageError, match="handed in nothing"):
        finding.submissions_of("bo@e.edu", HANDED[:2], (ANN, BO), "here")


def test_a_copy_is_told_where_no_roster_says_whose_it_is(tmp_path: Path) -> None:
    for name in ("s1.py", "s1 (1).py", "s2.py", "s2-1.py", "s3-1.py"):
        (tmp_path / name).write_text("x = 1\n")
    assert intake.opened(tmp_path, LAYOUT).concerns == (
        "'s1 (1)' looks like a copy of 's1', and 1 more like it; without a roster, each is a student of its own",
    )
    assert intake.opened(tmp_path, LAYOUT, rostered=lambda: ("s1", "s2")).concerns == ()


def test_a_folder_named_like_one_person_is_told_whose_name_it_is() -> None:
    people = [Person(sid="0004", name="Ångström, Zoë"), Person(sid="5", name="Bo Li"), Person(sid="6", name="Bo Li")]
    handed = [Handed(name) for name in ("zoë_Ångström", "Bo Li", "Cy")]
    found = matching.matched(people, handed, "latest", {})
    assert [one.submission for one in found.unmatched] == ["zoë_Ångström", "Bo Li", "Cy"]
    assert found.why == {"zoë_Ångström": "is named like Ångström, Zoë (0004); name it by an id of theirs"}
