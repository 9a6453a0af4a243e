"""Numbers drawn per student: the sheet, the handout, the self-check and grading agree, and nobody's are guessed."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.cli import main
from grader.errors import JudgeError, UsageError
from grader.grading import config, drawing, per_student, planning
from grader.platforms import intake
from grader.platforms.gradescope import container
from tests import drawn
from tests.conftest import ROOT
from tests.drawn import IDS, SECRET, changed, course, hand_in, handed_in, solved

Graded = dict[str, dict[str, list[str]]]
"""Student -> exercise -> verdicts of its checks."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The course's config."""
    return course(tmp_path / "course")


def graded(path: Path, submissions: Path, status: int = 0) -> Graded:
    """Grade a class by the command, and return what the results say."""
    out = path.parent / "reports"
    assert main(["grade", str(submissions), "--config", str(path), "--out", str(out), "--jobs", "1"]) == status
    found: Graded = {}
    for one in sorted((out / "results").glob("*.json")):
        result = json.loads(one.read_bytes())
        found[result["submission"]] = {
            each["id"]: [check["outcome"]["verdict"] for check in each["checks"]] for each in result["exercises"]
        }
    return found


def verdicts(of: dict[str, list[str]]) -> set[str]:
    """Return all verdicts of a student."""
    return {verdict for each in of.values() for verdict in each}


def inside(raw: bytes) -> Iterator[bytes]:
    """Yield all that is in a zip, and in the zips in it."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            yield name.encode() + b"\n" + content
            if content.startswith(b"PK"):
                yield from inside(content)


def handouts(path: Path) -> dict[str, bytes]:
    """Write everyone's handout by the command."""
    folder = path.parent / "handouts"
    named = ["--roster", str(path.parent / "roster.csv"), "-o", str(folder)]
    assert main(["bundle", "student", "--config", str(path), *named]) == 0
    return {one.stem: one.read_bytes() for one in folder.iterdir()}


