"""What authors see while they type: the sheet, what students find to write, and what mistakes are told, for real."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import cli
from grader.authoring.saving import Saves, files_of, stamp
from grader.cli import previewing, watching
from grader.grading import config
from tests import drawn
from tests.conftest import ROOT, SAMPLES
from tests.end_to_end.test_own_class import FILES
from tests.small_courses import laid_out, with_one_exercise

SLOW = "import time\n        time.sleep(0.002)\n        return x * x"
"""A right line that makes a round take some seconds, whatever else the machine does."""

PATIENCE = 120
"""Seconds after which a command that says nothing is stopped: a test then fails, and does not hang."""

KINDS = (
    ("cohort", "add-times-2", "class AddTimes2"),
    ("module1", "op-log-back", "def log_back"),
    ("module1", "h", "def h"),
    ("module1", "backpropagate", "def backpropagate"),
    ("module1", "all-together", "minitorch/scalar.py: Scalar.__add__"),
    ("module1", "central-difference", "def central_difference"),
    ("module1", "context", "class Context"),
    ("module1", "paper-log-plus-exp-by-x", "answers:"),
    ("micrograd", "used-twice", "class Value"),
    ("needle-hw1", "log", "class Log"),
)
"""An exercise of each kind that is shipped, and what students find to write for it."""


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one exercise, in the folder where this runs."""
    return with_one_exercise(tmp_path)


def square(course: Path) -> Path:
    return course / "exercises" / "05-square.yaml"


def changed(path: Path, old: str, new: str) -> None:
    """Save a file as many editors do: a new one is put in its place."""
    text = path.read_text("utf-8")
    assert old in text, old
    draft = path.with_name(f"{path.name}~")
    draft.write_text(text.replace(old, new), "utf-8")
    draft.replace(path)


class Watched:
    """A command that goes on, line by line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "grader", "preview", "--watch", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._timer = threading.Timer(PATIENCE, self.process.kill)
        self._timer.start()

    def until(self, *said: str) -> str:
        """Return what is printed up to the first line that has one of these in it."""
        assert self.process.stdout is not None
        lines = []
        for line in iter(self.process.stdout.readline, ""):
            lines.append(line)
            if any(text in line for text in said):
                return "".join(lines)
        raise AssertionError(f"it never said {said}, but {''.join(lines)}")

    def interrupted(self) -> tuple[int, str]:
        """Interrupt it as Ctrl-C does; return its exit status and what it said then."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def close(self) -> None:
        self._timer.cancel()
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def watched(folder: Path, *arguments: str) -> Iterator[Watched]:
    pytest.importorskip("watchfiles")
    one = Watched(folder, *arguments)
    try:
        yield one
    finally:
        one.close()


