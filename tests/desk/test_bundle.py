"""The handout: what a student gets works on a machine with nothing on it, and tells nobody anything."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader import cli
from grader.assignment import template
from grader.bundle import student, wheel
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.config import Assignment
from tests.conftest import ROOT
from tests.desk import homes
from tests.desk.homes import MODULE1, environment, home, installed, solve

HIDDEN = """format: 1
id: top-secret-exercise
title: A secret
statement: nobody reads this before the results are out
file: lecture8.py
class: Square
arguments: {x: real}
value: x ** 2
checks:
  forward: {points: 1, visibility: hidden}
"""


def course(folder: Path, name: str = "config.yaml") -> Assignment:
    """Return an assignment with something hidden in it."""
    home(folder)
    (folder / "exercises" / "lecture8" / "99-secret.yaml").write_text(HIDDEN)
    square = folder / "exercises" / "lecture8" / "05-square.yaml"
    square.write_text(
        square.read_text().replace("contract: 1", "contract: {points: 1, visibility: hidden, hint: 'hush-hush'}")
    )
    text = (folder / name).read_text()
    (folder / name).write_text(text.replace('seed: "1"', 'seed: "a-seed-nobody-knows"'))
    return config.load(folder / name)


def unpacked(raw: bytes) -> dict[str, bytes]:
    """Return every file in a zip, and in the zips in it."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            found[name] = archive.read(name)
            if name.endswith(".whl"):
                found |= unpacked(found[name])
    return found


@pytest.mark.parametrize("name", ["config.yaml", pytest.param(MODULE1, marks=pytest.mark.ci)])
def test_nothing_is_in_it_that_students_are_not_to_know(name: str, tmp_path: Path) -> None:
    assignment = course(tmp_path, name)
    files = unpacked(student.build(assignment, None))
    everything = b"\n".join(files.values())
    for secret in (b"top-secret-exercise", b"hush-hush", b"a-seed-nobody-knows", b"# solution:", b"end solution"):
        assert secret not in everything, secret
    for exercise in assignment.exercises:
        for one in exercise.equivalent:  # the author's notes name lines of the solution
            assert one.because.encode() not in everything
    shown = b"\n".join(b"\n".join(line.strip() for line in raw.splitlines()) for raw in files.values())
    for path in assignment.reference.glob("*.py"):
        source = path.read_text()
        for span in template.solutions(source):
            lines = [source.splitlines()[line - 1].strip() for line in span]
            told = "\n".join(lines).encode() in shown and len(" ".join(lines).split()) > 3
            assert told is (name == "config.yaml" and "self.saved_values = values" in lines), lines  # Context is given
    plan = planning.prepare(assignment)
    public = {id: half for id, half in plan.public.items() if id != "top-secret-exercise"}
    assert all(one in everything for one in _inputs(public))
    private = (_inputs(plan.private) | _inputs(plan.public)) - _inputs(
        public
    )  # both halves hold the points where formulas bend
    assert len(private) > 50
    assert not [one for one in private if one in everything]


def _inputs(halves: dict[str, Any]) -> set[bytes]:
    """Return the inputs of one half as a prepared assignment would hold them."""
    corpora = [half.corpus for half in halves.values() if hasattr(half, "corpus")]
    return {msgspec.msgpack.encode(one) for corpus in corpora for one in corpus.inputs}


@pytest.mark.parametrize("name", ["config.yaml", pytest.param(MODULE1, marks=pytest.mark.ci)])
def test_only_what_is_on_the_list_is_in_it_and_twice_is_the_same(name: str) -> None:
    assignment = config.load(ROOT / name)
    raw = student.build(assignment, None)
    assert raw == student.build(assignment, None)
    names = {path.partition("/")[2] for path in zipfile.ZipFile(io.BytesIO(raw)).namelist()}
    left_out = {"operators", "scalar"} if name == "config.yaml" else set()
    modules = {f"minitorch/{one}.py" for one in ("__init__", *assignment.layout.modules) if one not in left_out}
    paper = {"answers.yaml"} if name == MODULE1 else set()
    beside = {"README.md", "Makefile", "assignment.prepared", "pytest.ini", "requirements.txt", wheel.launcher()[0]}
    (own,) = names - modules - paper - beside
    assert names == {*modules, *paper, *beside, own}
    assert re.fullmatch(rf"autodiff_desk_{assignment.id}_[0-9a-f]{{6}}-0\.2\.0-py3-none-any\.whl", own)


DIGEST = """
import hashlib, pathlib, sys
from grader.grading import config
from grader.selfcheck import making, prepared
assignment = making.prepare(config.load(pathlib.Path(sys.argv[1])))
print(hashlib.sha256(prepared.encode(assignment)).hexdigest())
"""


