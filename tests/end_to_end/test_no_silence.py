"""Whatever the system refuses, each command says it in a sentence that names the place, and shows no traceback."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from grader import cli
from tests import drawn
from tests.browser import web
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT


class Place(NamedTuple):
    """A path that a command is given: a file or a folder, which it reads or writes, and one that would do."""

    kind: str
    good: str


def reads(good: str) -> Place:
    return Place("reads file", good)


def looks_in(good: str) -> Place:
    return Place("reads folder", good)


def writes(good: str) -> Place:
    return Place("writes file", good)


def fills(good: str) -> Place:
    return Place("writes folder", good)


CONFIG = ("--config", reads("config.yaml"))
REPORTS = ("--out", looks_in("reports"))
CANVAS = ("--url=http://127.0.0.1:9", "--course=1", "--assignment=2")
TABLE: tuple[tuple[str | Place, ...], ...] = (
    ("check", "--submission", looks_in("homework"), "--exercise=square", *CONFIG),
    ("check", "--submission=homework", "--exercise=square", "--html", writes("new/check.html"), "--junit",
     writes("new/check.xml"), "--code-quality", writes("new/check.json"), "--config=config.yaml"),
    ("trace", "square", "--submission", looks_in("homework"), *CONFIG),
    ("trace", "square", "--submission=reference", "--html", writes("new/trace.html"), "--config=config.yaml"),
    ("trace", "square", "--submission=reference", "--svg", fills("new/frames"), "--config=config.yaml"),
    ("bundle", "classroom50", "--output", writes("new/classroom50.zip"), *CONFIG),
    ("grade", Place("reads class", "class"), "--out", fills("new/reports"), *CONFIG),
    ("marks", *REPORTS, *CONFIG),
    ("decide", "--no-browser", "--out", looks_in("reports"), *CONFIG),
    ("doctor", *CONFIG),
    ("show", "u2001", "--html", writes("new/u2001.html"), *REPORTS),
    ("show", "u2001", *CONFIG),
    ("pages", *REPORTS),
    ("pages", *CONFIG),
    ("diff", looks_in("reports"), looks_in("reports")),
    ("new", "exercise", "--title=Cube", "--statement=s", "--argument=x=real", "--value=x ** 3", "--folder",
     fills("new/exercises"), *CONFIG),
    ("lint", *CONFIG),
    ("preview", "--html", writes("new/sheet.html"), *CONFIG),
    ("preview", "--markdown", writes("new/sheet.md"), *CONFIG),
    ("preview", "--mistakes", "mul-forward", "--html", writes("new/mistakes.html"), *CONFIG),
    ("explain", "square", *CONFIG),
    ("audit", "add-times-2", "--seeds=1", "--reference-seeds=1", "--json", writes("new/audit.json"), *CONFIG),
    ("template", "--reference", looks_in("reference"), "--out", fills("new/template")),
    ("template", *CONFIG, "--out", fills("new/template")),
    ("schema", "config"),
    ("new", "course", fills("new/course"), "--class=Value", "--solved", reads("engine.py"), "--leaf=Value({})",
     "--value={}.data", "--backward={}.backward()", "--gradient={}.grad"),
    ("bundle", "student", "--template", looks_in("student_template"), "--output", writes("new/handout.zip"), *CONFIG),
    ("bundle", "student", "--roster", reads("drawn/roster.csv"), "--output", fills("new/handouts"), "--config",
     reads("drawn/config.yaml")),
    ("bundle", "gradescope", "--lock", reads("run.lock"), "--cache", fills("new/cache"), "--output",
     writes("new/autograder.zip"), *CONFIG),
    ("bundle", "web", "--template", looks_in("student_template"), "--cache", fills("new/cache"), "--output",
     fills("new/site"), *CONFIG),
    ("bundle", "web", "--pyodide", reads("pyodide.tgz"), *CONFIG),
    ("bundle", "runner", "--lock", reads("run.lock"), "--output", writes("new/runner.zip"), *CONFIG),
    ("export", "canvas", reads("gradebook.csv"), "--assignment=1", "--output", writes("new/i.csv"), *REPORTS, *CONFIG),
    ("export", "sheet", reads("sheet.csv"), "--output", writes("new/filled.csv"), *REPORTS, *CONFIG),
    ("export", "moodle", reads("worksheet.csv"), "--feedback", writes("new/f.zip"), "--output", writes("new/m.csv"),
     *REPORTS, *CONFIG),
    ("export", "junit", "--output", writes("new/junit.xml"), *REPORTS, *CONFIG),
    ("export", "prairielearn", "--student=u2001", "--output", writes("new/p.json"), *REPORTS, *CONFIG),
    ("export", "result", "--student=u2001", "--output", writes("new/r.json"), *REPORTS, *CONFIG),
    ("canvas", "push", *CANVAS, *REPORTS, *CONFIG),
    ("gradescope", "run", "--root", looks_in("autograder"), *CONFIG),
)  # fmt: skip
"""Each command as it would work, with every path that it takes."""

BAD: dict[str, tuple[str, ...]] = {
    "reads file": ("not-there.yaml", "a-folder.csv", "garbage.bin", "config.yaml/below-a-file"),
    "reads folder": ("not-there", "config.yaml", "config.yaml/below-a-file"),
    "reads class": ("not-there", "config.yaml/below-a-file"),  # one file is a class of one
    "writes file": ("a-folder.csv", "config.yaml/below-a-file"),
    "writes folder": ("garbage.bin", "garbage.bin/below-a-file"),
}

NAMELESS = ("gradescope",)
"""Its one folder is the container's own; what is said there names what lies in it."""

