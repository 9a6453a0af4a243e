"""JUnit, PrairieLearn, result.json and Moodle: valid, inert, without hidden checks, no zero for what is ours."""

from __future__ import annotations

import io
import json
import zipfile
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from grader import cli
from grader.assignment.late import Policy
from grader.course import matching, standings, tables
from grader.course.standings import Standing, Status
from grader.errors import UsageError
from grader.model import CheckResult, Counterexample, Diagnosis, ExerciseResult, Outcome, Result, Visibility
from grader.platforms import intake, moodle, prairielearn, result_json
from grader.platforms.moodle import Filled
from grader.reports import files, junit, stored
from grader.reports.rows import ClassRow
from grader.submissions.homes import Layout
from grader.submissions.people import Person
from tests.platforms.laid_out import course, result

SECRET = "x-y-z-z-y"
HOSTILE = "</failure><script>alert(1)</script>]]>&\x00\x1b[31m\x0b\ud800\ufffe"


def check(name: str, earned: int, outcome: Outcome, visibility: Visibility = "visible") -> CheckResult:
    return CheckResult(name, Fraction(earned), Fraction(2), visibility, outcome)


def graded(*checks: CheckResult, name: str = "u1") -> Result:
    withheld = any(one.outcome.verdict == "judge error" for one in checks)
    earned = sum((one.earned for one in checks), Fraction(0))
    exercise = ExerciseResult("square", "Square", earned, Fraction(2 * len(checks)), checks, withheld)
    return Result(1, name, "hw1", "d", {}, earned, exercise.possible, (exercise,))


RIGHT = Outcome("accepted")
WRONG = Outcome("wrong answer", "the gradient is wrong", counterexample=Counterexample({"x": 2.0}, 1.0, "", "1", "4"))
HIDDEN = Outcome("wrong answer", SECRET, said=SECRET, detail=SECRET, diagnosis=(Diagnosis(SECRET),))
OURS = Outcome("judge error", SECRET)
MIXED = graded(check("forward", 2, RIGHT), check("backward", 0, WRONG), check(SECRET, 0, HIDDEN, "hidden"))


def test_junit_says_why_what_is_right_was_accepted() -> None:
    noted = graded(check("backward", 2, Outcome("accepted", "judged against your own forward")))
    case = ElementTree.fromstring(junit.xml("Homework 1", [noted])).find(".//testcase")
    assert case is not None and case.find("failure") is None
    assert case.findtext("system-out") == "judged against your own forward"


def test_junit_has_a_suite_a_submission_and_a_test_a_check() -> None:
    root = ElementTree.fromstring(junit.xml("Homework 1", [MIXED, graded(check("forward", 2, RIGHT), name="u2")]))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == ("testsuites", "3", "1", "0")
    first, second = root
    assert (first.get("name"), second.get("name"), first.get("failures")) == ("u1", "u2", "1")
    assert [(case.get("classname"), case.get("name")) for case in first.iter("testcase")] == [
        ("square", "Square: forward"),
        ("square", "Square: backward"),
    ]
    failure = first.find(".//failure")
    assert failure is not None and failure.get("message") == "wrong answer: the gradient is wrong"
    assert "at x = 2.0, d_out = 1.0" in (failure.text or "")
    assert {one.get("name"): one.get("value") for one in first.iter("property")}["score"] == "2"


def test_a_students_text_is_inert_in_every_form() -> None:
    hostile = graded(check("forward", 0, Outcome("runtime error", said=HOSTILE, place=HOSTILE)), name=f"u{HOSTILE}")
    hostile = msgspec.structs.replace(hostile, notes=(HOSTILE,))
    raw = junit.xml(HOSTILE, [hostile])
    root = ElementTree.fromstring(raw)
    assert {one.tag for one in root.iter()} == {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
    }
    assert "<script>alert(1)</script>" in (root.find(".//failure").text or "")  # type: ignore[union-attr]
    for text in (raw.decode(), json.dumps(result_json.record(hostile), ensure_ascii=False)):
        assert not any(one in text for one in "\x00\x1b\x0b\ud800")
    json.dumps(prairielearn.record(hostile), ensure_ascii=False).encode()


