"""What a student's code prints is shown at the self-check: bounded, inert, once, and under what printed it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import Result
from grader.sandbox.fresh import MOST_CHARACTERS, MOST_LINES, Printed, shown_of
from grader.sandbox.worker.output import KEPT_BYTES, Kept
from tests.conftest import ROOT
from tests.desk.homes import check, home, solve

EXP = "return math.exp(x)"
SQUARE = "return float(2.0 * x * d_out)"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = home(tmp_path)
    solve(folder, "lecture8")
    return folder


def edit(template: Path, old: str, new: str) -> None:
    path = template / "minitorch" / "lecture8.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_a_wrong_exercise_printed_is_below_its_mistake(template: Path) -> None:
    edit(template, SQUARE, "print('seen', x)\n        return 2 * x")
    done = check(template)
    head = "Square, with a saved argument, at all its inputs, printed 159 lines, of which\n  these are the last 20:\n"
    assert f"{head}    | seen" in done.stdout
    assert done.stdout.count("    | seen") == MOST_LINES


def test_a_right_exercise_says_how_much_it_printed_and_where(template: Path) -> None:
    edit(template, EXP, f"print('seen', x)\n        {EXP}")
    done = check(template)
    assert done.returncode == 0
    assert "printed 86 lines\n" in done.stdout
    assert "To see what an exercise printed that is right: grader check --exercise ID\n" in done.stdout
    assert "| seen" not in done.stdout
    assert "    | seen" in check(template, "--exercise", "exp").stdout


def test_what_was_printed_before_an_endless_loop_is_shown(template: Path) -> None:
    edit(template, EXP, "print('before')\n        print('no end of line', end='')\n        while True: pass")
    done = check(template, "--exercise", "exp")
    assert "time limit" in done.stdout
    assert "    | before\n    | no end of line\n" in done.stdout


def test_what_is_printed_cannot_act_on_a_terminal(template: Path) -> None:
    edit(template, EXP, f"print('\\x1b[2J\\rgone\\x07\\x9b')\n        {EXP}")
    shown = check(template, "--exercise", "exp").stdout
    assert "    | \ufffd[2J\ufffdgone\ufffd\ufffd" in shown
    assert not {"\x1b", "\r", "\x07", "\x9b"} & set(shown)


def test_the_same_output_is_shown_once(template: Path) -> None:
    for name in ("exp", "log"):
        once = f"globals().setdefault('said_{name}', []) or said_{name}.append(print('twice'))"
        edit(template, f"return math.{name}(x)", f"{once}\n        return math.{name}(x)")
    shown = check(template, "--exercise", "log", "--exercise", "exp").stdout
    assert shown.count("    | twice") == 1
    assert "Exp printed the same as Log" in shown


def test_what_files_print_while_they_are_loaded_is_told_apart(template: Path) -> None:
    edit(template, "import math\n", "import math\nprint('at the top')\n")
    done = check(template)
    assert "While they were loaded, your files printed 1 line:\n    | at the top\n" in done.stdout
    assert done.stdout.count("printed") == 1


def test_json_has_what_was_printed(template: Path) -> None:
    edit(template, EXP, f"print('seen')\n        {EXP}")
    told = json.loads(check(template, "--json", "--exercise", "exp", "--exercise", "log").stdout)
    log, exp = (one["printed"] for one in told["exercises"])
    assert (exp["lines"], exp["cut"], log["lines"]) == (86, True, 0)
    assert exp["text"] == "\n".join(["seen"] * MOST_LINES)
    assert told["printed_while_loading"] == {"lines": 0, "text": "", "cut": False}


def test_a_flood_is_bounded_and_said_to_be_cut(template: Path) -> None:
    edit(template, EXP, f"print('x' * 300_000)\n        {EXP}")
    done = check(template, "--exercise", "exp")
    assert done.returncode == 0
    assert len(done.stdout) < 2 * MOST_CHARACTERS
    assert "Exp, at all its inputs, printed 86 lines, of which" in done.stdout


def test_what_prints_in_odd_ways_is_shown_and_costs_nothing(template: Path) -> None:
    odd = (
        "import sys, io\n        sys.stderr.write('to stderr\\n'); sys.stdout.buffer.write(b'\\xff bytes\\n')\n"
        "        sys.stdout = None\n        sys.__stdout__ = io.StringIO()\n        "
    )
    edit(template, EXP, odd.replace("sys.stdout = None", "pass") + EXP)
    done = check(template, "--exercise", "exp")
    assert done.returncode == 0
    assert "    | to stderr" in done.stdout


@pytest.mark.parametrize(
    ("printed", "lines", "text", "cut"),
    [
        (b"", 0, "", False),
        (b"\n", 1, "", False),
        (b"a", 1, "a", False),
        (b"a\nb\n", 2, "a\nb", False),
        (b"1\n" * 21, 21, "\n".join("1" * 20), True),
        ("é".encode() * 3000, 1, "é" * MOST_CHARACTERS, True),
        (b"\xff\n", 1, "\ufffd", False),
    ],
)
def test_the_last_lines_are_kept(printed: bytes, lines: int, text: str, cut: bool) -> None:
    stream = Kept(10)
    stream.write(printed)
    assert shown_of(*stream.take()) == Printed(lines, text, cut)
    assert stream.take() == (0, b"")


def test_next_to_nothing_is_kept_of_a_flood() -> None:
    stream = Kept(10)
    for _ in range(100):
        stream.write(b"x" * 100_000 + b"\n")
    ends, tail = stream.take()
    assert (ends, len(tail), stream.dropped) == (100, KEPT_BYTES, True)


def test_graded_feedback_has_nothing_of_what_is_printed(grade: Callable[[str], Result]) -> None:
    source = (ROOT / "reference" / "lecture8.py").read_text()
    source = source.replace(SQUARE, "print('a secret to carry out')\n        return 2 * x", 1)
    result = grade(source.replace("import math\n", "import math\nprint('a secret to carry out')\n", 1))
    assert "secret" not in str(result)