NEEDS_EXTRA: dict[str, tuple[str, ...]] = {
    "cluster": ("grade", "class", "--engine=dask", "--out", "new/dask"),
    "canvas": ("canvas", "push", *CANVAS, "--out", "reports"),
    "bundle": ("bundle", "gradescope", "--output", "new/autograder.zip"),
    "watch": ("check", "--submission", "homework", "--watch"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sample_reports: Callable[[str], Path]) -> Path:
    """A course with a class, its reports, what platforms hand out, and things that are not what they should be."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("exercises", "reference", "student_template"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", folder)
    shutil.copy(ROOT / "requirements" / "run.lock", folder)
    shutil.copytree(sample_reports("cohort"), folder / "reports")
    for name in ("class", "homework", "homework/minitorch", "a-folder.csv", "autograder"):
        (folder / name).mkdir()
    (folder / "class" / "u1.py").write_text(RIGHT)
    (folder / "homework" / "minitorch" / "lecture8.py").write_text(RIGHT)
    (folder / "gradebook.csv").write_text("Student,ID,SIS User ID,Section,HW (1)\nPoints Possible,,,,35\nA,1,u2001,,\n")
    (folder / "sheet.csv").write_text("SID,Score\nu2001,\n")
    (folder / "worksheet.csv").write_text("Identifier,ID number,Grade,Maximum grade\nParticipant 1,u2001,,35\n")
    shutil.copy(ROOT / "examples" / "micrograd" / "reference" / "engine.py", folder)
    drawn.course(folder / "drawn")
    (folder / "garbage.bin").write_bytes(b"\xff\xfe\x00\x81garbage\n" * 3)
    return folder


READ_ONLY = 'mount --bind . . && cd "$PWD" && mount -o remount,bind,ro . && exec "$@"'


def ended(home: Path, situation: str, commands: Sequence[Sequence[str]], *held: str) -> list[tuple[int, str, str]]:
    """Return status, output and errors of each command, run in `home` by what is `held` around it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CANVAS_TOKEN": "token", "COLUMNS": "400"}
    done = subprocess.run(
        [*held, sys.executable, "-m", "tests.end_to_end.refused", situation],
        cwd=home,
        env=environment,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(one) for one in json.loads(done.stdout)]


def with_one_bad(number: int, whole: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield a row with each of its paths replaced by one that will not do, or the `whole` of those, and which that is.

    Which one it is goes on from path to path and from row to row.
    """
    row = TABLE[number]
    for i, one in enumerate(row):
        if isinstance(one, Place):
            bads = BAD[one.kind]
            for bad in bads if whole else (bads[(number + i) % len(bads)],):
                yield bad, [*filled(row[:i]), bad, *filled(row[i + 1 :])]


def filled(row: Sequence[str | Place]) -> list[str]:
    return [one.good if isinstance(one, Place) else one for one in row]


def wrong_with(status: int, out: str, err: str, *names: str) -> list[str]:
    """Return what is wrong with how a command ended that could not do what it was asked for."""
    told = out + err
    return [
        *[f"status {status}"] * (status not in (1, 2)),
        *["a traceback"] * ("Traceback" in told),
        *["an internal error"] * ("internal error" in told),
        *["nothing is said"] * (not told.strip()),
        *[f"{name} is not named" for name in names if name not in told],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.prove)])
def test_a_path_that_will_not_do_is_named_by_every_command(home: Path, whole: bool) -> None:
    cases = [case for number in range(len(TABLE)) for case in with_one_bad(number, whole)]
    wrong = {
        " ".join(command): (said, out[-300:], err[-600:])
        for (bad, command), (status, out, err) in zip(cases, ended(home, "NOTHING", [one for _, one in cases]))
        if (said := wrong_with(status, out, err, *[Path(bad).name] * (command[0] not in NAMELESS)))
    }
    assert not wrong, json.dumps(wrong, indent=1)


def test_a_full_disk_is_said_by_every_command_that_writes(home: Path) -> None:
    rows = [row for row in TABLE if any("writes" in one.kind for one in row if isinstance(one, Place))]
    cases = [filled(row) for row in (*rows, ("marks", *REPORTS, *CONFIG), ("pages", *REPORTS))]
    wrong = {
        " ".join(command): (said, out[-300:], err[-600:])
        for command, (status, out, err) in zip(cases, ended(home, "FULL", cases))
        if (said := wrong_with(status, out, err, "new" if "new" in " ".join(command) else "reports"))
    }
    assert not wrong, json.dumps(wrong, indent=1)


def test_a_read_only_folder_is_said_by_every_command_that_writes(home: Path) -> None:
    around = ("unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", READ_ONLY, "sh")
    if subprocess.run([*around, "true"], cwd=home, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    rows = [row for row in TABLE if any("writes" in one.kind for one in row if isinstance(one, Place))]
    cases = [filled(row) for row in (*rows, ("marks", *REPORTS, *CONFIG), ("pages", *REPORTS))]
    wrong = {
        " ".join(command): (said, out[-300:], err[-600:])
        for command, (status, out, err) in zip(cases, ended(home, "NOTHING", cases, *around))
        if (said := wrong_with(status, out, err, "new" if "new" in " ".join(command) else "reports"))
        or "read-only" not in err.casefold()
    }
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.slow
def test_output_that_cannot_be_printed_is_said_by_every_command(home: Path) -> None:
    rows = [row for row in TABLE if row[0] != "canvas" and "--pyodide" not in row]  # they fail before they print
    cases = [filled(row) for row in rows if "web" not in row or web.available()]
    wrong = {
        " ".join(command): (status, err[-600:])
        for command, (status, _, err) in zip(cases, ended(home, "STDOUT_FULL", cases))
        if status != 1 or "standard output: cannot be written" not in err or "Traceback" in err
    }
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.parametrize("extra", NEEDS_EXTRA)
def test_an_option_for_a_missing_extra_says_how_to_install_it(extra: str, home: Path) -> None:
    ((status, out, err),) = ended(home, "WITHOUT_EXTRAS", [NEEDS_EXTRA[extra]])
    assert (status, out) == (2, "")
    if extra == "watch":  # students have a handout, and no clone
        assert "python -m pip install watchfiles" in err
    else:
        assert f"pip install 'autodiff-grader[{extra}]' (in a clone: make extras)" in err
    assert len(err.splitlines()) == 1


def test_every_extra_but_the_students_is_tried() -> None:
    extras = re.findall(
        r"^(\w+) = \[",
        (ROOT / "pyproject.toml").read_text().split("[project.optional-dependencies]")[1].split("[project.scripts]")[0],
        re.MULTILINE,
    )
    assert set(extras) - {"students"} == set(NEEDS_EXTRA)


def path_options() -> dict[str, set[str]]:
    """Return the options that take a path, by command."""

    def below(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, set[str]]]:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for kind, inner in action.choices.items():
                    yield from below(inner, f"{name} {kind}")
                return
        takes = [one for one in parser._actions if one.type is Path]
        yield name, {one.option_strings[-1] if one.option_strings else one.dest for one in takes}

    found = {}
    for name in cli.COMMANDS:
        parser = argparse.ArgumentParser(name)
        importlib.import_module(f"grader.cli.{name}").define(parser)
        found.update(below(parser, name))
    return found


def test_every_path_that_a_command_takes_is_in_the_table() -> None:
    for name, options in path_options().items():
        rows = [row for row in TABLE if " ".join(map(str, row[: len(name.split())])) == name]
        assert rows, f"`grader {name}` is not in the table"
        named = {row[i - 1] for row in rows for i, one in enumerate(row) if isinstance(one, Place)}
        without = sum(
            isinstance(one, Place) and not str(rows[0][i - 1]).startswith("--") for i, one in enumerate(rows[0])
        )
        positional = {one for one in options if not one.startswith("--")}
        assert options - positional <= named, name
        assert len(positional) <= without, name