def test_a_hidden_check_is_in_no_form_until_it_is_published() -> None:
    made = [json.dumps(one(MIXED)) for one in (prairielearn.record, result_json.record)]
    made.append(junit.xml("hw", [MIXED]).decode())
    for text in made:
        assert SECRET not in text and "not shown here" in text
    assert result_json.record(MIXED)["max_score"] == 4
    published = result_json.record(MIXED, published=True)
    assert (published["score"], published["max_score"], len(published["tests"])) == (2, 6, 3)


def test_what_is_withheld_has_no_score_anywhere_and_never_a_zero() -> None:
    ours = graded(check("forward", 2, RIGHT), check("backward", 0, OURS))
    told = result_json.record(ours)
    assert "score" not in told and "no fault of yours" in told["output"]
    assert [one.get("score") for one in told["tests"]] == [2, None]
    assert prairielearn.record(ours) == {"gradable": False, "message": told["output"]}
    root = ElementTree.fromstring(junit.xml("hw", [ours]))
    assert root.get("errors") == "1" and "score" not in {one.get("name") for one in root.iter("property")}
    assert SECRET not in junit.xml("hw", [ours]).decode() + json.dumps(told)


def test_prairielearn_reads_a_score_from_0_to_1() -> None:
    told = prairielearn.record(MIXED)
    assert (told["gradable"], told["score"]) == (True, 0.5)
    assert [(one["points"], one["max_points"], one["message"]) for one in told["tests"]] == [
        (2, 2, "accepted"),
        (0, 2, "wrong answer"),
    ]
    nothing = graded(check(SECRET, 0, HIDDEN, "hidden"))
    assert prairielearn.record(nothing)["gradable"] is False  # nothing to show is not a zero


# --- Moodle --------------------------------------------------------------------------------------------------------

WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)
Participant 101,Ada Example,00012345,ada@example.edu,Submitted for grading - ,,10.00,Yes,-
Participant 102,Bø O'Neil_Jr,0755,bo@example.edu,Submitted for grading - ,3.00,10.00,Yes,"Monday, 2 March"
Participant 103,Cy Closed,0042,cy@example.edu,Graded - ,5.00,10.00,No,-
Participant 104,Di Missing,0043,di@example.edu,No submission - ,,10.00,Yes,-
"""
BLIND = "Identifier,Status,Grade,Maximum Grade\nParticipant 7,Submitted,,10.00\nParticipant 8,Submitted,4.00,10.00\n"


def standing(final: float | None, submission: str, status: Status = "graded", **who: str) -> Standing:
    mark = None if final is None else Fraction(final)
    person = Person(**who) if who else Person(sid=submission)
    return Standing(person, submission, status, Fraction(10), mark, final=mark)


def filled(*standings: Standing, worksheet: str = WORKSHEET) -> Filled:
    return moodle.filled(tables.parse(worksheet.encode(), "worksheet.csv"), standings, "worksheet.csv")


def test_a_worksheet_gets_grades_and_nothing_else_changes() -> None:
    found = filled(
        standing(9.5, "a", sid="00012345"),
        standing(7, "b", email="BO@example.edu"),
        standing(6, "c", sid="0042"),
        standing(None, "", "missing", sid="0043"),
        standing(1, "e", sid="0999", name="Who"),
    )
    before, after = WORKSHEET.splitlines(), found.text.splitlines()
    assert after[1] == before[1].replace("grading - ,,", "grading - ,9.50,")
    assert after[2] == before[2].replace(",3.00,", ",7.00,")
    assert (after[0], after[3:]) == (before[0], before[3:])
    assert found.count == 2
    assert dict(found.left_out) == {
        "0042": "has a grade that Moodle does not let change",
        "0043": "has no grade to give: missing",
        "Who (0999)": "is not in the worksheet",
    }
    assert dict(found.folders)["Bø O'Neil Jr_102_assignsubmission_file_"] == "b"
    assert found.concerns == ()


def test_a_blind_worksheet_goes_by_the_numbers_in_moodles_folders() -> None:
    found = filled(
        standing(5, "Participant_7_assignsubmission_file_"),
        standing(None, "Participant_8_assignsubmission_file_", "withheld"),
        standing(2, "Participant_9_assignsubmission_file_"),
        worksheet=BLIND,
    )
    assert found.text.splitlines()[1:] == ["Participant 7,Submitted,5.00,10.00", "Participant 8,Submitted,4.00,10.00"]
    assert [folder for folder, _ in found.folders] == ["Participant_7_assignsubmission_file_"]
    assert [why for _, why in found.left_out] == ["is not in the worksheet", "has no grade to give: withheld"]


@pytest.mark.parametrize("submission", ["Ada Example_13", "Ada Example_13_assignsubmission_file_"])
def test_a_participant_not_in_the_worksheet_is_not_looked_for_by_name(submission: str) -> None:
    number = "" if submission.endswith("_") else "13"
    found = filled(standing(5, submission, name="Ada Example", sid="00012345", moodle=number))
    assert (found.count, found.text) == (0, WORKSHEET)
    assert found.left_out == (("Ada Example (00012345): participant 13", "is not in the worksheet"),)


def test_a_participant_with_two_lines_in_a_worksheet_is_refused_with_both() -> None:
    with pytest.raises(UsageError, match=r"worksheet.csv: lines 2 and 4 are both participant 7; download"):
        filled(worksheet=BLIND + "Participant 7,Submitted,,10.00\n")


def test_a_worksheet_goes_by_the_numbers_of_moodles_own_download(tmp_path: Path) -> None:
    for name in ("Ann_Lee_7_assignsubmission_file_", "Ann Lee_8_assignsubmission_file_"):  # two people of one name
        files.write(tmp_path / name / "lecture8.py", b"x = 1\n")
    found = intake.opened(tmp_path, Layout("minitorch", ("lecture8",), ("lecture8",)))
    handed = [found.handed(i) for i in range(2)]
    for roster in ((), (Person("Ann Lee", "0001"), Person("Else", "0002"))):
        rows = {one.submission: row(one.submission, int(one.number)) for one in handed}
        class_ = matching.matched(roster, handed[: 1 if roster else 2], "latest", {})
        marks = standings.standings(class_, rows, ("a",), Fraction(10), Policy())
        grades = [line.split(",")[2] for line in filled(*marks, worksheet=BLIND).text.splitlines()[1:]]
        assert grades == (["", "8.00"] if roster else ["7.00", "8.00"])


def row(name: str, points: int) -> ClassRow:
    return ClassRow(name, Fraction(points), Fraction(10), "graded", (Fraction(points),), "½", (False,), "")


def test_two_submissions_of_one_participant_are_named_and_neither_is_taken() -> None:
    names = ("Participant_7_assignsubmission_file_", "Participant_7_assignsubmission_onlinetext_")
    found = filled(*(standing(5, name) for name in names), worksheet=BLIND)
    assert found.count == 0 and not found.folders
    assert [why for _, why in found.left_out] == ["is one of 2 submissions of participant 7"] * 2


def test_a_worksheet_comes_back_with_its_own_marks_and_quotes() -> None:
    commas = WORKSHEET.replace("3.00", '"3,00"').replace("10.00", '"10,00"').replace("5.00", '"5,00"')
    found = filled(standing(9.5, "a", sid="00012345"), standing(7, "b", sid="0755"), worksheet=commas)
    assert found.concerns == ()
    assert found.text.splitlines()[1:3] == [
        'Participant 101,Ada Example,00012345,ada@example.edu,Submitted for grading - ,"9,50","10,00",Yes,-',
        commas.splitlines()[2].replace('"3,00"', '"7,00"'),
    ]
    windows = WORKSHEET.replace(",", ";").replace("\n", "\r\n")
    found = filled(standing(9.5, "a", sid="00012345"), worksheet=windows)
    assert found.text == windows.replace("grading - ;;", "grading - ;9.50;")


def test_what_moodle_would_not_read_as_it_is_meant_is_warned_of() -> None:
    scale = 'Identifier,Full name,Grade,Scale\nParticipant 1,Ada,,"Poor,Good"\n'
    assert "by a scale, and reads no number" in filled(standing(3, "a", name="Ada"), worksheet=scale).concerns[0]
    words = "Identifier,Full name,Grade\nParticipant 1,Ada,Good\nParticipant 2,Bo,-\n"
    assert "by a scale, as in 'Good'" in filled(standing(3, "a", name="Ada"), worksheet=words).concerns[0]
    assert filled(standing(11, "a", sid="00012345")).concerns == (
        "1 grade above Moodle's maximum, which Moodle does not take",
    )
    assert filled(standing(11, "a", sid="12345")).left_out == (
        ("12345", "is not in the worksheet; did you mean '00012345'?"),
    )
    with pytest.raises(UsageError, match=r"worksheet.csv, line 2: Maximum Grade: '1,000' can be read in two ways"):
        filled(worksheet=WORKSHEET.replace("10.00", '"1,000"'))


@pytest.mark.parametrize(
    ("worksheet", "said"),
    [("Name,Grade\nAda,1\n", "has no column 'Identifier'"), ("Identifier,Grade\nAda,1\n", "'Ada' is no participant")],
)
def test_what_is_no_worksheet_is_refused(worksheet: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        filled(worksheet=worksheet)


# --- the command ---------------------------------------------------------------------------------------------------


def test_every_form_is_written_from_the_results_of_a_grading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    course(tmp_path, [result("00012345", 3.5), result("0755", 0, withheld=True)])
    hidden = stored.read(stored.path_of(tmp_path / "reports", "00012345"))
    assert hidden is not None
    exercise = hidden.exercises[0]
    exercise = msgspec.structs.replace(exercise, checks=(*exercise.checks, check(SECRET, 0, HIDDEN, "hidden")))
    changed = msgspec.structs.replace(hidden, exercises=(exercise,))
    files.write(stored.path_of(tmp_path / "reports", "00012345"), stored.encode(changed))
    (tmp_path / "worksheet.csv").write_text(WORKSHEET)
    for command in (
        "junit",
        "junit --student 00012345 -o one.xml",
        "prairielearn --student 00012345",
        "result --student 00012345",
        "moodle worksheet.csv --feedback feedback.zip",
    ):
        assert cli.main(["export", *command.split()]) == 0, command
    told = capsys.readouterr()
    assert "left out: 0755 has no grade to give: withheld" in told.err
    assert "warning: Moodle has this assignment at 10.00, the grader at 4.00: nothing is scaled" in told.err
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().get("errors") == "1"
    assert len(ElementTree.parse(tmp_path / "one.xml").getroot()) == 1
    assert json.loads((tmp_path / "result.json").read_bytes())["score"] == 3.5
    assert ",3.50," in (tmp_path / "grades.csv").read_text()
    with zipfile.ZipFile(io.BytesIO((tmp_path / "feedback.zip").read_bytes())) as archive:
        assert archive.namelist() == ["Ada Example_101_assignsubmission_file_/feedback.md"]
        texts = [archive.read(archive.namelist()[0]).decode()]
    texts += [
        (tmp_path / name).read_text() for name in ("junit.xml", "one.xml", "results.json", "result.json", "grades.csv")
    ]
    assert not any(SECRET in text for text in texts)
    assert cli.main(["export", "result", "--student", "0012345", "-o", "other.json"]) == 2
    assert "did you mean '00012345'" in capsys.readouterr().err


# --- files that are there -------------------------------------------------------------------------------------------


@pytest.fixture
def graded_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One student's result, and a sheet and a worksheet to fill in."""
    monkeypatch.chdir(tmp_path)
    course(tmp_path, [result("00012345", 3.5)])
    (tmp_path / "worksheet.csv").write_text(WORKSHEET)
    (tmp_path / "sheet.csv").write_bytes(b"\xef\xbb\xbfSID;Score;Remark\r\n00012345;;12,5 in HW0\r\n0001;;\r\n")
    return tmp_path


