"""The exercises as pytest items: chosen, run in parallel, run again and reported as any tests are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.desk import homes
from tests.desk.homes import environment, home, solve


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A solved template with d_out forgotten in one place."""
    folder = home(tmp_path_factory.mktemp("course"))
    solve(folder, "lecture8")
    path = folder / "minitorch" / "lecture8.py"
    path.write_text(path.read_text().replace("float(2.0 * x * d_out)", "2.0 * x", 1))
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--submission", ".", "-p", "no:randomly", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=100)


def test_every_check_is_an_item_and_a_failure_is_our_feedback(template: Path) -> None:
    done = run(template)
    assert done.returncode == 1
    assert "2 failed, 23 passed" in done.stdout
    assert "it looks as if d_out was forgotten" in done.stdout
    assert "Traceback" not in done.stdout
    assert "pytest_plugin" not in done.stdout


def test_what_a_file_imports_prints_and_writes_costs_nothing_here_either(tmp_path: Path) -> None:
    folder = home(tmp_path)
    solve(folder, "lecture8")
    path = folder / "minitorch" / "lecture8.py"
    above = "import tkinter, sys, os\nassert sys.argv == ['lecture8.py']\nos.makedirs('logs')\nprint('x' * 2_000_000)\n"
    path.write_text(path.read_text().replace("import math\n", f"import math\n{above}", 1))
    done = run(folder)
    assert "25 passed" in done.stdout, done.stdout
    assert not (folder / "logs").exists()


@pytest.mark.ci
def test_items_are_chosen_by_name_and_by_place_and_the_first_failure_stops(template: Path) -> None:
    assert "2 passed, 23 deselected" in run(template, "-k", "log and backward").stdout
    assert "1 failed" in run(template, "minitorch/lecture8.py::square::backward").stdout
    assert "3 passed" in run(template, "minitorch/lecture8.py::log").stdout
    assert "1 failed" in run(template, "-x").stdout


@pytest.mark.ci
def test_the_last_failures_run_alone_and_then_in_parallel_with_a_report(template: Path, tmp_path: Path) -> None:
    run(template)
    again = run(template, "--lf", "-n", "2", "--junitxml", str(tmp_path / "junit.xml"))
    assert "2 failed" in again.stdout
    assert "passed" not in again.stdout
    cases = list(ElementTree.parse(tmp_path / "junit.xml").iter("testcase"))
    assert {(case.get("classname"), case.get("name")) for case in cases} == {
        ("minitorch.lecture8.square", "backward"),
        ("minitorch.lecture8.square", "contract"),
    }
    told = [failure.text or "" for case in cases for failure in case.iter("failure")]
    assert any("d_out was forgotten" in text for text in told)


@pytest.mark.ci
def test_what_is_not_there_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    folder = home(tmp_path)
    (folder / "minitorch" / "lecture8.py").unlink()
    done = run(folder)
    assert (done.returncode, "there is no lecture8.py" in done.stderr) == (4, True)
    assert run(tmp_path / "exercises").returncode == 4


@pytest.mark.ci
def test_without_a_submission_nothing_is_collected(template: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only"]
    done = subprocess.run(command, cwd=template, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 5


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked handout with what pip would install of it in a folder beside it, by way of its launcher."""
    folder = tmp_path_factory.mktemp("handout")
    made = homes.unpacked(folder)
    homes.installed(made, folder / "site")
    return made


def by_itself(folder: Path, site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest without naming a homework, with the launcher in the place of the grader."""
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-q", *arguments]
    variables = {**environment(), "PYTHONPATH": str(site)}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=100)


def test_in_a_handout_pytest_alone_finds_the_checks(handout: Path) -> None:
    site = handout.parent / "site"
    for folder in (handout, handout / "minitorch"):
        assert "25 failed" in by_itself(folder, site).stdout
    listed = by_itself(handout, site, "--collect-only").stdout
    assert "minitorch/lecture8.py::square::backward" in listed
    assert "1 failed" in by_itself(handout, site, "minitorch/lecture8.py::square::backward").stdout


def test_a_project_that_is_no_homework_is_left_alone(handout: Path, tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n")
    assert "1 passed" in by_itself(tmp_path, handout.parent / "site").stdout
    only = tmp_path / "launcher alone"
    shutil.copytree(handout.parent / "site", only, ignore=shutil.ignore_patterns("autodiff_desk"))
    assert "1 passed" in by_itself(tmp_path, only).stdout


def test_other_peoples_files_run_contained_and_a_line_says_so(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.yaml", tmp_path)
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, tmp_path / name)
    sent, seen = tmp_path / "hw1" / "u2001", tmp_path / "seen"
    shutil.copytree(ROOT / "reference", sent / "minitorch")
    with (sent / "minitorch" / "lecture8.py").open("a", encoding="utf-8") as file:
        file.write(f"\nimport os\nos.system('touch {seen}')\n")
    done = run(sent, "-k", "square")
    assert "they run contained" in done.stdout, done.stdout
    assert not seen.exists()
