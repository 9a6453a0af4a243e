"""The command line, run as people run it: what it writes, what it says, how it exits."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import cli
from grader.batch import regrading
from grader.batch.rendering import Done
from grader.grading import config, planning
from grader.model import Result
from grader.reports import stored
from tests.conftest import ROOT
from tests.shared import once

RIGHT = """
class TimesFive:
    @staticmethod
    def forward(ctx, x):
        return 5 * x

    @staticmethod
    def backward(ctx, d_out):
        return 5 * d_out
"""
HANGS = "while True:\n    pass\n"


def grader(*arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def rows_of(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "grades.csv").read_text().splitlines()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small class: one right, one template."""
    made = tmp_path / "class"
    made.mkdir()
    (made / "u1.py").write_text(RIGHT)
    shutil.copytree(ROOT / "student_template", made / "u2")
    return made


@pytest.fixture
def out(folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports on the small class, as a first run writes them."""

    def make(first: Path) -> None:
        assert grader("grade", folder, "--out", first).returncode == 0

    return shutil.copytree(once(tmp_path_factory, "small-class", make), tmp_path / "out")


def test_grading_a_class_writes_everything_and_exits_0(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = grader("grade", folder, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "u1" in done.stdout
    assert "containment tier" in done.stderr
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80 + len(str(out))
    rows = rows_of(out)
    assert [(row["submission"], row["total"], row["status"]) for row in rows] == [
        ("u1", "3", "graded"),
        ("u2", "0", "graded"),
    ]
    stored = json.loads((out / "results" / "u1.json").read_text())
    assert (stored["format"], stored["earned"], stored["possible"]) == (1, "3", "35")
    assert "not attempted" in (out / "feedback" / "u2.md").read_text()


def test_a_second_run_goes_on_from_the_first_and_its_bytes_are_the_same(folder: Path, out: Path) -> None:
    before = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (folder / "u3.py").write_text(RIGHT)
    again = grader("grade", folder, "--out", out)
    assert "2 of them unchanged" in again.stdout
    (folder / "u3.py").unlink()
    (out / "results" / "u3.json").unlink()
    (out / "feedback" / "u3.md").unlink()
    fresh = grader("grade", folder, "--out", out, "--fresh", "--jobs", 1)
    assert "unchanged" not in fresh.stdout
    assert {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_changed_submission_is_graded_again_and_a_torn_result_too(folder: Path, out: Path) -> None:
    (folder / "u1.py").write_text(RIGHT.replace("5 * d_out", "5"))
    (out / "results" / "u2.json").write_text("{")
    again = grader("grade", folder, "--out", out)
    assert "unchanged" not in again.stdout
    assert "d_out was forgotten" in (out / "feedback" / "u1.md").read_text()


def test_feedback_that_is_gone_is_written_again(folder: Path, out: Path) -> None:
    (out / "feedback" / "u1.md").unlink()
    assert "1 of them unchanged" in grader("grade", folder, "--out", out).stdout
    assert (out / "feedback" / "u1.md").exists()


def test_show_opens_one_result_in_full(out: Path) -> None:
    shown = grader("show", "u1", "--out", out)
    assert shown.returncode == 0
    assert shown.stdout.startswith("# u1: 3 of 35 points")
    assert "graded by: grader" in shown.stdout
    assert json.loads(grader("show", "u1", "--out", out, "--json").stdout)["submission"] == "u1"
    absent = grader("show", "u11", "--out", out)
    assert absent.returncode == 2
    assert "is called 'u11'" in absent.stderr
    assert "did you mean 'u1'?" in absent.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grade", "absent"), "absent: no such folder of submissions"),
        (("grade", "--config", "absent.yaml"), "absent.yaml: no such configuration file"),
        (("grade", "--exercises", "sqare"), "no exercise has the id 'sqare'; did you mean 'square'?"),
        (("grade", "--jobs", "0"), "should be at least 1"),
        (("grade", "--jobs", "many"), "invalid"),
        (("gradee",), "grader: there is no command 'gradee'; did you mean 'grade'?\n"),
        (("--config", "config.yaml"), "COMMAND"),
        (("zzz", "--help"), "grader: there is no command 'zzz'; `grader` lists the commands\n"),
    ],
)
def test_a_mistake_on_the_command_line_exits_2_and_says_what_to_do(arguments: tuple[str, ...], message: str) -> None:
    done = grader(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_folder_exits_2(tmp_path: Path) -> None:
    done = grader("grade", tmp_path)
    assert (done.returncode, "holds no submission" in done.stderr) == (2, True)


def test_choosing_exercises_grades_those_only(folder: Path, tmp_path: Path) -> None:
    done = grader("grade", folder, "--out", tmp_path / "out", "--exercises", "times-five-forward,times-five-backward")
    assert done.returncode == 0
    assert "3/3" in done.stdout


def test_grading_one_exercise_leaves_the_others_results(folder: Path, out: Path) -> None:
    before = results_of(out)
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text().replace("5 * x", "6 * x").replace("x * x", "x * x + 1"))
    done = grader("grade", folder, "--out", out, "--exercises", "square")
    assert done.returncode == 0, done.stderr
    for name, now in results_of(out).items():
        changed = [one for one, was in zip(now.exercises, before[name].exercises) if one != was]
        assert [one.id for one in changed] in (["square"], [])
        assert now.earned == sum(one.earned for one in now.exercises)
    assert any(now != before[name] for name, now in results_of(out).items())
    again = grader("grade", folder, "--out", out)
    assert "unchanged" not in again.stdout  # what was put together is of no one grading


def test_grading_one_exercise_where_something_would_be_lost_is_refused(folder: Path, out: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (folder / "late.py").write_text(RIGHT)
    done = grader("grade", folder, "--out", out, "--exercises", "square", "--fresh")
    assert done.returncode == 2
    assert "holds no earlier result of late to add to; grade all exercises with --fresh" in done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    alone = tmp_path / "square"
    assert grader("grade", folder, "--out", alone, "--exercises", "square").returncode == 0
    assert "3 of them unchanged" in grader("grade", folder, "--out", alone, "--exercises", "square").stdout


def test_our_fault_while_grading_one_exercise_withholds_it_and_loses_none(out: Path) -> None:
    before = results_of(out)
    names, order = sorted(before), [one.id for one in next(iter(before.values())).exercises]
    plan = planning.prepare(config.load(ROOT / "config.yaml", ("square",)))

    def failing(*_: object) -> Iterator[Done]:
        yield Done(0, None, "the machine gave up")

    engine = regrading.keeping(failing, out, names, order)
    (done,) = engine(plan, planning.box(plan.assignment), (), (), 1)
    assert done.fault
    assert done.made
    now = stored.decode(done.made.result)
    assert [one.id for one in now.exercises] == order
    assert [one.id for one in now.exercises if one.withheld] == ["square"]
    kept = [one for one in now.exercises if one.id != "square"]
    assert kept == [one for one in before[names[0]].exercises if one.id != "square"]


def results_of(out: Path) -> dict[str, Result]:
    found = {name: stored.read(stored.path_of(out, name)) for name in stored.names(out)}
    assert None not in found.values()
    return {name: result for name, result in found.items() if result}


def test_a_large_class_is_shown_in_part_and_written_in_full(tmp_path: Path) -> None:
    made, out = tmp_path / "class", tmp_path / "out"
    made.mkdir()
    for i in range(210):
        (made / f"u{i:03d}.zip").write_bytes(b"no zip")
    (made / "u000.zip").unlink()
    (made / "u000.py").write_text(RIGHT)
    done = grader("grade", made, "--out", out)
    assert "… and 170 more, all in grades.csv" in done.stdout
    assert "and look at 189 more: whatever is not `graded`" in " ".join(done.stdout.split())
    assert len(done.stdout.splitlines()) < 100
    assert len(rows_of(out)) == len(list((out / "results").iterdir())) == 210


def test_a_seed_of_ones_own_draws_other_inputs(folder: Path, out: Path) -> None:
    other = grader("grade", folder, "--out", out, "--seed", "final")
    assert "unchanged" not in other.stdout
    assert "3/35" in other.stdout


def copy_of_the_assignment(tmp_path: Path) -> Path:
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("damage", ["missing", "wrong"])
def test_a_reference_that_fails_withholds_its_exercise_and_exits_1(damage: str, folder: Path, tmp_path: Path) -> None:
    home = copy_of_the_assignment(tmp_path / "course")
    source = home / "reference" / "lecture8.py"
    if damage == "wrong":
        source.write_text(source.read_text().replace("return x * x\n", "return x * x * x\n"))
    else:
        source.unlink()
    done = grader("grade", folder, "--out", tmp_path / "out", "--config", home / "config.yaml", "--verbose")
    assert done.returncode == 1
    assert "grader fault: square: the reference itself fails its forward check" in done.stderr
    assert ("at x = 2.0: it returned 8.0, expected 4.0" in done.stderr) == (damage == "wrong")
    row = rows_of(tmp_path / "out")[0]
    assert (row["status"], row["total"], row["square"]) == ("withheld", "", "")
    if damage == "wrong":
        assert row["times-five-backward"] == "2"


def test_an_unwritable_place_for_reports_is_said_before_grading(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = grader("grade", folder, "--out", tmp_path / "file" / "out")
    assert done.returncode == 2
    assert "results cannot be written" in done.stderr


def test_an_interrupt_keeps_what_is_done_and_the_next_run_goes_on(tmp_path: Path) -> None:
    made = tmp_path / "class"
    made.mkdir()
    for i in range(4):
        (made / f"a{i}.py").write_text(RIGHT)
    for i in range(12):
        (made / f"b{i}.py").write_text(HANGS)
    out = tmp_path / "out"
    running = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", str(made), "--out", str(out), "--jobs", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background shell has it ignored
    )
    deadline = time.monotonic() + 60
    while not (out / "results" / "a3.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "finished results are kept" in said
    assert "Traceback" not in said
    assert (out / "grades.csv").read_text().count("graded") >= 4
    for path in made.glob("b*"):
        path.unlink()
    assert "4 of them unchanged" in grader("grade", made, "--out", out).stdout


def test_an_interrupt_in_code_that_was_made_of_a_text_has_the_same_status(tmp_path: Path) -> None:
    """Python makes such code for a `namedtuple`, and remembers an interrupt of it to the end of `python -m`."""
    (tmp_path / "early.py").write_text(
        "import sys\nfrom grader import cli\nfrom grader.cli import grade\n\n\n"
        "def run(_):\n    exec('raise KeyboardInterrupt')\n\n\n"
        "grade.run = run\nsys.exit(cli.main(['grade']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "early"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (done.returncode, done.stderr.startswith("interrupted: ")) == (130, True)


def test_doctor_names_the_tier_and_what_got_through() -> None:
    done = grader("doctor")
    assert done.returncode == 0
    assert "containment tier" in done.stdout
    assert "got through: nothing" in done.stdout


@pytest.mark.parametrize("of", ["exercise", "config", "result"])
def test_schemas_are_json(of: str) -> None:
    assert json.loads(grader("schema", of).stdout)["title"].startswith("autodiff-grader")


def test_help_teaches_every_command() -> None:
    top = grader("--help").stdout
    for command in ("grade", "show", "doctor", "schema", "template"):
        assert command in top
        assert "usage:" in grader(command, "--help").stdout


def test_grader_alone_lists_every_command_once_in_its_group_and_exits_0() -> None:
    done = grader()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: grader [-h] [--version] COMMAND ...\n")
    assert done.stdout == grader("--help").stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    listed: dict[str, list[tuple[str, ...]]] = {}
    heading = ""
    for line in done.stdout.splitlines():
        heading = line.removesuffix(":") if line.endswith(":") else heading
        if heading in cli.GROUPS and line.startswith("  "):
            listed.setdefault(heading, []).append(tuple(line.strip().split(maxsplit=1)))
    assert listed == {heading: list(group.items()) for heading, group in cli.GROUPS.items()}


def test_the_template_can_be_written_from_the_command_line(tmp_path: Path) -> None:
    done = grader("template", "--out", tmp_path / "t")
    assert done.returncode == 0
    assert (tmp_path / "t" / "minitorch" / "lecture8.py").exists()
    assert grader("template", "--reference", tmp_path / "none").returncode == 2
