"""What students are given says what the marks say, no more than they may read, and goes back when a decision does."""

from __future__ import annotations

import csv
import zipfile
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from grader import cli
from grader.batch import pages, rendering
from grader.model import CheckResult, Outcome, Result
from grader.reports import audience, files, marked, stored
from grader.reports.marked import Told
from tests.platforms.laid_out import EXERCISE, course, result

ROSTER = "SID,Name,Email,Lateness\n0001,Ann,ann@e.edu,0:00:00\n0002,Bo,bo@e.edu,25:00:00\n"
LOST = Outcome("wrong answer", "the gradient is wrong")


def with_hidden(one: Result, earned: int) -> Result:
    """Give a result a hidden check of two points."""
    exercise = one.exercises[0]
    check = CheckResult("secret", Fraction(earned), Fraction(2), "hidden", Outcome("accepted") if earned else LOST)
    exercise = msgspec.structs.replace(
        exercise,
        checks=(*exercise.checks, check),
        earned=exercise.earned + earned,
        possible=exercise.possible + 2,
    )
    return msgspec.structs.replace(one, exercises=(exercise,), earned=exercise.earned, possible=exercise.possible)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lay_out(home: Path, results: list[Result], overrides: str = "", percent: int = 0, roster: str = ROSTER) -> None:
    """Lay out a course with the feedback and pages that grading writes."""
    course(home, results, overrides, roster)
    config = (home / "config.yaml").read_text()
    assert "  percent: 0" in config
    (home / "config.yaml").write_text(config.replace("  percent: 0", f"  percent: {percent}"))
    for one in results:
        made = rendering.rendered(one, html=True)
        files.write(home / "reports" / "feedback" / f"{one.submission}.md", made.feedback)
        files.write(pages.path_of(home / "reports", one.submission), made.page)


def given(home: Path, name: str = "0001", ending: str = "md") -> str:
    return (home / "reports" / "feedback" / f"{name}.{ending}").read_text("utf-8")


def decide(home: Path, *lines: str) -> None:
    (home / "overrides.yaml").write_text("format: 1\noverrides:\n" + "".join(f"  - {{{one}}}\n" for one in lines))


def test_a_students_files_say_the_mark_until_the_decision_is_gone(home: Path) -> None:
    lay_out(home, [result("0001", 3), result("0002", 4)], percent=10)
    before = {path: path.read_bytes() for path in (home / "reports" / "feedback").iterdir()}
    decide(home, f'student: ann@e.edu, exercise: {EXERCISE}, points: "3,5", comment: "your *argument* is <right>"')
    assert cli.main(["marks"]) == 0
    text, page = given(home), given(home, ending="html")
    assert text.startswith(
        "# 0001: 3 of 4 points\n\n**Mark: 3.5 of 4 points**\n\n"
        "- TimesFive, forward: 3.5 points, set by hand; grading gave 3.\n"
        "- your \\*argument\\* is &lt;right>\n\n---\n"
    )
    assert '<h2 id="mark">Mark: 3.5 of 4 points</h2>' in page and "your *argument* is &lt;right&gt;" in page
    late = (
        "Handed in 1 day 1 hour late: 2 started days, at 10 % each. "
        "20 % of the possible points (0.8 of 4) are taken off."
    )
    assert f"**Mark: 3.2 of 4 points**\n\n- {late}\n" in given(home, "0002")
    assert f"<li>{late}</li>" in given(home, "0002", "html")
    stamps = {path: path.stat().st_mtime_ns for path in before}
    assert cli.main(["marks"]) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == stamps  # only what changes is written
    decide(home, 'student: "0002", late: 0m')
    assert cli.main(["marks"]) == 0
    assert {path: path.read_bytes() for path in before} == before


def test_a_mark_that_says_what_grading_says_changes_no_file(home: Path) -> None:
    lay_out(home, [result("0001", 3)], percent=10)
    before = given(home)
    assert cli.main(["marks"]) == 0
    assert given(home) == before


