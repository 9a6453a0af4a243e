"""From what a platform hands out to what its gradebook takes: nobody dropped, no id changed, decisions kept."""

from __future__ import annotations

import csv
import shutil
import zipfile
from pathlib import Path

import pytest

from grader import cli
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT

WRONG = RIGHT.replace("return 5 * x", "return 6 * x")
METADATA = """\
---
submission_100000001:
  :submitters:
  - :name: Ada Example
    :sid: '00012345'
    :email: ada@example.edu
  :created_at: 2026-02-02 02:52:07.938335000 Z
submission_100000002:
  :submitters:
  - :name: "Bo Ø. O'Neil"
    :sid: '0755'
    :email: bo@example.edu
  - :name: "=Cy, Partner"
    :sid:
    :email: cy@example.edu
  :created_at: 2026-02-02 04:04:59.089605000 Z
submission_100000003:
  :submitters:
  - :name: Gone Away
    :sid: '999'
    :email: gone@example.edu
  :created_at: 2026-02-02 04:04:59.089605000 Z
"""
SCORES = """\
First Name,Last Name,SID,Email,Total Score,Max Points,Status,Submission ID,Submission Time,Lateness (H:M:S)
Ada,Example,00012345,ada@example.edu,,3.0,Graded,100000001,2026-02-01 18:52:07 -0800,00:00:00
Bo,O'Neil,0755,bo@example.edu,,3.0,Graded,100000002,2026-02-02 20:04:59 -0800,25:07:02
Cy,Partner,,cy@example.edu,,3.0,Graded,100000002,2026-02-02 20:04:59 -0800,25:07:02
Di,Missing,0042,di@example.edu,,3.0,Missing
"""
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,HW1 (157892)
    Points Possible,,,,,3.00
