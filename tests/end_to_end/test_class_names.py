"""A class in which names want to be somebody else's, graded and marked by its roster: each name means one student."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path

import pytest

from grader import cli
from tests.end_to_end.test_cli import RIGHT, rows_of
from tests.platforms.laid_out import course

WRONG = RIGHT.replace("return 5 * x", "return 6 * x")
ROSTER = "id,name\nalice,Alice A\nBob,Bob B\nJane Doe,Jane D\njos\u00e9,Jos\u00e9 E\nNobody,Nobody F\n"
HONEST = ("alice", "Bob", "Jane Doe", "jos\u00e9")
HOSTILE = ("Alice", "ALICE", "\u0430lice", "alice\u200b", "alice.", "bob", "BOB", "Jane_Doe", "Jos\u00e9")


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """A class of honest and hostile names, graded; and what staff were told."""
    course(tmp_path, [], roster=ROSTER)
    for names, source in ((HONEST, RIGHT), (HOSTILE, WRONG), ((unicodedata.normalize("NFD", "jos\u00e9"),), WRONG)):
        for name in names:
            (tmp_path / "class" / name).mkdir(parents=True)
            (tmp_path / "class" / name / "lecture8.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["grade", "class", "--jobs", "1"]) == 0
    return tmp_path / "reports", capsys.readouterr().err


def points(out: Path) -> dict[str, float]:
    return {row["submission"]: float(row["total"]) for row in rows_of(out)}


def test_the_honest_keep_their_names_everywhere(graded: tuple[Path, str]) -> None:
    out, told = graded
    results = {path.stem: json.loads(path.read_text()) for path in (out / "results").glob("*.json")}
    assert set(points(out)) == set(results) == {path.stem for path in (out / "feedback").glob("*.md")}
    assert len(results) == len(HONEST) + len(HOSTILE) + 1
    assert {name: points(out)[name] for name in ("alice", "Bob", "jos\u00e9")} == dict.fromkeys(
        ("alice", "Bob", "jos\u00e9"), 3.0
    )
    called = {one.get("called") or name: name for name, one in results.items()}
    assert set(called) == {*HONEST, *HOSTILE, unicodedata.normalize("NFD", "jos\u00e9")}
    assert points(out)[called["Jane Doe"]] == 3.0
    for name in HOSTILE:
        assert points(out)[called[name]] < 3
        assert told.count(f"names: {name!r} ") == 1


def test_the_marks_find_everybody_and_confuse_nobody(
    graded: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = graded
    assert cli.main(["marks", "--verbose"]) == 0
    told = capsys.readouterr().err
    with (out / "marks.csv").open(encoding="utf-8", newline="") as file:
        marks = {row["sid"]: row for row in csv.DictReader(file)}
    assert {name: marks[name]["automatic"] for name in HONEST} == dict.fromkeys(HONEST, "3")
    assert marks["Nobody"]["status"] == "missing"
    assert told.count("matches nobody on the roster") == len(HOSTILE) + 1
    for name in HOSTILE:
        assert told.count(f"called {name!r}") + told.count(f": {name} (") == 1


def test_a_roster_that_cannot_be_read_keeps_nobody_from_being_graded(
    graded: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = graded
    (out.parent / "roster.csv").unlink()
    assert cli.main(["grade", "class", "--jobs", "1", "--out", "again"]) == 0
    assert "roster.csv: cannot be read" in capsys.readouterr().err
    again = points(out.parent / "again")
    assert again["alice"] == 3.0
    assert again["bob"] < 3.0, "without a roster it is the name in lower case that stays"
