"""Course packs: found without a list, copied whole, and carried by the wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader import cli
from grader.authoring import linting, packs
from grader.bundle import contents
from grader.grading import config, planning
from grader.selfcheck import finding
from tests.conftest import ROOT

NAMES = sorted(packs.known())


def new(folder: Path, *options: str) -> int:
    return cli.main(["new", "course", *([str(folder)] if folder.name else []), *options])


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_of_a_pack_is_whole(name: str, tmp_path: Path) -> None:
    home = tmp_path / "in" / "hw1"
    assert new(home, "--from", name) == 0
    copy, original = config.load(home / "config.yaml"), config.load(packs.known()[name].config)
    assert [one.digest for one in copy.exercises] == [one.digest for one in original.exercises]
    form = config.form(home / "config.yaml")
    for path in (*form.exercises, form.layout.reference, form.out, form.submissions):
        assert (home / path).resolve().is_relative_to(home), path
    assert linting.problems(home / "config.yaml") == []
    theirs, ours = (sorted(one.name for one in (found.submissions or home).iterdir()) for found in (copy, original))
    assert theirs == ours
    assert (home / "expected.yaml").is_file() == ("expected.yaml" in (home / "README.md").read_text())


def test_there_is_a_pack_for_every_config_of_an_example() -> None:
    assert set(NAMES) == {"lecture8", *(path.parent.name for path in (ROOT / "examples").glob("*/config.yaml"))}


def test_a_config_keeps_its_comments(tmp_path: Path) -> None:
    assert new(tmp_path / "hw1", "--from", "lecture8") == 0
    text = (ROOT / "config.yaml").read_text("utf-8")
    expected = text.replace("submissions: examples/cohort/submissions", "submissions: submissions")
    assert (tmp_path / "hw1" / "config.yaml").read_text("utf-8") == expected


def test_an_editor_finds_the_schemas_without_a_network(tmp_path: Path) -> None:
    home = tmp_path / "hw1"
    assert new(home, "--from", "module1") == 0
    (schemas,) = json.loads((home / ".vscode" / "settings.json").read_text()).values()
    assert all((home / path).is_file() for path in schemas)
    matched = {path: {one.name for glob in globs for one in home.glob(glob)} for path, globs in schemas.items()}
    assert matched["./.schemas/config.json"] == {"config.yaml"}
    written = {Path(one.source).name for one in config.load(home / "config.yaml").exercises}
    assert matched["./.schemas/exercise.json"] == written
    kept = json.loads((home / ".schemas" / "exercise.json").read_text())
    assert kept == json.loads((ROOT / "docs" / "schemas" / "exercise.json").read_text())


def test_what_a_run_leaves_behind_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("exercises", "reference", "examples"):
        shutil.copytree(ROOT / name, tmp_path / "packs" / name)
    shutil.copy(ROOT / "config.yaml", tmp_path / "packs")
    for name in (
        "reports/a.csv",
        "examples/module1/reports/a.csv",
        "examples/module1/.grader/a",
        "reference/__pycache__/a",
    ):
        (tmp_path / "packs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "packs" / name).write_text("")
    monkeypatch.setattr("grader.__file__", str(tmp_path / "__init__.py"))
    for name in ("module1", "lecture8"):
        assert not [path for path in packs.copied(packs.named(name)) if path.endswith(("a.csv", "/a"))]


def test_an_unknown_pack_names_the_near_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(tmp_path / "hw1", "--from", "modul1") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "no pack is called 'modul1'; did you mean 'module1'?; there are " in said
    assert not (tmp_path / "hw1").exists()


@pytest.mark.parametrize("there", ["a file", "a folder with a file"])
def test_what_is_there_is_left_alone(there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = tmp_path / "hw1" if there == "a file" else tmp_path / "hw1" / "mine.txt"
    held.parent.mkdir(exist_ok=True)
    held.write_text("mine")
    assert new(tmp_path / "hw1", "--from", "lecture8") == 2
    assert "there is something already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [held.name]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "hw1").mkdir()
    assert new(tmp_path / "hw1", "--from", "module1") == 0


def test_nothing_is_left_of_a_copy_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        if path.name == "config.yaml":
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("grader.reports.files.write", full)
    assert new(tmp_path / "hw1", "--from", "lecture8") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_or_a_pack_the_command_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--from", "lecture8"], []):
        assert cli.main(["new", "course", *options]) == 2
        assert "grader new course hw1 --from lecture8" in " ".join(capsys.readouterr().err.split())
    assert cli.main(["new", "course", str(tmp_path / "hw1")]) == 2
    assert "no class is given (the class of your variables, as in Value); say --class" in capsys.readouterr().err


def test_the_packs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new", "course", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(packs.known())


def test_packs_are_no_part_of_the_grader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "packs" / "reference").mkdir(parents=True)
    (tmp_path / "__init__.py").write_text("")
    monkeypatch.setattr("grader.__file__", str(tmp_path / "__init__.py"))
    before = planning._own_digest(), finding._own_files(str(tmp_path))
    (tmp_path / "packs" / "reference" / "solved.py").write_text("")
    assert (planning._own_digest(), finding._own_files(str(tmp_path))) == before
    assert list(contents.package()) == ["grader/__init__.py"]


def test_without_packs_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.__file__", str(tmp_path / "grader" / "__init__.py"))
    assert packs.known() == {}
    assert new(tmp_path / "hw1", "--from", "lecture8") == 2


@pytest.mark.ci
def test_an_installed_wheel_grades_a_pack_in_an_empty_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as inside:
        inside.extractall(tmp_path / "site")
    (tmp_path / "empty").mkdir()

    def run(*arguments: str, at: Path) -> str:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site"), "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-m", "grader", *arguments]
        done = subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert [line.split()[0] for line in run("new", "course", "--list", at=tmp_path / "empty").splitlines()] == list(
        packs.known()
    )
    for name in NAMES:
        run("new", "course", name, "--from", name, at=tmp_path / "empty")
        home = tmp_path / "empty" / name
        run("grade", at=home)
        known = {path.stem for path in (home / "reports" / "results").glob("*.json")}
        assert len(known) >= len([one for one in (home / "submissions").iterdir() if one.is_dir()])
