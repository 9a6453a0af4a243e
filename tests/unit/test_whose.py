"""Results are read with the config of their own assignment only, whichever command reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from grader import cli
from grader.batch import belonging
from grader.course import marks
from grader.errors import UsageError
from grader.model import Outcome
from grader.reports import files, stored
from grader.submissions.people import Handed
from tests.conftest import ROOT
from tests.unit.test_reports import result

MODULE1 = ROOT / "examples" / "module1" / "config.yaml"
SHEET = "SID,Score\nu1,\nu2,\n"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "marks": ("marks",),
    "pages": ("pages",),
    "pages for published": ("pages", "--for", "published"),
    "junit": ("export", "junit", "-o", "OUT"),
    "junit of one": ("export", "junit", "--student", "u2", "-o", "OUT"),
    "result": ("export", "result", "--student", "u2", "-o", "OUT"),
    "prairielearn": ("export", "prairielearn", "--student", "u2", "-o", "OUT"),
    "sheet": ("export", "sheet", "SHEET", "-o", "OUT"),
    "moodle": ("export", "moodle", "SHEET", "-o", "OUT", "--feedback", "ZIP"),
    "canvas": ("export", "canvas", "SHEET", "--assignment", "1", "-o", "OUT"),
    "push": ("canvas", "push", "--url", "https://canvas.example.edu", "--course", "1", "--assignment", "2"),
}


def reports(out: Path, **assignments: str) -> Path:
    """Write a result of each name, of the assignment that is given."""
    for name, assignment in assignments.items():
        one = msgspec.structs.replace(result(Outcome("accepted"), submission=name), assignment=assignment)
        files.write(stored.path_of(out, name), stored.encode(one))
    files.write_all(out / marks.HANDED_IN, marks.lines_of(map(Handed, assignments)))
    return out


def lying(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("first", ["lecture8", "module1"])
def test_a_command_refuses_another_assignments_results_and_writes_nothing(
    tmp_path: Path, command: str, first: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANVAS_TOKEN", "x")
    out = reports(tmp_path / "out", u1=first, u2="lecture8")  # the first result does not speak for all
    (tmp_path / "sheet.csv").write_text(SHEET)
    places = {"OUT": "written", "ZIP": "feedback.zip", "SHEET": "sheet.csv"}
    given = [str(tmp_path / places[one]) if one in places else one for one in COMMANDS[command]]
    before = lying(tmp_path)
    assert cli.main([*given, "--config", str(MODULE1), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert f"{out}: holds results of another assignment, 'lecture8'; the config is of 'module1'" in said
    assert "Name the config of 'lecture8' with --config, or the reports of 'module1' with --out" in said
    assert lying(tmp_path) == before


@pytest.mark.parametrize("damaged", [1, 5, 40])
def test_results_that_cannot_be_read_do_not_give_a_folder_away(tmp_path: Path, damaged: int) -> None:
    out = reports(tmp_path / "out", u9="lecture8")
    for i in range(damaged):
        files.write(stored.path_of(out, f"a{i:02}"), b"{")
    with pytest.raises(UsageError, match="of another assignment, 'lecture8'; this one is 'module1'"):
        belonging.refuse_another(out, "module1", "grader grade")
    belonging.refuse_another(out, "lecture8", "grader grade")