def flat(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def once(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main(["preview", "--mistakes", *arguments])
    return status, capsys.readouterr().out


# --- once ----------------------------------------------------------------------------------------------------------


def test_an_author_reads_what_students_read(capsys: pytest.CaptureFixture[str]) -> None:
    status, out = once(capsys, "--config", str(ROOT / "config.yaml"), "square")
    assert status == 0
    read, found, told = out.split("── square: ")[1:]
    assert "## Square, with a saved argument (4 points)" in read
    assert 'raise NotImplementedError("save what backward needs, and return x squared")' in found
    assert "return x * x" not in found
    assert found.startswith("what they find in minitorch/lecture8.py ")
    first, *others = re.split(r"^\d\. ", told, flags=re.MULTILINE)[1:]
    assert first.startswith(
        "Square.backward: you foretell “x is missing from the derivative”; keeps 1 of\n   4 points\n"
    )
    assert (
        "at x = 2.0, d_out = 1.0\n         your backward returned   2.0\n         expected                 4.0\n"
        in first
    )
    assert "it looks as if x is missing from the derivative. x² has the derivative 2x," in first
    assert "Square.backward: a derivative is left out (d_out forgotten); keeps 1 of 4 points" in flat(others[0])
    assert any("the sign is flipped" in one for one in others)
    assert any(
        "line 80: the value is wrong; keeps 3 of 4 points\n     return x * x\n   → return x + x\n" in one
        for one in others
    )
    assert any("no `return` gives a value back" in one for one in others)
    assert 4 <= len(others) <= 5
    assert max(map(len, (read + told).splitlines())) <= 80


@pytest.mark.parametrize(("sample", "id", "found"), KINDS)
def test_mistakes_are_tried_in_every_kind(sample: str, id: str, found: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = once(capsys, "--config", str(SAMPLES[sample]), id)
    assert status == 0
    _, stub, told = out.split(f"── {id}: ")[1:]
    assert found in stub
    assert re.search(r"^1\. .*?keeps \d+ of\s+\d+\s+point", told, re.MULTILINE | re.DOTALL), told
    assert "✗" in told


def test_a_mistake_is_planted_where_the_exercise_runs(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = once(capsys, "--config", str(SAMPLES["micrograd"]), "exp")
    planted = re.findall(r"^\d\. (Value\.\w+)", out, re.MULTILINE)
    assert planted
    assert {*planted} <= {"Value.exp", "Value.backward"}


def test_walks_that_are_well_known_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = once(capsys, "--config", str(SAMPLES["module1"]), "backpropagate")
    assert "1. backpropagate: a well-known wrong way (what arrives overwrites);" in out
    assert "what arrives over a second way overwrites the first" in out


def test_checks_of_ones_own_are_tried_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = once(capsys, "--config", str(laid_out(tmp_path, FILES)))
    assert status == 0
    assert "class Sigmoid" in out
    assert "keeps 0 of 3 points" in out


def test_what_cannot_be_planted_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = with_one_exercise(tmp_path) / "config.yaml"
    square(tmp_path).write_text(
        "format: 1\nkind: paper\nid: by-hand\ntitle: By hand\nstatement: s\nfile: answers.yaml\narguments: {x: real}\n"
        "value: x\nby: x\nchecks: {derivative: 1}\n"
    )
    (tmp_path / "reference" / "answers.yaml").write_text("answers:\n  by-hand: x - x + (1)\n")
    status, out = once(capsys, "--config", str(config))
    assert status == 0
    (tmp_path / "reference" / "answers.yaml").write_text("answers:\n  by-hand: 2\n")
    status, out = once(capsys, "--config", str(config))
    assert status == 2
    assert "No mistake is tried: the reference itself fails its derivative check" in out


def test_a_misconception_that_is_none_is_said(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(square(course), "returns: [2 * d_out]", "returns: [2 * x * d_out]")
    _, out = once(capsys, "--config", str(course / "config.yaml"))
    first = out.partition("1. Square.backward: you foretell")[2].partition("2. ")[0]
    assert "No check loses a point by it." in first
    assert "keeps 4 of 4 points" in flat(first)


def test_a_reference_that_fails_is_said(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(course / "reference" / "lecture8.py", "return x * x", "return x * x + 1")
    status, out = once(capsys, "--config", str(course / "config.yaml"))
    assert status == 2
    assert "No mistake is tried: the reference itself fails its forward check (wrong answer" in out
    assert "TODO: save what backward needs" in out


def test_markers_that_do_not_pair_up_are_named(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(course / "reference" / "lecture8.py", "# end solution", "# the end")
    assert cli.main(["preview", "--mistakes", "--config", str(course / "config.yaml")]) == 2
    assert re.match(
        r"reference/lecture8\.py:\d+:\d+: a solution starts inside the one of line \d+; end that one first",
        capsys.readouterr().err,
    )


def test_parameters_take_a_student(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(drawn.course(tmp_path / "drawn"))
    status, out = once(capsys, "--config", path, "scaled")
    assert status == 2
    assert "say whose to take, as in `grader preview --student ID`" in flat(out)
    status, out = once(capsys, "--config", path, "scaled", "--student", drawn.IDS[0])
    assert status == 0
    assert "keeps 1 of 3" in out


def test_a_page_has_it_and_says_whose_it_is(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = course / "page.html"
    status, out = once(capsys, "--config", str(course / "config.yaml"), "--html", str(page))
    assert (status, out.strip()) == (0, f"written: {page}")
    text = page.read_text("utf-8")
    assert "what mistakes are told is not for students" in text
    assert "<summary>What they find in minitorch/lecture8.py</summary>" in text
    assert "it looks as if x is missing from the derivative" in text
    assert cli.main(["preview", "--config", str(course / "config.yaml"), "--html", str(page)]) == 0
    assert "mistakes" not in page.read_text("utf-8")


def test_markdown_is_for_students(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preview", "--mistakes", "--markdown", "x.md", "--config", str(course / "config.yaml")]) == 2
    assert "--markdown writes the sheet that students get" in capsys.readouterr().err


# --- watched -------------------------------------------------------------------------------------------------------


def test_what_is_saved_is_shown_anew_until_ctrl_c(course: Path) -> None:
    with watched(course, "square") as one:
        assert "you foretell “x is missing from the derivative”" in one.until("Watching 1 exercise")
        changed(square(course), 'say: "x is missing from the derivative"', "say: no x in it")
        shown = one.until("Watching 1 exercise")
        assert "you foretell “no x in it”" in shown
        assert "it looks as if no x in it" in shown
        changed(course / "reference" / "lecture8.py", "save what backward needs, and return x squared", "keep x")
        assert 'raise NotImplementedError("keep x")' in one.until("Watching 1 exercise")
        changed(course / "config.yaml", "title: A", "weights: {square: 2}\ntitle: A")
        assert "keeps 2 of 8 points" in flat(one.until("Watching 1 exercise"))
        assert one.interrupted() == (0, "stopped\n")


def test_only_what_changed_is_shown(course: Path) -> None:
    other = course / "exercises" / "07-log.yaml"
    other.write_text((ROOT / "exercises" / "lecture8" / "07-log.yaml").read_text("utf-8"), "utf-8")
    with watched(course) as one:
        assert "what students read" not in one.until("Watching 2 exercises")
        changed(other, "title: Log", "title: Logarithm")
        shown = one.until("Watching 2 exercises")
        assert "## Logarithm" in shown
        assert "square" not in shown
        changed(course / "reference" / "lecture8.py", "Return the natural logarithm", "Return it")
        assert "log: what students read" in one.until("Watching 2 exercises")


def test_a_refused_file_is_told_by_line_and_watching_goes_on(course: Path) -> None:
    with watched(course, "square") as one:
        one.until("Watching")
        changed(square(course), "class: Square", "clas: Square")
        shown = one.until("Ctrl-C ends it")
        assert "\nexercises/05-square.yaml:6:1: unknown key 'clas'; did you mean 'class'?\n" in shown
        assert "square: what" not in shown
        changed(square(course), "clas: Square", "class: Square")
        assert "square: what students read" in one.until("Watching 1 exercise")
        changed(course / "reference" / "lecture8.py", "return x * x", "return x *")
        assert re.search(r"^reference/lecture8\.py:\d+:\d+: is no Python: ", one.until("Ctrl-C ends it"), re.MULTILINE)
        changed(course / "reference" / "lecture8.py", "return x *\n", "return x * x\n")
        assert one.until("Watching 1 exercise")


def test_a_reference_that_no_longer_loads_is_told_at_once(course: Path) -> None:
    with watched(course, "square") as one:
        one.until("Watching 1 exercise")
        path = course / "reference" / "autodiff.py"
        text = path.read_text()
        path.write_text(f"{text}\nraise ValueError(2)\n")
        line = text.count("\n") + 2
        assert f"reference/autodiff.py:{line}:1: does not load: autodiff.py:{line} raises ValueError: 2" in flat(
            one.until("Watching 1 exercise")
        )
        path.write_text(text)
        assert "does not load" not in one.until("Watching 1 exercise")


def test_a_refused_file_at_the_start_is_no_end(course: Path) -> None:
    changed(square(course), "class: Square", "clas: Square")
    with watched(course) as one:
        assert "did you mean 'class'" in one.until("Ctrl-C ends it")
        changed(square(course), "clas: Square", "class: Square")
        assert "square: what mistakes are told" in one.until("Watching 1 exercise")


def test_a_file_that_vanishes_and_comes_back_is_no_crash(course: Path) -> None:
    text = square(course).read_text("utf-8")
    with watched(course, "square") as one:
        one.until("Watching")
        square(course).unlink()
        assert "holds no exercise" in one.until("Ctrl-C ends it")
        square(course).write_text(text.replace("title: Square", "title: Squared"), "utf-8")
        assert "## Squared" in one.until("Watching 1 exercise")
        (course / "reference").rename(course / "elsewhere")
        one.until("Watching 1 exercise", "Ctrl-C ends it")
        (course / "elsewhere").rename(course / "reference")
        assert "keeps 1 of" in one.until("Watching 1 exercise")


@pytest.mark.parametrize("read", ["which files there are", "the assignment"])
def test_a_folder_that_vanishes_while_it_is_read_is_no_crash(
    read: str, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is there when it is asked for, and gone when its files are: a folder that is just being renamed."""
    reference, scandir = course / "reference", os.scandir

    def renamed_first(path: object = ".") -> object:
        if str(path) == str(reference) and reference.is_dir():
            reference.rename(course / "elsewhere")
        return scandir(path)  # type: ignore[call-overload] # as pathlib calls it

    form = config.form(course / "config.yaml")
    with previewing.Desk(course / "config.yaml", ("square",), None, 80) as desk:
        rounds = watching.Rounds(desk, watching.Shown(desk, None), named=True)
        rounds.go(lambda: False)
        capsys.readouterr()
        monkeypatch.setattr(os, "scandir", renamed_first)
        if read == "which files there are":
            assert not [one for one in files_of(course / "config.yaml", form) if one.parent == reference]
        else:
            rounds.go(lambda: False)
            assert "Mend this and save" in capsys.readouterr().out
        (course / "elsewhere").rename(reference)
        monkeypatch.setattr(os, "scandir", scandir)
        rounds.go(lambda: False)
        assert ("Watching 1 exercise" in capsys.readouterr().out) is (read == "the assignment")


def test_a_slow_round_gives_way_to_the_next_change(course: Path) -> None:
    changed(course / "reference" / "lecture8.py", "return x * x", SLOW)
    with watched(course, "square") as one:
        one.until("1. Square.backward")
        changed(square(course), "title: Square", "title: Squared")
        assert "6. " not in one.until("Saved again: this is begun anew.")
        assert "## Squared" in one.until("what mistakes are told")


def test_a_terminal_is_told_what_takes_long(course: Path) -> None:
    changed(course / "reference" / "lecture8.py", "return x * x", SLOW)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "grader", "preview", "--mistakes"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, cwd=course, env=environment, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    told = b""
    with contextlib.suppress(OSError):  # nothing more comes: it has ended
        while "square: mistakes are tried …\r\x1b[K".encode() not in told:
            told += os.read(ours, 1000)
    running.kill()
    running.wait()
    os.close(ours)
    assert "square: mistakes are tried …\r\x1b[K" in told.decode()


def test_a_machine_that_contains_too_little_is_told(course: Path) -> None:
    changed(course / "config.yaml", "title: A", "title: A\nrequired_tier: 1")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": "/nowhere"}  # bubblewrap is not found
    for option in ("--mistakes", "--watch"):
        command = [sys.executable, "-m", "grader", "preview", option]
        done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 1
        assert "the assignment requires tier 1 or better (lower)" in done.stderr


def test_a_watched_page_is_written_anew(course: Path) -> None:
    with watched(course, "square", "--html", "page.html") as one:
        one.until("Watching")
        changed(square(course), "title: Square", "title: Squared")
        assert "written: page.html" in one.until("Watching")
        page = (course / "page.html").read_text("utf-8")
        assert "<h2>Squared" in page
        assert "it looks as if x is missing from the derivative" in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("sqare",), "did you mean 'square'?"), (("--config", "nowhere.yaml"), "no such configuration file")],
)
def test_what_no_edit_mends_ends_it(arguments: tuple[str, ...], said: str, course: Path) -> None:
    with watched(course, *arguments) as one:
        _, err = one.process.communicate(timeout=PATIENCE)
        assert one.process.returncode == 2
        assert said in err


def test_without_watchfiles_it_is_said_what_to_install(course: Path) -> None:
    code = "import sys; sys.modules['watchfiles'] = None; from grader.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "preview", "--watch"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    assert (done.returncode, "python -m pip install watchfiles" in done.stderr) == (2, True)


def test_a_file_is_saved_when_something_else_is_in_it(course: Path) -> None:
    pytest.importorskip("watchfiles")
    with Saves(course / "config.yaml") as saves:
        assert not saves.pending()
        text = square(course).read_text("utf-8")
        square(course).write_text(text, "utf-8")
        square(course).write_text(f"{text}# more\n", "utf-8")
        saves.wait()
        saves.seen()
        square(course).unlink()
        saves.wait()
        assert square(course) not in stamp([square(course)])