@pytest.mark.parametrize("hidden", [0, 2])
def test_what_hidden_checks_earned_is_not_told_before_publication(home: Path, hidden: int) -> None:
    lay_out(home, [with_hidden(result("0002", 3), hidden)], percent=10)
    decide(home, 'student: "0002", comment: well tried')
    assert cli.main(["marks"]) == 0
    told = given(home, "0002")
    assert told.startswith(
        "# 0002: 3 of 4 points\n\n**Mark: not told here, because some checks are not shown**\n\n"
        "- Handed in 1 day 1 hour late: 2 started days, at 10 % each. "
        "20 % of the possible points (1.2 of 6) are taken off.\n- well tried\n"
    )
    assert "of 6 points" not in told and "of 6 points" not in given(home, "0002", "html")
    decide(home, f'student: "0002", exercise: {EXERCISE}, points: 5')
    assert cli.main(["marks"]) == 0
    assert "- TimesFive, forward: 5 points, set by hand.\n" in given(home, "0002")
    assert "grading gave" not in given(home, "0002") + given(home, "0002", "html")


def test_hidden_points_make_no_difference_to_what_is_told(home: Path) -> None:
    told = []
    for hidden in (0, 2):
        lay_out(home, [with_hidden(result("0002", 3), hidden)], percent=10)
        decide(home, 'student: "0002", extension: 2h')
        assert cli.main(["marks"]) == 0
        told.append(given(home, "0002") + given(home, "0002", "html"))
    assert told[0] == told[1]


def test_a_page_that_was_published_stays_so_and_may_say_the_mark(home: Path) -> None:
    one = with_hidden(result("0002", 3), 0)
    lay_out(home, [one], percent=10)
    pages.write(home / "reports", one, published=True)
    assert cli.main(["marks"]) == 0
    page = given(home, "0002", "html")
    assert "secret" in page and "Mark: 1.8 of 6 points" in page
    assert "secret" not in given(home, "0002") and "of 6 points*" not in given(home, "0002")


def test_a_mark_decided_as_a_whole_and_an_excuse_are_told(home: Path) -> None:
    lay_out(home, [with_hidden(result("0001", 3), 2), result("0002", 4)])
    decide(home, 'student: "0001", points: 2', 'student: "0002", excuse: true, comment: get well')
    assert cli.main(["marks"]) == 0
    assert "**Mark: 2 of 6 points**\n\n- Your course decided this mark by hand.\n" in given(home)
    assert "**Mark: excused**\n\n- You are excused: this assignment does not count for you.\n- get well\n" in given(
        home, "0002"
    )


def test_what_is_withheld_is_told_no_mark(home: Path) -> None:
    lay_out(home, [result("0001", 3, withheld=True)])
    decide(home, 'student: "0001", comment: "we look\\n into it"')
    assert cli.main(["marks"]) == 0
    assert "**Mark: not given yet**\n\n- we look  \n  \u00a0into it\n\n---\n" in given(home)


def test_members_of_a_group_are_told_of_no_others_mark(home: Path) -> None:
    lay_out(home, [result("pair", 3)])
    (home / "reports" / "handed_in.jsonl").write_text(
        '{"submission":"pair","people":[{"sid":"0001"},{"sid":"0002"}],"late":0}\n'
    )
    decide(home, 'student: "0001", comment: private')
    assert cli.main(["marks"]) == 0
    assert "**Mark: each member of this group has their own" in given(home, "pair")
    assert "private" not in given(home, "pair") + given(home, "pair", "html")
    (home / "sheet.csv").write_text(
        "Identifier,Full name,ID number,Grade\nParticipant 7,Ann,0001,\nParticipant 8,Bo,0002,\n"
    )
    assert cli.main(["export", "moodle", "sheet.csv", "--feedback", "f.zip"]) == 0
    with zipfile.ZipFile("f.zip") as archive:
        told = {name.partition("_")[0]: archive.read(name).decode() for name in archive.namelist()}
    assert "- private\n" in told["Ann"] and "Mark:" not in told["Bo"]


def test_moodles_zip_carries_what_the_mark_says(home: Path) -> None:
    lay_out(home, [with_hidden(result("0002", 3), 0)], percent=10)
    (home / "sheet.csv").write_text("Identifier,Full name,ID number,Grade\nParticipant 8,Bo,0002,\n")
    for more, said in (
        (["-o", "a.csv"], "not told here, because some checks are not shown"),
        (["--published", "-o", "b.csv"], "1.8 of 6 points"),
    ):
        assert cli.main(["export", "moodle", "sheet.csv", "--feedback", "f.zip", *more]) == 0
        with zipfile.ZipFile("f.zip") as archive:
            (name,) = archive.namelist()
            assert f"**Mark: {said}**" in archive.read(name).decode()


