"""`grader check --html`: where the page goes, that it says what the terminal says, and that it is never half there."""

from __future__ import annotations

import html
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.selfcheck.words import SEE_PRINTS
from tests.desk.homes import MODULE1, check, environment, home, solve

SQUARE = "return float(2.0 * x * d_out)"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = home(tmp_path)
    solve(folder, "lecture8")
    return folder


def edit(template: Path, old: str, new: str, module: str = "lecture8") -> None:
    path = template / "minitorch" / f"{module}.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def words(page: str) -> str:
    """Return the text of a page as one line."""
    body = re.sub(r"<(style|script|svg).*?</\1>", " ", page.partition("<body>")[2], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())


def test_the_page_is_beside_the_homework_and_the_exit_status_is_the_same(template: Path) -> None:
    done = check(template, "--html")
    assert (done.returncode, done.stderr) == (0, "")
    said = "Hand in minitorch/lecture8.py."
    assert done.stdout.endswith(f"all 11 done\n  {said}\n\nthe page: check.html\n")
    page = words((template / "check.html").read_text("utf-8"))
    assert "all 11 done" in page
    assert said in page
    edit(template, SQUARE, "return 2 * x")
    within = check(template / "minitorch", "--html")
    assert (within.returncode, within.stdout.splitlines()[-1]) == (3, f"the page: {template / 'check.html'}")
    assert "10 of 11 done" in words((template / "check.html").read_text("utf-8"))
    assert list(template.glob(".check*")) == list(template.glob("*.css")) == []


def test_it_can_go_elsewhere_and_says_where_it_cannot(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "my page.html"
    assert check(template, "--html", str(path)).returncode == 0
    assert path.read_text("utf-8").startswith("<!doctype html>")
    told = check(template, "--html", str(tmp_path))
    assert told.returncode == 2
    assert "it is a folder, and a file is needed" in told.stderr
    assert "all 11 done" in told.stdout


def test_json_stays_one_document(template: Path) -> None:
    done = check(template, "--json", "--html")
    assert json.loads(done.stdout)["done"] == 11
    assert "the page: check.html" in done.stderr


@pytest.mark.parametrize("config", ["config.yaml", pytest.param(MODULE1, marks=pytest.mark.ci)])
def test_it_says_all_that_the_terminal_says(config: str, tmp_path: Path) -> None:
    template = home(tmp_path)
    solve(template, "lecture8", "operators", "autodiff", "scalar", "scalar_functions")
    edit(template, SQUARE, "print('seen <b>', x)\n        return 2 * x")
    edit(template, "return math.log(x)", "return math.log(x) if x > 1 else 1 / 0")
    edit(template, "return y * d_out, x * d_out", "return y * d_out, y * d_out")
    edit(template, "return math.exp(x)", "print('in exp')\n        return math.exp(x)")
    if config == MODULE1:
        edit(template, "arrived.get(parent.unique_id, 0.0) + share", "share", "autodiff")
        edit(template, "return x if x > 0 else 0.0", "return x", "operators")
    done = check(template, "--all", "--html", "--config", str(tmp_path / config))
    page = words((template / "check.html").read_text("utf-8")).lower()
    told = done.stdout.partition("\n\n")[2].rpartition("\n\nthe page")[0]
    for line in told.splitlines():
        said = " ".join(line.strip(" |()").split()).lower()
        if said == SEE_PRINTS.lower():
            continue  # the page shows them
        if "your own forward around it" in said or re.match(
            r"(h = 0\.|✗ |at |expected |your \w+ returned |also$)", said
        ):
            continue  # a table of its own
        for part in re.split(r"(?<=[:;])\s|\s{3,}", said):
            assert part.strip(" :;().") in page, part
    if config != MODULE1:
        assert "seen <b>" in page
        assert "in exp" in page


def test_what_repeats_the_one_before_is_told_once(template: Path) -> None:
    edit(template, "import math\n", "import math\nthis is no python\n")
    check(template, "--html")
    page = words((template / "check.html").read_text("utf-8"))
    assert page.count("this is no python") == 1
    assert "0 of 11 done" in page


def test_a_wrong_graph_comes_with_its_trace(tmp_path: Path) -> None:
    template = home(tmp_path)
    solve(template, "lecture8", "operators", "autodiff", "scalar", "scalar_functions")
    edit(template, "arrived.get(parent.unique_id, 0.0) + share", "share", "autodiff")
    check(template, "--html", "--config", str(tmp_path / MODULE1), "--exercise", "backpropagate")
    page = (template / "check.html").read_text("utf-8")
    assert page.count('<section class="trace"') == 1
    assert "first wrong step: " in words(page)
    assert page.count("<script>") == 1


def test_a_browser_is_opened_where_there_is_one(template: Path, tmp_path: Path) -> None:
    told = tmp_path / "opened.txt"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{told}"\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "grader", "check", "--open"]
    quiet = {name: value for name, value in environment().items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        command, cwd=template, env={**quiet, "BROWSER": f"{browser} %s"}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "the page: check.html")
    assert told.read_text() == (template / "check.html").as_uri()
    done = subprocess.run(command, cwd=template, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0
    if sys.platform.startswith("linux"):
        assert "the page: check.html (no browser could be opened here; open this file in one)" in done.stdout


@pytest.fixture
def watched(template: Path) -> Iterator[subprocess.Popen[str]]:
    """A check that goes on, with a page."""
    pytest.importorskip("watchfiles")
    command = [sys.executable, "-m", "grader", "check", "--watch", "--html"]
    running = subprocess.Popen(command, cwd=template, env=environment(), stdout=subprocess.PIPE, text=True)
    yield running
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)


def test_a_watched_page_has_a_stamp_until_nobody_watches(template: Path, watched: subprocess.Popen[str]) -> None:
    assert watched.stdout is not None
    assert any("the page: check.html" in line for line in iter(watched.stdout.readline, ""))
    page, stamp = (template / "check.html").read_text("utf-8"), (template / "check.stamp.css").read_text("utf-8")
    (given,) = re.findall(r'data-watched="check.stamp.css" data-stamp="(\w+)"', page)
    assert stamp == f':root {{ --stamp: "{given}"; }}\n'
    watched.send_signal(signal.SIGINT)
    watched.wait(10)
    assert watched.returncode == 130
    assert not (template / "check.stamp.css").exists()