def test_sheet_handout_check_and_grading_agree(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assignment = handed_in(path, tmp_path / "class")
    assert all(verdicts(one) == {"accepted"} for one in graded(path, tmp_path / "class").values())
    made = handouts(path)
    assert sorted(made) == sorted(IDS)
    numbers = set()
    for id in IDS:
        values = drawing.of_student(assignment, id).exercises[0].values
        numbers.add(values["c"])
        zipfile.ZipFile(io.BytesIO(made[id])).extractall(tmp_path / id)
        folder = tmp_path / id / "drawn"
        stated = f"{values['c']} * x ** 2"
        assert stated in (folder / "README.md").read_text()
        assert f"# TODO: save x, return {stated}" in (folder / "hw" / "functions.py").read_text()
        capsys.readouterr()
        assert main(["preview", "--config", str(path), "--student", id]) == 0
        assert f"## {stated} (3 points)" in capsys.readouterr().out
        for name, text in solved(assignment, id).items():
            (folder / (name if name == "answers.yaml" else f"hw/{name}")).write_text(text)
        done = check(at=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"scaled with c = {values['c']};" in (path.parent / "reports" / "feedback" / f"{id}.md").read_text()
    assert len(numbers) > 2, "a class that has the same numbers shows nothing"


def check(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    """Run the self-check as a process of its own, as it starts others."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "grader", "check", *arguments]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, timeout=120)


def test_in_the_course_itself_the_check_asks_whose_numbers(path: Path, tmp_path: Path) -> None:
    handed_in(path, tmp_path / "class", IDS[:1])
    hand_in(tmp_path / "theirs" / "hw", {k: v for k, v in solved(config.load(path), IDS[0]).items() if "py" in k})
    (tmp_path / "theirs" / "answers.yaml").write_text((tmp_path / "class" / IDS[0] / "answers.yaml").read_text())
    given = ("--config", str(path), "--submission", str(tmp_path / "theirs"))
    for student, status, said in (
        ((), 2, "grader check --student ID"),
        (("--student", "u1009"), 2, "nobody on the roster has this id; did you mean 'u100"),
        (("--student", IDS[0]), 0, ""),
        (("--student", IDS[1]), 3, ""),
    ):
        done = check(*given, *student, at=tmp_path)
        assert (done.returncode, said in done.stderr) == (status, True), done.stderr


def other_numbers(file: str, pattern: str) -> Callable[[dict[str, str]], None]:
    """Return what replaces a student's number in a file by another one of its range."""

    def replace(files: dict[str, str]) -> None:
        (number,) = set(re.findall(pattern, files[file]))
        other = str(float(number) + 1) if "." in number else str(int(number) + 1)
        files[file] = re.sub(pattern, lambda match: match[0].replace(match[1], other), files[file])

    return replace


@pytest.mark.parametrize(
    ("exercise", "file", "pattern"),
    [
        ("scaled", "functions.py", r"\bc = (\S+)"),
        ("wave", "functions.py", r"\ba = (\S+)"),
        ("shifted", "operators.py", r"\bb = (\S+)"),
        ("by-hand", "answers.yaml", r"by-hand: (\d)"),
    ],
)
def test_a_classmates_number_loses_that_exercise_alone(
    exercise: str, file: str, pattern: str, path: Path, tmp_path: Path
) -> None:
    assignment = config.load(path)
    for id in IDS[:3]:
        files = solved(assignment, id)
        other_numbers(file, pattern)(files)
        hand_in(tmp_path / "class" / id, files)
    for one in graded(path, tmp_path / "class").values():
        lost = {name for name, each in one.items() if set(each) != {"accepted"}}
        assert lost == {exercise}


def test_right_code_that_writes_its_number_in_other_ways_passes(path: Path, tmp_path: Path) -> None:
    assignment = config.load(path)
    for i, id in enumerate(IDS):
        files = solved(assignment, id)
        c = drawing.of_student(assignment, id).exercises[0].values["c"]
        ways = (
            f"sum(x * x for _ in range({c}))",
            " + ".join(["x * x"] * c),
            f"x * x * len('{'c' * c}')",
            f"({c} * x) ** 2 / {c}",
            f"x * x * int('{c:b}', 2)",
            f"{c}e0 * x ** 2",
        )
        files["functions.py"] = files["functions.py"].replace("return c * x * x", f"return {ways[i]}")
        hand_in(tmp_path / "class" / id, files)
    assert all(verdicts(one) == {"accepted"} for one in graded(path, tmp_path / "class").values())


def test_who_is_not_on_the_roster_is_withheld_and_named(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handed_in(path, tmp_path / "class", IDS[:2])
    hand_in(tmp_path / "class" / "stranger", solved(config.load(path), IDS[0]))
    found = graded(path, tmp_path / "class", status=1)
    assert verdicts(found["stranger"]) == {"judge error"}
    assert verdicts(found[IDS[0]]) == {"accepted"}
    said = "stranger: not on the roster, so nobody knows its parameters, and it is not graded by a guess"
    assert f"grader fault: {said}" in capsys.readouterr().err
    assert main(["show", "stranger", "--config", str(path)]) == 0
    assert said.partition(": ")[2] in capsys.readouterr().out
    rows = (path.parent / "reports" / "grades.csv").read_text().splitlines()
    assert [row.split(",")[1] for row in rows if row.startswith("stranger,")] == [""], "an empty cell, never a zero"
    drawn.roster(path.parent, (*IDS, "stranger"))
    assert "judge error" not in verdicts(graded(path, tmp_path / "class")["stranger"])


def test_the_secret_is_in_nothing_that_leaves(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handed_in(path, tmp_path / "class", IDS[:2])
    hand_in(tmp_path / "class" / "stranger", {"operators.py": "x = 1\n"})
    sheet = path.parent / "sheet.html"
    graded(path, tmp_path / "class", status=1)
    command = ["grade", str(tmp_path / "class"), "--config", str(path), "--html", "--fresh"]
    assert main([*command, "--out", str(path.parent / "reports")]) == 1
    assert main(["preview", "--config", str(path), "--student", IDS[0], "--html", str(sheet)]) == 0
    said = "".join(capsys.readouterr())
    leaving = [said.encode(), sheet.read_bytes(), *(part for raw in handouts(path).values() for part in inside(raw))]
    leaving += [one.read_bytes() for one in (path.parent / "reports").rglob("*") if one.is_file()]
    assert len(leaving) > 100
    for text in (SECRET, SECRET[:12], "parameters.secret"):
        assert not [one[:80] for one in leaving if text.encode() in one], text


def test_a_solution_that_fails_one_number_costs_nobody_else(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assignment = handed_in(path, tmp_path / "class")
    values = {id: drawing.of_student(assignment, id).exercises[0].values["c"] for id in IDS}
    bad = values[IDS[0]]
    changed(path.parent / "reference" / "functions.py", "return c * x * x\n", f"return c * x * x + (c == {bad})\n")
    found = graded(path, tmp_path / "class", status=1)
    for id in IDS:
        wanted = {"judge error"} if values[id] == bad else {"accepted"}
        assert set(found[id]["scaled"]) == wanted
        assert verdicts({k: v for k, v in found[id].items() if k != "scaled"}) == {"accepted"}
    said = f"scaled with c = {bad}: the reference itself fails its forward check"
    assert said in capsys.readouterr().err


def test_another_secret_grades_everyone_again(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handed_in(path, tmp_path / "class", IDS[:3])
    graded(path, tmp_path / "class")
    capsys.readouterr()
    graded(path, tmp_path / "class")
    assert "3 of them unchanged since an earlier run" in capsys.readouterr().out
    (path.parent / "parameters.secret").write_text("another one: 88b1d20c96aa4f17e3\n")
    found = graded(path, tmp_path / "class")
    assert "unchanged" not in capsys.readouterr().out
    assert any(set(each) != {"accepted"} for one in found.values() for each in one.values())


def test_what_cannot_work_for_everyone_at_once_is_refused(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("student", "web", "classroom50", "gradescope", "runner"):
        assert main(["bundle", kind, "--config", str(path), "-o", str(tmp_path / kind)]) == 2
        said = "scaled, wave, by-hand and 1 more have parameters that are drawn per student: "
        assert said in capsys.readouterr().err
        assert not (tmp_path / kind).is_file()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("config.yaml", "secret: parameters.secret\n", "", "name a file with a secret to draw them with"),
        ("parameters.secret", SECRET, "autumn 2026", "parameters.secret: this secret can be guessed"),
        ("config.yaml", "course: {roster: roster.csv}\n", "", "name the roster in the config"),
        ("roster.csv", f"{IDS[1]},", f"{IDS[0]},", "nobody's parameters are known without it"),
    ],
)
def test_nothing_is_graded_where_nothing_can_be_drawn(
    file: str, old: str, new: str, said: str, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handed_in(path, tmp_path / "class", IDS[:1])
    changed(path.parent / file, old, new)
    out = path.parent / "reports"
    assert main(["grade", str(tmp_path / "class"), "--config", str(path), "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not list(out.rglob("*.json"))


def test_work_is_done_per_set_of_numbers_and_not_per_student(path: Path) -> None:
    assignment = config.load(path)
    key = drawing.secret(assignment)
    ids = [f"s{i}" for i in range(120)]
    numbers = {
        id: {name: tuple(values.values()) for name, values in drawing.drawn(assignment, key, id).items()} for id in ids
    }
    whose = per_student.Whose(numbers, {}, "")
    plan = per_student.planned(planning.prepare(assignment), whose, None)
    assert plan.per_student is not None
    assert len(plan.per_student.pieces) == 7 + 9 + 5 + 4, "every number of every range is drawn, and prepared once"
    plans = [per_student.of_submission(plan, id) for id in ids]
    asked = {id(one.public["scaled"]) for one in plans}
    assert len(asked) == 7
    assert len({id(one.public["cube"]) for one in plans}) == 1
    units = {one.module: i for i, one in enumerate(plan.units)}
    shared = {id(one.units[units["operators"]].provided) for one in plans}
    by_b = {(id(one.units[units["functions"]].provided), one.numbers["shifted"]) for one in plans}
    assert len(shared) == 1, "what shifted's worker holds has no number in it"
    assert len(by_b) == 4, "the solution of cube calls shifted, which is made from its formula: by its 4 numbers"


def test_lint_tries_every_number(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--config", str(path)]) == 0
    exercises = path.parent / "exercises" / "own.yaml"
    changed(exercises, "parameters: {c: 3..9}", "parameters: {c: 3..9, m: 0..4}")
    changed(exercises, "value: c * x ** 2", "inputs: [{x: 4}]\n    value: c / (x - m) ** 2")
    capsys.readouterr()
    assert main(["lint", "--config", str(path)]) == 2
    said = capsys.readouterr().out
    assert "own.yaml:5:3: with c = 3, m = 4: 3 / (x - 4) ** 2 has no value or no derivative here" in said
    assert "own.yaml:5:3: the reference does not say m: give it there as a line `m = 2  # parameter: scaled.m`" in said


def test_the_audit_tries_the_ends_of_a_range(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    audit = ["audit", "scaled", "--config", str(path), "--seeds", "1", "--reference-seeds", "1", "--jobs", "1"]
    assert main(audit) == 0
    assert "Once more, scaled with c = 9" in capsys.readouterr().out
    changed(path.parent / "exercises" / "own.yaml", "c: 3..9", "c: 2..9")  # 2 · c = 2 + c = c · c, with 2
    assert main(audit) == 1
    assert "(2.0 + c) * x * d_out: not" in capsys.readouterr().out


def test_where_nobody_knows_the_numbers_nothing_is_graded(path: Path, tmp_path: Path) -> None:
    assignment, out = handed_in(path, tmp_path / "class"), tmp_path / "out"
    with pytest.raises(JudgeError, match=r"drawn per student: nobody knows them here"):
        container.proved(assignment)
    box, found = cohort.open_box(assignment)
    usual = cohort.plan(assignment, box, found.tier)
    class_ = intake.opened(tmp_path / "class", cohort.layout(assignment), 1, frozenset, out, list)
    with pytest.raises(UsageError, match="drawn per student"):
        cohort.grade(usual, box, class_, out, 1, True, lambda _: None)
    assert not out.exists()
