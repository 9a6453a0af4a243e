"""Rosters, matching, decisions by hand and marks: nobody is dropped in silence, and no id changes."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import pytest

from grader.assignment.late import Policy
from grader.course import matching, overrides, roster, standings, tables
from grader.course.matching import Class
from grader.course.overrides import Override
from grader.course.standings import Standing
from grader.errors import UsageError
from grader.reports.rows import ClassRow
from grader.submissions.people import Handed, Person

ADA = Person(name="Ada Example", sid="00012345", email="ada@example.edu", login="ada", canvas="1234")
BO = Person(name="Bo Ø. O'Neil", sid="0755", email="bo@example.edu", login="bo", canvas="77")
CY = Person(name="Cy Partner", email="cy@example.edu", login="cy", canvas="78")

GRADEBOOK = '''\
Student,ID,SIS User ID,SIS Login ID,Section,HW1: Autodiff (157892),Final Score
    Points Possible,,,,,20.00,(read only)
"Example, Ada",1234,00012345,ada,CS 101 - 01,,
"O'Neil, Bo",77,0755,bo,"CS 101 - 01 and CS 101 - 02",EX,
"=""Sum, Sy""",80,="0042",sy,CS 101 - 01,N/A,
"Student, Test",99,,,CS 101 - 01,,
'''
SCORES = """\
First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,Lateness (H:M:S)
Ada,Example,00012345,ada@example.edu,,17.5,20.0,Graded,100000001,2026-02-01 18:52:07 -0800,00:00:00
Bo,O'Neil,0755,bo@example.edu,,20.0,20.0,Graded,100000002,2026-02-02 20:04:59 -0800,225:07:02
Cy,Partner,,cy@example.edu,,,20.0,Missing
"""


def people_in(text: str, **how: str) -> tuple[Person, ...]:
    return roster.of(tables.parse(text.encode(**how), "roster.csv"), "roster.csv")  # type: ignore[arg-type]


# --- rosters -------------------------------------------------------------------------------------------------------


def test_a_canvas_gradebook_is_a_roster_without_its_rows_of_nobody() -> None:
    ada, bo, sy = people_in(GRADEBOOK)
    assert (ada.canvas, ada.sid, ada.login, ada.name) == ("1234", "00012345", "ada", "Example, Ada")
    assert (bo.sid, bo.section) == ("0755", "CS 101 - 01 and CS 101 - 02")
    assert (sy.name, sy.sid) == ("Sum, Sy", "0042")


def test_gradescopes_scores_are_a_roster_short_rows_and_all() -> None:
    ada, bo, cy = people_in(SCORES)
    assert (ada.name, ada.sid) == ("Ada Example", "00012345")
    assert (bo.sid, bo.email) == ("0755", "bo@example.edu")
    assert (cy.sid, cy.email) == ("", "cy@example.edu")


def test_anyone_elses_id_is_the_institutions() -> None:
    (one,) = people_in("Name,ID,Email\nAda,0012,ada@example.edu\n")
    assert (one.sid, one.canvas) == ("0012", "")


@pytest.mark.parametrize("how", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_roster_is_read_as_any_spreadsheet_saves_it(how: str, delimiter: str) -> None:
    text = f"Name{delimiter}SID{delimiter}Email\r\nJosé Ñ{delimiter}007{delimiter}jose@example.edu\r\n"
    assert people_in(text, encoding=how) == (Person(name="José Ñ", sid="007", email="jose@example.edu"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Name,Group\nAda,1\n", "has no column with an id"),
        ("", "is empty"),
        ("PK\x03\x04\0\0", "is not a CSV file"),
        ("SID,SID\n1,2\n", "has two columns 'SID'"),
    ],
)
def test_what_is_no_roster_is_refused_with_a_word_on_why(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        people_in(text)


@pytest.mark.parametrize("rows", ["", ",,A\n", ",,\n", " , ,\n,,B\n"])
def test_a_roster_that_names_nobody_is_refused(rows: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(f"Name,SID,Section\n{rows}")
    with pytest.raises(UsageError, match=r"roster.csv: names nobody; a roster has a line for everyone"):
        roster.read(path)


def test_rows_of_nobody_are_told_by_their_lines() -> None:
    table = tables.parse(b"Name,SID,Section\nAda,1,A\n,,B\nBo,,A\n\n, ,C\n", "roster.csv")
    assert roster.dropped(table, "roster.csv") == "roster.csv: lines 3, 6 have no id and no name, so nobody is meant"
    gradebook = GRADEBOOK.replace("    Points", ",,,,,Manual Posting,\n    Points")
    assert roster.dropped(tables.parse(gradebook.encode(), "gradebook.csv"), "gradebook.csv") == ""


def test_an_id_that_two_people_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("Name,SID\nAda,7\nBo,7\n")
    with pytest.raises(UsageError, match="two people have the sid '7'"):
        roster.read(path)
    path.write_text("Name,SID\nAda,7\nBo,07\n")
    assert len(roster.read(path)) == 2  # 07 is not 7


# --- who is who ----------------------------------------------------------------------------------------------------


def test_a_folder_is_matched_by_whichever_id_names_it() -> None:
    handed = [Handed("00012345"), Handed("bo"), Handed("cy@example.edu"), Handed("12345")]
    found = matching.matched([ADA, BO, CY], handed, "latest", {})
    assert [entry.counts and entry.counts.submission for entry in found.entries] == ["00012345", "bo", "cy@example.edu"]
    assert found.unmatched == (handed[3],)  # an id without its zeros is another id


ANN, MALLORY = Person("Ann Lee", "0755", "ann@x.edu"), Person("Mallory", "0755", "mallory@x.edu")
EARLY, LATE = "2026-02-01T10:00:00+00:00", "2026-02-02T10:00:00+00:00"


@pytest.mark.parametrize("where", [1, -1])
@pytest.mark.parametrize(
    ("roster", "other", "why"),
    [
        ([ANN], MALLORY, "has the sid of Ann Lee (0755), and another email"),
        (
            [ANN, Person("Mallory", "0900", "mallory@x.edu")],
            MALLORY,
            "could be Ann Lee (0755) or Mallory (0900)",
        ),
        ([ANN], Person("Mallory", "0900", "ann@x.edu"), "has the email of Ann Lee (0755), and another sid"),
        ([ANN], Person("Ann Lee", "0900", "ann@x.edu"), "has the email of Ann Lee (0755), and another sid"),
        (
            [Person("Ann Lee", "0755", "ann@x.edu", canvas="1")],
            Person("", "0755", canvas="2"),
            "has the sid of Ann Lee (0755), and another canvas",
        ),
    ],
)
def test_whose_ids_lead_to_two_people_gets_nobodys_mark(
    roster: list[Person], other: Person, why: str, where: int
) -> None:
    handed = [Handed("a", (ANN,), EARLY), Handed("m", (other,), LATE)][::where]
    found = matching.matched(roster, handed, "latest", {})
    assert found.entries[0].counts is not None and found.entries[0].counts.submission == "a"
    assert [one.submission for one in found.unmatched] == ["m"] and found.why == {"m": why}


def test_another_address_of_one_name_and_number_is_no_other_person() -> None:
    for name in ("Ann Lee", "lee, ann", "Ann Q. Lee"):
        one = Handed("a", (Person(name, "0755", "ann@elsewhere.org"),))
        assert matching.matched([ANN], [one], "latest", {}).entries[0].counts == one


@pytest.mark.parametrize("where", [1, -1])
def test_without_a_roster_one_number_and_two_addresses_are_two_people(where: int) -> None:
    handed = [Handed("a", (ANN,), EARLY), Handed("m", (MALLORY,), LATE), Handed("a2", (ANN,), LATE)][::where]
    found = matching.matched([], handed, "latest", {})
    who = {one.person.email: one.counts and one.counts.submission for one in found.entries}
    assert who == {"ann@x.edu": "a2", "mallory@x.edu": "m"}
    assert {one.person.email: one.others for one in found.entries} == {
        "ann@x.edu": (MALLORY,),
        "mallory@x.edu": (ANN,),
    }
    (ann,) = [one for one in standings.standings(found, {}, (), Fraction(1), Policy()) if one.person == ANN]
    assert ann.concerns[-1] == (
        "shares an id with Mallory 0755 mallory@x.edu, whose other ids differ, so they count as two people"
    )


def test_without_a_roster_any_shared_id_makes_one_student() -> None:
    people = [Person("Ann", "0755"), Person("Ann", email="ann@x.edu"), Person("Ann", "0755", "ANN@x.edu")]
    for order in itertools.permutations(people):
        handed = [Handed(str(i), (one,), f"2026-02-0{i + 1}") for i, one in enumerate(order)]
        (entry,) = matching.matched([], handed, "latest", {}).entries
        assert (entry.handed, entry.counts, entry.others) == (tuple(handed), handed[2], ())
        assert (entry.person.sid, entry.person.email.casefold()) == ("0755", "ann@x.edu")


def test_whose_it_is_of_two_at_odds_is_not_guessed_whatever_the_order() -> None:
    people = [ANN, MALLORY, Person("Ann Lee", "0755")]
    for order in itertools.permutations(people):
        found = matching.matched([], [Handed(str(i), (one,)) for i, one in enumerate(order)], "latest", {})
        assert [one.person for one in found.entries] == list(order)
        assert [len(one.others) for one in found.entries] == [2, 2, 2]


X, Y = Person("Xi", "5001", canvas="1003"), Person("Yu", "1003", "yu@example.edu")


@pytest.mark.parametrize("roster", [[X, Y], [Y, X]])
@pytest.mark.parametrize("name", ["1003", "1003 (1)"])
def test_a_folder_that_two_people_may_be_called_is_nobodys(roster: list[Person], name: str) -> None:
    found = matching.matched(roster, [Handed(name), Handed("5001"), Handed("yu@example.edu")], "latest", {})
    assert [entry.counts and entry.counts.submission for entry in found.entries] == (
        ["5001", "yu@example.edu"] if roster[0] is X else ["yu@example.edu", "5001"]
    )
    assert [one.submission for one in found.unmatched] == [name]
    assert found.why[name] == "could be Xi (5001) or Yu (1003)"  # by the kind of id, whatever the order


def test_everyone_of_a_group_gets_what_the_group_handed_in() -> None:
    both = Handed("s1", (BO, CY))
    found = matching.matched([ADA, BO, CY], [both], "latest", {})
    assert [entry.counts for entry in found.entries] == [None, both, both]


def test_a_stranger_in_a_group_is_listed_and_the_others_are_matched() -> None:
    both = Handed("s1", (BO, Person(name="Who", sid="999")))
    found = matching.matched([BO], [both], "latest", {})
    assert found.entries[0].counts == both
    assert found.unmatched == (both,)


def test_a_name_that_two_people_have_leads_to_neither() -> None:
    twins = [Person(name="Sam Lee", sid="1"), Person(name="Sam Lee", sid="2")]
    one = Handed("s1", (Person(name="Sam Lee"),))
    assert matching.matched(twins, [one], "latest", {}).unmatched == (one,)


@pytest.mark.parametrize(("rule", "counts"), [("latest", "second"), ("best", "first")])
def test_of_several_submissions_one_counts_by_the_rule(rule: str, counts: str) -> None:
    handed = [
        Handed("first", (ADA,), at="2026-02-01T10:00:00+00:00", attempt=1),
        Handed("second", (ADA,), at="2026-02-02T10:00:00+00:00", attempt=2),
    ]
    (entry,) = matching.matched([ADA], handed, rule, {"first": 9.0, "second": 3.0}).entries
    assert entry.counts
    assert entry.counts.submission == counts
    assert entry.handed == tuple(handed)


# --- decisions by hand ---------------------------------------------------------------------------------------------


def test_decisions_are_read_and_every_mistake_in_them_is_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "overrides.yaml"
    path.write_text(
        "format: 1\noverrides:\n"
        "  - {student: '0755', exercise: square, points: 2.5, comment: regraded}\n"
        "  - {student: ada, extension: 2d}\n"
        "  - {student: cy@example.edu, excuse: true}\n"
        "  - {student: di, late: 1d 2h}\n"
    )
    assert overrides.read(path, ["square"]) == (
        Override("0755", "square", Fraction(5, 2), "regraded", at=(3, 5), points_at=(3, 49)),
        Override("ada", "", None, "", extension=172_800, at=(4, 5)),
        Override("cy@example.edu", "", None, "", excuse=True, at=(5, 5)),
        Override("di", "", None, "", late=93_600, at=(6, 5)),
    )
    path.write_text(
        "format: 1\noverrides:\n"
        "  - {student: a, exercise: sqare, points: 1}\n"
        "  - {student: b, points: -1}\n"
        "  - {student: c, extension: tomorrow}\n"
        "  - {student: d}\n"
        "  - {student: e, late: 26}\n"
        "  - {student: f, exercise: square, late: 26h}\n"
        "  - {student: g, points: 1, excuse: true}\n"
        "  - {student: h, bonus: true, comment: well done}\n"
    )
    with pytest.raises(UsageError) as error:
        overrides.read(path, ["square"])
    assert str(error.value).splitlines() == [
        "overrides.yaml:3:5: no exercise has the id 'sqare'; did you mean 'square'?",
        "overrides.yaml:4:5: points should not be negative",
        "overrides.yaml:5:5: extension should be a time like 48h or 2d, not 'tomorrow'",
        "overrides.yaml:6:5: decides nothing; say points, comment, extension, late or excuse",
        "overrides.yaml:7:5: late should be a time like 26h or 1d 2h, or 0m for in time, not '26'",
        "overrides.yaml:8:5: an extension, a lateness or an excuse is for the whole assignment; leave `exercise` out",
        "overrides.yaml:9:5: excuses the student and sets points; leave one of them out",
        "overrides.yaml:10:5: bonus says that points may be more than there are; say points as well",
    ]


# --- marks ---------------------------------------------------------------------------------------------------------

EXERCISES = ("log", "square")
NO_POLICY = Policy()
TEN_PERCENT_A_DAY = Policy(percent=Fraction(10), per="day")


def row(log: int | None, square: int, status: str = "graded") -> ClassRow:
    earned = tuple(None if one is None else Fraction(one) for one in (log, square))
    return ClassRow(
        "s1", Fraction(sum(one or 0 for one in earned)), Fraction(10), status, earned, "✓✓", (False, False), ""
    )


def mark(handed: Handed | None, graded: ClassRow | None, *decided: Override, policy: Policy = NO_POLICY) -> Standing:
    found: Class = matching.matched([BO], [handed] if handed else [], "latest", {})
    rows = {"s1": graded} if graded else {}
    (one,) = standings.standings(found, rows, EXERCISES, Fraction(10), policy, decided)
    return one


IN_TIME = Handed("s1", (BO,), late=0)
TWO_DAYS_LATE = Handed("s1", (BO,), late=2 * 86400)


def test_a_mark_is_the_points_less_what_lateness_takes() -> None:
    one = mark(TWO_DAYS_LATE, row(4, 5), policy=TEN_PERCENT_A_DAY)
    assert (one.automatic, one.taken, one.final) == (9, 2, 7)
    assert "2 days late" in one.late
    assert mark(IN_TIME, row(4, 5), policy=TEN_PERCENT_A_DAY).final == 9


def test_an_extension_moves_the_due_date() -> None:
    one = mark(TWO_DAYS_LATE, row(4, 5), Override("bo", "", None, "ill", 86400, False), policy=TEN_PERCENT_A_DAY)
    assert (one.taken, one.final, one.comments) == (1, 8, ("ill",))


def test_points_by_hand_stand_beside_the_automatic_ones() -> None:
    one = mark(TWO_DAYS_LATE, row(0, 5), Override("0755", "log", Fraction(5), "", 0, False), policy=TEN_PERCENT_A_DAY)
    assert one.parts[0].automatic == 0
    assert one.parts[0].counts == 5
    assert (one.automatic, one.final) == (5, 8)


def test_a_mark_by_hand_is_final_and_a_zero_is_one() -> None:
    for points in (Fraction(6), Fraction(0)):
        one = mark(TWO_DAYS_LATE, row(4, 5), Override("bo", "", points, "", 0, False), policy=TEN_PERCENT_A_DAY)
        assert (one.automatic, one.taken, one.final, one.status) == (9, 0, points, "graded")


def test_what_is_withheld_has_no_mark_until_someone_decides() -> None:
    withheld = row(None, 5, "withheld")
    assert (mark(IN_TIME, withheld).status, mark(IN_TIME, withheld).final) == ("withheld", None)
    one = mark(IN_TIME, withheld, Override("bo", "log", Fraction(3), "", 0, False))
    assert (one.status, one.automatic, one.final) == ("graded", None, 8)


def test_who_handed_in_nothing_is_missing_and_has_no_zero_by_accident() -> None:
    assert (mark(None, None).status, mark(None, None).final) == ("missing", None)
    assert mark(None, None, Override("bo", "", Fraction(0), "", 0, False)).final == 0
    assert mark(Handed("s2", (BO,)), None).status == "not graded"


def test_an_excuse_leaves_the_student_out_whatever_was_earned() -> None:
    one = mark(IN_TIME, row(4, 5), Override("77", "", None, "", 0, True))
    assert (one.status, one.final, one.automatic) == ("excused", None, 9)


def test_lateness_that_nobody_can_count_is_a_concern_and_takes_nothing() -> None:
    one = mark(Handed("s1", (BO,), marked_late=True), row(4, 5), policy=TEN_PERCENT_A_DAY)
    assert one.final == 9
    assert one.concerns == ("late, and the platform does not say by how much: nothing was taken off",)
    assert one.late_unknown == one.concerns[0]
    excused = mark(Handed("s1", (BO,), marked_late=True), row(4, 5), Override("bo", "", None, "", 0, True))
    assert (excused.concerns, excused.late_unknown) == ((), "")


def test_a_list_of_ones_own_may_head_a_column_as_canvas_does() -> None:
    (one,) = people_in("Student,ID,Section,HW1 (10)\nAda,0012,A,\n")
    assert (one.sid, one.canvas) == ("0012", "")


def test_the_rows_that_are_nobodys_are_nobodys_in_every_dialect_of_canvas() -> None:
    text = "LastName,FirstName,ID,Section,HW1 (157892)\nManual Posting,,,,\n    Points Possible,,,,35.00\n"
    assert people_in(text + "Student,Test,1999,A,\nExample,Ada,1001,A,\n") == (
        Person(name="Ada Example", canvas="1001", section="A"),
    )