def test_no_file_is_replaced_that_the_command_does_not_name(
    graded_course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = graded_course / "filled.csv"
    kept.write_text("mine")
    assert cli.main(["export", "sheet", "sheet.csv"]) == 2
    assert "filled.csv: is there already; say `-o filled.csv` to replace it" in capsys.readouterr().err
    assert kept.read_text() == "mine"
    assert cli.main(["export", "sheet", "sheet.csv", "-o", "filled.csv"]) == 0
    assert kept.read_bytes().startswith(b"\xef\xbb\xbfSID;")
    assert cli.main(["export", "junit"]) == 0
    assert cli.main(["export", "junit"]) == 2


@pytest.mark.parametrize(
    "command",
    [
        "sheet sheet.csv -o sheet.csv",
        "sheet sheet.csv -o reports/../sheet.csv",
        "sheet sheet.csv -o link.csv",
        "moodle worksheet.csv -o worksheet.csv",
        "moodle worksheet.csv --feedback worksheet.csv",
        "moodle worksheet.csv -o one.csv --feedback one.csv",
        "moodle worksheet.csv --feedback grades.csv",
    ],
)
def test_no_command_replaces_what_it_reads_or_its_own_other_file(
    graded_course: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (graded_course / "link.csv").symlink_to("sheet.csv")
    before = {path.name: path.read_bytes() for path in graded_course.glob("*.csv")}
    assert cli.main(["export", *command.split()]) == 2
    assert "name another file" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in graded_course.glob("*.csv")} == before


def test_a_sheet_comes_back_in_its_own_dialect(graded_course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "sheet", "sheet.csv"]) == 0
    before, after = ((graded_course / name).read_bytes() for name in ("sheet.csv", "filled.csv"))
    assert after == before.replace(b"00012345;;", b"00012345;3,5;")
    (graded_course / "plain.csv").write_text("SID;Score\n00012345;\n12345;\n")
    assert cli.main(["export", "sheet", "plain.csv", "-o", "two.csv"]) == 0
    assert (graded_course / "two.csv").read_text() == "SID;Score\n00012345;3,5\n12345;\n"
    assert "no number in the sheet shows its decimal mark" in capsys.readouterr().err
    (graded_course / "quoted.csv").write_text('"SID","Score"\n"00012345",""\n"1","2.5"\n')
    assert cli.main(["export", "sheet", "quoted.csv", "-o", "three.csv"]) == 0
    assert (graded_course / "three.csv").read_text() == '"SID","Score"\n"00012345","3.5"\n"1","2.5"\n'


