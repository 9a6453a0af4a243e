"""Handouts of several assignments and versions in one environment, by pip itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from grader.bundle import launcher, wheel
from tests.conftest import ROOT
from tests.desk import homes
from tests.desk.homes import environment

DUAL = "examples/dual-numbers/config.yaml"


class Environment:
    """A virtual environment with pip and msgspec, and no network."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=100)
        self.bin = folder / "bin"
        (site,) = folder.glob("lib/python*/site-packages")
        for path in Path(msgspec.__file__).parents[1].glob("msgspec*"):
            shutil.copytree(path, site / path.name)

    def pip(self, *arguments: str, at: Path) -> None:
        command = [self.bin / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
        subprocess.run(command, cwd=at, check=True, capture_output=True, timeout=100)

    def install(self, handout: Path) -> None:
        self.pip("install", "--no-index", "-r", "requirements.txt", at=handout)

    def uninstall(self, handout: Path) -> None:
        said = re.search(r"pip uninstall ([\w-]+)", (handout / "README.md").read_text())
        assert said
        self.pip("uninstall", "--yes", said[1], at=handout)

    def run(self, *command: str, at: Path) -> subprocess.CompletedProcess[str]:
        variables = {**environment(), "PYTHONPATH": ""}
        run = [self.bin / command[0], *command[1:]]
        return subprocess.run(run, cwd=at, env=variables, capture_output=True, text=True, timeout=100)

    def checks(self, handout: Path) -> bool:
        """Say whether a handout's self-check says what is next, by its command and by Python's `-m`."""
        ways = (("grader", "check"), ("python", "-m", "grader", "check"))
        found = [self.run(*way, at=handout) for way in ways]
        return all(one.returncode == 3 and " done; next: " in one.stdout and not one.stderr for one in found)


@pytest.mark.ci
def test_handouts_are_installed_side_by_side_and_one_can_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = homes.unpacked(tmp_path), homes.unpacked(tmp_path, DUAL)
    monkeypatch.setattr(wheel, "code", _newer(wheel.code()))
    newer = homes.unpacked(tmp_path / "newer")
    there = Environment(tmp_path / "venv")
    for handout in (one, other, newer):
        there.install(handout)
    assert all(map(there.checks, (one, other, newer)))
    assert there.run("grader", "--version", at=newer).stdout == "grader 0.2.0 (newer)\n"
    assert there.run("grader", "--version", at=one).stdout == "grader 0.2.0\n"
    assert "there is no" not in there.run("grader", "check", "--submission", str(other), at=one).stderr
    there.uninstall(one)
    assert there.checks(other)
    assert there.checks(newer)
    there.uninstall(other)
    there.uninstall(newer)
    done = there.run("grader", "check", at=one)
    assert (done.returncode, "python -m pip install -r requirements.txt" in done.stderr) == (2, True)


def _newer(code: dict[str, bytes]) -> object:
    shown = code["cli/__init__.py"].replace(b'f"grader {__version__}"', b'f"grader {__version__} (newer)"')
    assert shown != code["cli/__init__.py"]
    return lambda: {**code, "cli/__init__.py": shown}


def test_no_two_wheels_have_a_file_in_common(tmp_path: Path) -> None:
    folders = []
    for name in ("config.yaml", DUAL):
        handout = homes.unpacked(tmp_path, name)
        for path in handout.glob("*.whl"):
            folder = tmp_path / "laid out" / path.name
            shutil.unpack_archive(path, folder, "zip")
            folders.append((path.name, {one.relative_to(folder) for one in folder.rglob("*") if one.is_file()}))
    launchers = [files for name, files in folders if name == wheel.launcher()[0]]
    assert launchers[0] == launchers[1]
    others = [launchers[0], *(files for name, files in folders if name != wheel.launcher()[0])]
    assert len(set().union(*others)) == sum(map(len, others))


def test_the_launcher_finds_the_grader_that_a_handout_names(tmp_path: Path) -> None:
    handout = homes.unpacked(tmp_path)
    homes.installed(handout, tmp_path / "site")
    name = launcher.wanted([], str(handout / "minitorch"))
    found = launcher.installed([str(tmp_path), str(tmp_path / "site")])
    assert list(found) == [name]
    assert (
        launcher.chosen(name, found)
        == launcher.chosen("another", found)
        == str(tmp_path / "site" / "autodiff_desk" / name)
    )
    assert launcher.wanted([], str(tmp_path)) == ""
    for words in (["check", "--submission", "lecture8"], ["check", f"--config={handout / 'assignment.prepared'}"]):
        assert launcher.wanted(words, str(tmp_path)) == name
    assert launcher.chosen(name, {}) is None


def test_the_launcher_imports_nothing_but_os_and_sys() -> None:
    source = (ROOT / "grader" / "bundle" / "launcher.py").read_text()
    assert re.findall(r"^(?:import|from) .*", source, re.MULTILINE) == ["import os", "import sys"]