def test_nothing_that_a_student_wrote_passes_for_a_mark() -> None:
    forged = "# u1: 0 of 4 points\n\nNote: x.\n\n**Mark: 4 of 4 points**\n\n---\n"
    assert marked.in_markdown(forged, None) == forged
    told = Told("1 of 4 points", ("a", "b"))
    assert marked.in_markdown(marked.in_markdown(forged, told), None) == forged
    assert marked.in_markdown("no heading\n", told) == "no heading\n"
    evil = stored.decode(stored.encode(msgspec.structs.replace(result("u1", 4), notes=(marked.MAIN + marked.OPENING,))))
    text = rendering.page_of(audience.for_student(evil)).decode()
    assert text.count(marked.MAIN) == 1
    assert marked.in_page(marked.in_page(text, told), None) == text
    assert "<script>alert" not in marked.in_page(text, Told("<script>alert(1)</script>", ("<script>alert(2)",)))


def test_pages_written_anew_say_that_the_marks_are_gone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0002", 3)], percent=10)
    assert cli.main(["pages"]) == 0
    assert "grader marks" not in capsys.readouterr().out
    assert cli.main(["marks"]) == 0
    assert "the marks are now in what students are given" in capsys.readouterr().out
    assert cli.main(["pages"]) == 0
    assert "no marks are on these pages; `grader marks` puts them there again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("decided.yaml", "course.overrides: decided.yaml: no such file"),
        ("2026/overrides.yaml", "course.overrides: 2026/overrides.yaml: no such file"),
        ("feedback", "course.overrides: feedback: is a folder"),
        ("overrides.yaml", ""),
        ('""', ""),
    ],
)
def test_decisions_that_the_config_names_are_missed(
    home: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(home, [result("0001", 3)])
    (home / "feedback").mkdir()
    config = (home / "config.yaml").read_text()
    (home / "config.yaml").write_text(config.replace("overrides: overrides.yaml", f"overrides: {name}"))
    assert cli.main(["marks"]) == (2 if said else 0)
    assert said in capsys.readouterr().err
    assert (home / "reports" / "marks.csv").exists() == (not said)


def test_a_folder_in_the_place_of_decisions_is_no_file_of_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0001", 3)])
    (home / "overrides.yaml").mkdir()
    for command in ("marks", "lint"):
        assert cli.main([command]) != 0
        told = capsys.readouterr()
        assert "course.overrides: overrides.yaml: is a folder" in told.out + told.err


def test_a_line_of_the_roster_without_anybody_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0001", 3)], roster="SID,Name,Section\n0001,Ann,A\n,,B\n")
    (home / "sheet.csv").write_text("SID,Score\n0001,\n")
    for command in (["marks"], ["export", "sheet", "sheet.csv"]):
        assert cli.main(command) == 0
        told = capsys.readouterr().err
        assert "warning: roster.csv: line 3 has no id and no name, so nobody is meant" in told


@pytest.mark.parametrize("roster", ["", ROSTER])
def test_a_decision_about_who_left_is_told_and_stops_nobody(
    home: Path, roster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(home, [result("0001", 3)], roster=roster)
    left = [result("u9", 3), msgspec.structs.replace(result("Zoe~1", 3), called="Zoe")]
    for one in left:
        files.write(stored.path_of(home / "reports" / "left", one.submission), stored.encode(one))
    decide(home, "student: U9, points: 40", "student: Zoe, points: 1", 'student: "0001", points: 2')
    assert cli.main(["marks"]) == 0
    told = capsys.readouterr().err
    said = "is no longer handed in, so this decides nothing; take it out, or hand the submission in again"
    assert f"warning: overrides.yaml:3:5: 'U9' {said}\n" in told
    assert f"warning: overrides.yaml:4:5: 'Zoe' {said}\n" in told
    assert ",2,4," in (home / "reports" / "marks.csv").read_text()
    decide(home, "student: u9, points: 1", "student: u8, points: 1")
    assert cli.main(["marks"]) == 2
    told = capsys.readouterr().err
    assert "overrides.yaml:4:5: nobody in the class is called 'u8'" in told and "3:5" not in told


def test_a_decision_about_nobody_says_who_the_class_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("ann", 3)], roster="")
    decide(home, "student: someone else, points: 1")
    assert cli.main(["marks"]) == 2
    assert capsys.readouterr().err == (
        "overrides.yaml:3:5: nobody in the class is called 'someone else'; "
        "without a roster, the class is everybody who handed in\n"
    )
    assert not (home / "reports" / "marks.csv").exists()


