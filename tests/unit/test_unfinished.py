"""Of a regrade that was interrupted, no command takes what an earlier run left for its own."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from grader import cli
from grader.course import marks
from grader.model import Outcome
from grader.reports import files, stored
from grader.reports.unfinished import Journal
from grader.submissions.people import Handed
from tests.conftest import ROOT
from tests.unit.test_reports import WRONG, result

ACCEPTED = Outcome("accepted")
CONFIG = ROOT / "config.yaml"
COMMANDS = (("show", "u2"), *(("export", form, "--student", "u2") for form in ("result", "prairielearn", "junit")))


def reports(out: Path, outcome: Outcome, *names: str) -> Path:
    """Write results as a grading would have left them."""
    for name in names:
        one = msgspec.structs.replace(result(outcome, submission=name), assignment="lecture8")
        files.write(stored.path_of(out, name), stored.encode(one))
    files.write_all(out / marks.HANDED_IN, marks.lines_of(map(Handed, names)))
    return out


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A regrade of three that was interrupted when one was done: what is there of the others is of an earlier run."""
    out = reports(tmp_path / "cut", WRONG, "u1", "u2", "u3")
    reports(out, ACCEPTED, "u1")
    files.write_all(out / marks.HANDED_IN, marks.lines_of(map(Handed, ("u1", "u2", "u3", "u4"))))
    with Journal(out, 200) as journal:
        journal.add("u1")
    return out


@pytest.mark.parametrize("cut_is_new", [True, False])
def test_only_what_is_done_is_compared_and_the_rest_is_in_no_list(
    cut: Path, tmp_path: Path, cut_is_new: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = reports(tmp_path / "whole", ACCEPTED, "u1", "u2", "u3", "u5")
    pair = [str(one) for one in ((whole, cut) if cut_is_new else (cut, whole))]
    assert cli.main(["diff", *pair, "--exit-code"]) == 0
    said = capsys.readouterr().out
    assert said == (
        "1 students compared: the marks of 0 differ (0 up, 0 down)\n"
        f"{cut}: the grading is not finished: 1 of 200 are graded\n"
    )
    assert cli.main(["diff", *pair, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    of = {"grading": "new" if cut_is_new else "old", "folder": str(cut), "graded": 1, "of": 200}
    assert (told["changes"], told["unfinished"]) == ([], [of])


def test_who_is_done_and_is_new_is_told_though_the_grading_is_not_finished(
    cut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = reports(tmp_path / "whole", ACCEPTED, "u2", "u5")
    assert cli.main(["diff", str(old), str(cut), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["submission"], one["where"]) for one in told["changes"]] == [("u1", "new only")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[1])
@pytest.mark.parametrize("name", ["u2", "u4"])
def test_who_is_not_graded_yet_is_told_so(
    cut: Path, tmp_path: Path, command: tuple[str, ...], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = ["-o", str(tmp_path / "written")] if command[0] == "export" else []
    given = [name if one == "u2" else one for one in command]
    assert cli.main([*given, "--config", str(CONFIG), "--out", str(cut), *written]) == 2
    said = capsys.readouterr().err
    assert f"{name} is not graded yet: the run was interrupted; `grader grade` with the same folder goes on" in said
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[1])
def test_what_is_done_comes_with_a_word_on_the_grading(
    cut: Path, tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    written = ["-o", str(tmp_path / "written")] if command[0] == "export" else []
    given = ["u1" if one == "u2" else one for one in command]
    assert cli.main([*given, "--config", str(CONFIG), "--out", str(cut), *written]) == 0
    assert "warning: the grading is not finished: 1 of 200 are graded" in capsys.readouterr().err