@pytest.mark.parametrize(
    ("head", "cell", "points", "warned"),
    [
        ("Gruppe", "1.2", "3,5", True),
        ("Version", "2,1", "3,5", True),
        ("Comment", "12.5 in HW0", "3,5", True),
        ("HW0 points", "2.5", "3.5", False),
        ("Punkte HW0", "2,5", "3,5", False),
        ("Max Points", "2.5", "3.5", False),
    ],
)
def test_only_points_say_what_the_decimal_mark_is(
    graded_course: Path, head: str, cell: str, points: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    (graded_course / "mine.csv").write_text(f"SID;{head};Score\n00012345;;\n1;{cell};\n")
    assert cli.main(["export", "sheet", "mine.csv", "-o", "two.csv"]) == 0
    assert (graded_course / "two.csv").read_text().splitlines()[1].endswith(f";{points}")
    assert ("shows its decimal mark" in capsys.readouterr().err) == warned


def test_a_comma_elsewhere_is_no_comma_of_points_and_is_told(
    graded_course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (graded_course / "mine.csv").write_text('SID,Group,Score\n00012345,"1,2",\n')
    assert cli.main(["export", "sheet", "mine.csv", "-o", "two.csv"]) == 0
    assert (graded_course / "two.csv").read_text() == 'SID,Group,Score\n00012345,"1,2",3.5\n'
    assert "points have a point, and other numbers in it have a comma" in capsys.readouterr().err


def test_a_comment_that_the_encoding_lacks_makes_a_sheet_utf_8(
    graded_course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (graded_course / "overrides.yaml").write_text(
        "format: 1\noverrides:\n  - {student: '00012345', comment: '良い'}\n", "utf-8"
    )
    (graded_course / "old.csv").write_bytes("SID;Name;Comment\n00012345;Müller;\n".encode("cp1252"))
    assert cli.main(["export", "sheet", "old.csv"]) == 0
    assert (graded_course / "filled.csv").read_text("utf-8-sig") == "SID;Name;Comment\n00012345;Müller;良い\n"
    assert "warning: '良' cannot be written in the encoding of the file (cp1252)" in capsys.readouterr().err