"Example, Ada",1,00012345,ada@example.edu,A,
"O'Neil, Bo",2,0755,bo@example.edu,A,3.00
"Partner, Cy",3,,cy@example.edu,A,
"Missing, Di",4,0042,di@example.edu,A,1.00
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of four, one of whom handed in nothing, and a submission of somebody who left."""
    text = (ROOT / "config.yaml").read_text()
    for old, new in (
        ('roster: ""', "roster: scores.csv"),
        ("  percent: 0", "  percent: 10"),
        ("exercises: [exercises/lecture8]", "exercises: [times-five-forward.yaml, times-five-backward.yaml]"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "config.yaml").write_text(text)
    for name in ("times-five-forward", "times-five-backward"):
        shutil.copy(next((ROOT / "exercises" / "lecture8").glob(f"*{name}.yaml")), tmp_path / f"{name}.yaml")
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    (tmp_path / "scores.csv").write_text(SCORES)
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK)
    with zipfile.ZipFile(tmp_path / "assignment_7_export.zip", "w") as archive:
        archive.writestr("assignment_7_export/submission_metadata.yml", METADATA)
        for number, source in ((1, RIGHT), (2, WRONG), (3, RIGHT)):
            archive.writestr(f"assignment_7_export/submission_10000000{number}/lecture8.py", source)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def marks(course: Path) -> dict[str, dict[str, str]]:
    with (course / "reports" / "marks.csv").open(encoding="utf-8", newline="") as file:
        return {row["email"]: row for row in csv.DictReader(file)}


def test_an_export_is_graded_and_its_marks_go_into_a_gradebook(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["grade", "assignment_7_export.zip", "--jobs", "1"]) == 0
    assert cli.main(["marks"]) == 0
    told = capsys.readouterr()
    assert "4 students: 3 graded, 1 missing" in told.out
    assert "matches nobody on the roster: 999 (Gone Away (999))" in told.err
    page = (course / "reports" / "index.html").read_text()
    assert "Final" in page
    assert "1.4" in page
    found = marks(course)
    assert {email: (row["mark"], row["status"]) for email, row in found.items()} == {
        "ada@example.edu": ("3", "graded"),
        "bo@example.edu": ("1.4", "graded"),  # 2 of 3, and two started days late at 10 % of 3 points
        "cy@example.edu": ("1.4", "graded"),
        "di@example.edu": ("", "missing"),
    }
    assert found["bo@example.edu"]["sid"] == "0755"
    assert cli.main(["export", "canvas", "gradebook.csv", "--assignment", "157892"]) == 0
    told = capsys.readouterr()
    assert "HW1 (157892): 3 marks change, 0 stay as they are" in told.out
    assert "left out: Di Missing (0042) handed in nothing; their cell stays as it is" in told.err
    assert "warning: lateness is taken off already" in told.err
    assert (course / "import.csv").read_text() == (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW1 (157892)\n"
        '"Example, Ada",1,00012345,ada@example.edu,A,3.00\n'
        '"O\'Neil, Bo",2,0755,bo@example.edu,A,1.40\n'
        '"Partner, Cy",3,,cy@example.edu,A,1.40\n'
    )


def test_what_was_decided_by_hand_survives_a_regrading(course: Path) -> None:
    (course / "overrides.yaml").write_text(
        "format: 1\noverrides:\n"
        "  - {student: bo@example.edu, exercise: times-five-backward, points: 0, comment: copied}\n"
        "  - {student: bo@example.edu, extension: 2d}\n"
        "  - {student: '0042', excuse: true}\n"
    )
    for more in ([], ["--seed", "final", "--fresh"]):
        assert cli.main(["grade", "assignment_7_export.zip", "--jobs", "1", *more]) == 0
        assert cli.main(["marks"]) == 0
        bo, di = marks(course)["bo@example.edu"], marks(course)["di@example.edu"]
        assert (bo["automatic"], bo["by hand"], bo["late"], bo["mark"], bo["comment"]) == ("2", "0", "", "0", "copied")
        assert (di["status"], di["mark"]) == ("excused", "")
        assert marks(course)["cy@example.edu"]["mark"] == "1.4"  # the extension was one student's, not the group's


def test_who_is_not_in_the_class_any_more_has_no_mark_until_they_are_back(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["grade", "assignment_7_export.zip", "--jobs", "1"]) == 0
    assert cli.main(["marks"]) == 0
    before = (course / "reports" / "marks.csv").read_bytes()
    (course / "again" / "00012345").mkdir(parents=True)
    (course / "again" / "00012345" / "lecture8.py").write_text(WRONG)
    assert cli.main(["grade", "again", "--jobs", "1"]) == 0
    assert "no longer handed in, so their results are in left/" in capsys.readouterr().out
    assert cli.main(["marks"]) == 0
    found = marks(course)
    assert (found["ada@example.edu"]["mark"], found["bo@example.edu"]["status"]) == ("2", "missing")
    assert cli.main(["grade", "assignment_7_export.zip", "--jobs", "1"]) == 0
    assert cli.main(["marks"]) == 0
    assert (course / "reports" / "marks.csv").read_bytes() == before


def test_a_sheet_of_the_courses_own_is_filled_and_everything_else_stays(course: Path) -> None:
    assert cli.main(["grade", "assignment_7_export.zip", "--jobs", "1"]) == 0
    (course / "section.csv").write_text(
        "SID;Name;Tutor;Score;times-five-forward\n0755;Bo;T1;9;\n0042;Di;T2;7;\n0001;Else;T3;5;\n"
    )
    assert cli.main(["export", "sheet", "section.csv"]) == 0
    assert (course / "filled.csv").read_text() == (
        "SID;Name;Tutor;Score;times-five-forward\n0755;Bo;T1;1,4;0\n0042;Di;T2;7;\n0001;Else;T3;5;\n"
    )


def test_marks_without_results_or_with_a_broken_roster_say_what_to_do(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["marks"]) == 2
    assert "holds no results; run `grader grade` first" in capsys.readouterr().err
    assert cli.main(["grade", "assignment_7_export.zip", "--jobs", "1"]) == 0
    (course / "scores.csv").write_text("Name,Group\nAda,1\n")
    assert cli.main(["marks"]) == 2
    assert "has no column with an id" in capsys.readouterr().err