def test_a_folder_named_by_any_id_finds_its_line_in_exports(home: Path) -> None:
    lay_out(home, [result("ann@e.edu", 3), result("bo", 2)], roster="")
    (home / "sheet.csv").write_text("Email,Score\nann@e.edu,\n")
    assert cli.main(["export", "sheet", "sheet.csv"]) == 0
    assert (home / "filled.csv").read_text() == "Email,Score\nann@e.edu,3\n"
    (home / "book.csv").write_text("Student,ID,SIS Login ID,Section,HW (12)\nBo,7,bo,A,\n")
    assert cli.main(["export", "canvas", "book.csv", "--assignment", "12"]) == 0
    assert (home / "import.csv").read_text().splitlines()[1:] == ["Bo,7,bo,A,2.00"]


@pytest.mark.parametrize("name", ["marks.csv", "index.html", "feedback/0002.md"])
def test_marks_that_cannot_be_written_say_where(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0002", 3)], percent=10)
    (home / "reports" / name).unlink(missing_ok=True)
    (home / "reports" / name).mkdir()
    assert cli.main(["marks"]) == 2
    assert f"reports/{name.partition('/')[0]}: cannot be written: Is a directory" in capsys.readouterr().err


# --- lateness that nobody knows --------------------------------------------------------------------------------------


def concerns(home: Path) -> dict[str, str]:
    with (home / "reports" / "marks.csv").open(encoding="utf-8", newline="") as file:
        return {row["sid"]: row["for staff"] for row in csv.DictReader(file)}


CELLS = {
    "0001": ("31h", "roster.csv, line 2: the lateness '31h' cannot be read"),
    "0002": ("", "roster.csv, line 3: the lateness is blank"),
    "0003": ("1,292", "roster.csv, line 4: the lateness '1,292' cannot be read"),
}


def test_lateness_that_cannot_be_read_is_named_and_counted_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f'{sid},"{cell}"\n' for sid, (cell, _) in CELLS.items())
    lay_out(
        home,
        [result(sid, 3) for sid in ("0001", "0002", "0003", "0004")],
        percent=10,
        roster="SID,Lateness\n" + rows + "0004,2:00\n",
    )
    assert cli.main(["marks"]) == 0
    found = concerns(home)
    for sid, (_, said) in CELLS.items():
        assert found[sid] == f"lateness is not known ({said}): nothing was taken off"
    assert found["0004"] == ""
    counted = "warning: the lateness of 3 submissions is not known, so nothing was taken off: 0001, 0002, 0003;"
    assert counted in capsys.readouterr().err
    (home / "sheet.csv").write_text("SID,Score\n0001,\n")
    assert cli.main(["export", "sheet", "sheet.csv"]) == 0
    assert counted in capsys.readouterr().err


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        ("", "there is no roster with a column `Lateness`"),
        ("SID,Section\n" + "".join(f"{i:04},A\n" for i in range(1, 6)), "roster.csv has no column `Lateness`"),
    ],
)
def test_a_policy_without_any_lateness_is_told_in_one_line(
    home: Path, roster: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(home, [result(f"{i:04}", 3) for i in range(1, 6)], percent=10, roster=roster)
    assert cli.main(["marks"]) == 0
    told = capsys.readouterr()
    assert (
        "the lateness of 5 submissions is not known, so nothing was taken off: 0001, 0002, 0003 and 2 more" in told.err
    )
    assert "Lateness" not in told.out
    assert set(concerns(home).values()) == {f"lateness is not known ({said}): nothing was taken off"}
    config = (home / "config.yaml").read_text()
    (home / "config.yaml").write_text(config.replace("  percent: 10", "  percent: 0"))
    assert cli.main(["marks"]) == 0
    assert "not known" not in capsys.readouterr().err  # no policy, nothing to know


def test_lateness_by_hand_settles_what_is_not_known(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0001", 3), result("0002", 3)], percent=10, roster="SID,Lateness\n0001,?\n0002,?\n")
    decide(home, 'student: "0001", late: 1d 2h', 'student: "0002", points: 1')
    assert cli.main(["marks"]) == 0
    assert concerns(home) == {"0001": "", "0002": ""}
    assert "not known" not in capsys.readouterr().err
    assert "1 day 2 hours late: 2 started days" in given(home)


def test_of_a_time_of_day_staff_are_told_that_days_may_be_missing(home: Path) -> None:
    rows = "SID,Lateness\n0001,12:00:00 AM\n0002,7:00:05 AM\n"
    lay_out(home, [result("0001", 3), result("0002", 3)], percent=10, roster=rows)
    assert cli.main(["marks"]) == 0
    assert concerns(home) == {
        "0001": "",
        "0002": "roster.csv, line 3: '7:00:05 AM' is a time of day, which would not show whole days; "
        "it was read as 7 hours 5 seconds",
    }
    assert "2.6 of 4 points" in given(home, "0002")


GRADESCOPE = """\
First Name,Last Name,SID,Email,Status,Submission ID,Lateness (H:M:S)
Ann,Lee,0001,ann@e.edu,Graded,11,00:00:00
Bo,Ray,0002,bo@e.edu,Graded,11,49:00:00
Cy,Vu,0003,cy@e.edu,Graded,99,00:00:00
Di,Wu,0004,di@e.edu,Missing,,
"""


def test_a_line_of_ones_own_comes_first_and_no_other_submissions(home: Path) -> None:
    lay_out(home, [result("pair", 4), result("0003", 4), result("0004", 4)], percent=10, roster=GRADESCOPE)
    (home / "reports" / "handed_in.jsonl").write_text(
        '{"submission":"pair","people":[{"sid":"0001"},{"sid":"0002"}],"number":"11"}\n'
        '{"submission":"0003","people":[{"sid":"0003"}],"number":"12"}\n'
    )
    assert cli.main(["marks"]) == 0
    text = (home / "reports" / "marks.csv").read_text()
    ann, bo, cy, di = text.splitlines()[1:]
    assert ",,4,4," in ann and ",1.2,2.8,4," in bo  # one has an extension on Gradescope
    assert "roster.csv has the lateness of another submission, 99" in cy
    assert "roster.csv, line 5: it is called missing" in di


def test_a_submission_that_lost_its_zeros_is_hinted_at(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("1", 3), result("0002", 3)])
    assert cli.main(["marks"]) == 0
    assert "matches nobody on the roster: 1 (nobody is named); did you mean '0001'?" in capsys.readouterr().err


def test_staff_are_told_whose_a_folder_could_be(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = "Name,Canvas ID,SIS User ID\nXi,1003,5001\nYu,,1003\n"
    lay_out(home, [result("1003", 3), result("5001", 2)], roster=roster)
    assert cli.main(["marks"]) == 0
    said = "matches nobody on the roster: 1003 (nobody is named); it could be Xi (5001) or Yu (1003)\n"
    assert said in capsys.readouterr().err
    with (home / "reports" / "marks.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["sid"], row["mark"]) for row in csv.DictReader(file)] == [("5001", "2"), ("1003", "")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("0001,a@e,\n0002,b@e,\n0002,b@e,\n", "0002 has two lines, 3 and 4, in the sheet"),
        ("0001,a@e,\n0002,b@e,\n\n0002,,\n", "0002 has two lines, 3 and 5, in the sheet"),
        ("0002,b@e,\n0002,b@e,\n0002,b@e,\n0001,,\n", "0002 has 3 lines, 2, 3, 4, in the sheet"),
        ("0001,a@e,\n0002,b@e,\n0003,0002,\n", "0002 may be in any of two lines, 3 and 4, in the sheet"),
    ],
)
def test_who_has_two_lines_in_a_sheet_is_told_which(
    home: Path, rows: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(home, [result("0001", 3), result("0002", 3)], roster="")
    (home / "sheet.csv").write_text(f"SID,Email,Score\n{rows}")
    assert cli.main(["export", "sheet", "sheet.csv"]) == 0
    assert f"left out: {said}\n" in capsys.readouterr().err
    assert (home / "filled.csv").read_text().count(",3\n") == 1


def test_who_has_two_lines_in_a_gradebook_is_told_which(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0001", 3), result("0002", 3)])
    (home / "book.csv").write_text(
        "Student,ID,SIS User ID,Section,HW (12)\nAnn,7,0001,A,\nBo,8,0002,A,\n\nBo,8,0002,B,\n"
    )
    assert cli.main(["export", "canvas", "book.csv", "--assignment", "12"]) == 0
    assert "left out: Bo (0002) has two lines, 3 and 5, in this gradebook\n" in capsys.readouterr().err


def test_who_has_two_lines_in_a_worksheet_is_told_which(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(home, [result("0002", 3)], roster="")
    (home / "sheet.csv").write_text(
        "Identifier,Full name,ID number,Grade\nParticipant 7,Bo,0002,\nParticipant 8,Bo,0002,\n"
    )
    assert cli.main(["export", "moodle", "sheet.csv"]) == 0
    assert "left out: 0002 has two lines, 2 and 3, in the worksheet\n" in capsys.readouterr().err


SHARED = (
    '{"submission":"0755","people":[{"name":"Ann Lee","sid":"0755","email":"ann@e.edu"}],"at":"2026-02-01"}\n'
    '{"submission":"0755~1","people":[{"name":"Mallory","sid":"0755","email":"mal@e.edu"}],"at":"2026-02-02"}\n'
)


@pytest.mark.parametrize("roster", ["", "SID,Name,Email\n0755,Ann Lee,ann@e.edu\n"])
def test_another_persons_work_under_a_students_number_is_told(
    home: Path, roster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(home, [result("0755", 4), result("0755~1", 1)], roster=roster)
    (home / "reports" / "handed_in.jsonl").write_text(SHARED)
    assert cli.main(["marks"]) == 0
    told = capsys.readouterr().err
    with (home / "reports" / "marks.csv").open(encoding="utf-8", newline="") as file:
        assert {row["email"]: row["mark"] for row in csv.DictReader(file)}["ann@e.edu"] == "4"
    if roster:
        assert "0755~1 (Mallory (0755)); it has the sid of Ann Lee (0755), and another email" in told
    else:
        assert "Ann Lee (0755) ann@e.edu, Mallory (0755) mal@e.edu share an id and differ in others" in told


def test_many_who_match_nobody_or_are_left_out_are_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [f"{i:03}" for i in range(15)]
    names = [f"x{i}" for i in range(13)]
    lay_out(home, [result(name, 3) for name in (*names, *ids)], roster="\n".join(["SID", *ids]))
    (home / "sheet.csv").write_text("SID,Score\n000,\n")
    assert cli.main(["export", "sheet", "sheet.csv"]) == 0
    told = capsys.readouterr().err.splitlines()
    named = "x0 (nobody is named); x1 (nobody is named); x10 (nobody is named); and 10 more"
    whose = "001 is not in the sheet; 002 is not in the sheet; 003 is not in the sheet; and 11 more"
    assert told == [
        f"matches nobody on the roster: 13 in all: {named} (--verbose lists them all)",
        f"left out: 14 in all: {whose} (--verbose lists them all)",
    ]
    assert cli.main(["export", "sheet", "sheet.csv", "-o", "filled.csv", "--verbose"]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 27
    (home / "sheet.csv").write_text("SID,Score\n" + "".join(f"{one},\n" for one in ids[3:]))
    assert cli.main(["export", "sheet", "sheet.csv", "-o", "again.csv"]) == 0
    assert "left out: 002 is not in the sheet" in capsys.readouterr().err.splitlines()


COMMENT = """Two things:

1. use x
2. see https://course.example.edu/slides_12.pdf
    return 2 * x
# of <b>course</b>
---"""


def test_a_comment_of_several_lines_keeps_them_wherever_it_is_read() -> None:
    told = Told("3 of 4 points", (COMMENT, "late"))
    text = marked.in_markdown("# Ann: 3 of 4 points\n\nbelow\n", told)
    assert text.partition("points**\n\n")[2] == (
        "- Two things:  \n    \n  1. use x  \n  2. see https://course.example.edu/slides_12.pdf  \n"
        "  \u00a0\u00a0\u00a0\u00a0return 2 \\* x  \n  \\# of &lt;b>course&lt;/b>  \n  \\---\n- late\n\n---\n\nbelow\n"
    )
    assert marked.in_markdown(text, None) == "# Ann: 3 of 4 points\n\nbelow\n"
    page = marked.in_page(f"<head>{marked.MAIN}<p>below</p>", told)
    assert "<li>Two things:<br><br>1. use x<br>2. see https://" in page
    assert "<br>\u00a0\u00a0\u00a0\u00a0return 2 * x<br># of &lt;b&gt;course&lt;/b&gt;<br>---</li>" in page