@pytest.mark.parametrize("name", ["config.yaml", "examples/micrograd/config.yaml"])
def test_what_is_prepared_does_not_depend_on_the_process(name: str) -> None:
    def digest(seed: str) -> str:
        command = [sys.executable, "-c", DIGEST, name]
        variables = {**environment(), "PYTHONHASHSEED": seed}
        return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True).stdout

    assert digest("1") == digest("2")


def test_a_handout_has_nothing_that_grades_others_or_knows_solutions() -> None:
    graders = ("audit", "authoring", "batch", "bundle", "course", "platforms", "reports.page", "grading.grader")
    solvers = ("assignment.template", "grading.planning", "grading.provided", "grading.config", "selfcheck.making")
    assert not [name for name in wheel.modules() if name.startswith((*graders, *solvers))]
    assert {"cli.check", "selfcheck.checking", "sandbox.worker.loading", "sandbox.probes.graph"} <= wheel.modules()
    assert {f"exercise_kinds.{name}" for name in KINDS} <= wheel.modules()


def test_a_template_with_a_solution_in_it_is_refused(tmp_path: Path) -> None:
    folder = home(tmp_path)
    assignment = config.load(tmp_path / "config.yaml")
    assert student.build(assignment, folder)
    solve(folder, "lecture8")
    with pytest.raises(UsageError, match="holds a solution"):
        student.build(assignment, folder)
    shutil.rmtree(folder / "minitorch")
    with pytest.raises(UsageError, match=r"lacks minitorch/__init__\.py"):
        student.build(assignment, folder)


def test_the_command_writes_it_and_warns_of_a_seed_that_everyone_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "handout.zip"
    assert cli.main(["bundle", "student", "--config", str(ROOT / "config.yaml"), "-o", str(out)]) == 0
    told = capsys.readouterr()
    assert "written" in told.out
    assert "which everyone can read" in told.err
    assert zipfile.is_zipfile(out)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A handout unpacked on a machine with nothing but Python, its wheel installed beside msgspec."""
    folder = tmp_path_factory.mktemp("desk")
    installed(homes.unpacked(folder), folder / "site-packages")
    return folder


def at(desk: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from grader.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-I", "-S", "-c", code, str(desk / "site-packages"), *arguments]
    variables = {**environment(), "PYTHONPATH": ""}
    return subprocess.run(command, cwd=desk / "lecture8", env=variables, capture_output=True, text=True, timeout=60)


def test_it_checks_where_nothing_else_is_installed_and_grades_nobody(desk: Path) -> None:
    done = at(desk, "check")
    assert (done.returncode, done.stderr) == (3, "")
    assert "0 of 11 done; next: TimesFive, forward" in done.stdout
    for path in (ROOT / "reference").glob("lecture8.py"):
        shutil.copy(path, desk / "lecture8" / "minitorch")
    assert json.loads(at(desk, "check", "--json").stdout)["done"] == 11
    assert "grade a folder" not in at(desk, "--help").stdout
    assert at(desk, "grade").returncode == 2


def test_its_pages_need_nothing_else_either(desk: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "reference" / "lecture8.py", desk / "lecture8" / "minitorch")
    assert at(desk, "check", "--html", str(tmp_path / "check.html")).returncode == 0
    assert "all 11 done" in (tmp_path / "check.html").read_text("utf-8")
    assert at(desk, "trace", "square", "--html", str(tmp_path / "trace.html")).returncode == 0
    assert 'class="trace"' in (tmp_path / "trace.html").read_text("utf-8")


def test_an_older_handout_says_which_grader_it_needs(desk: Path) -> None:
    path = desk / "lecture8" / "assignment.prepared"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"0.2.0", b"0.0.9", 1))
    done = at(desk, "check")
    path.write_bytes(kept)
    assert (done.returncode, "was made for version 0.0.9" in done.stderr) == (2, True)


def test_a_sentence_on_what_to_hand_in_is_shown_as_it_was_given(tmp_path: Path) -> None:
    folder = home(tmp_path)
    solve(folder, "lecture8")
    said = "Upload lecture8.py to Gradescope."
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text().replace('hand_in: ""', f'hand_in: "{said}"'))
    assert homes.check(folder).stdout.splitlines()[-2:] == ["all 11 done", f"  {said}"]
    assert json.loads(homes.check(folder, "--json").stdout)["hand_in"] == said
    assert homes.check(folder, "--exercise", "square").stdout.splitlines()[-1] == "done"
    with zipfile.ZipFile(io.BytesIO(student.build(config.load(path), None))) as archive:
        assert f"When everything is done: {said}" in archive.read("lecture8/README.md").decode()
