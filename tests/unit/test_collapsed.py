"""Long lists of the same warning are one line; short ones, and those that are asked for, a line each."""

from __future__ import annotations

import pytest

from grader.cli.collapsed import say_each


def test_four_warnings_of_one_kind_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say_each("left out", [f"u{i} has no mark" for i in range(300)])
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "left out: 300 in all: u0 has no mark; u1 has no mark; u2 has no mark; and 297 more (--verbose lists them all)"
    ]


def test_three_warnings_are_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    say_each("names", ["a", "b", "c"])
    say_each("names", [])
    assert capsys.readouterr().err == "names: a\nnames: b\nnames: c\n"


def test_every_warning_is_said_where_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    say_each("names", [str(i) for i in range(300)], every=True)
    assert len(capsys.readouterr().err.splitlines()) == 300


def test_the_one_line_says_where_the_others_are(capsys: pytest.CaptureFixture[str]) -> None:
    say_each("fault", list("abcd"), where="`grader show NAME` says each")
    assert capsys.readouterr().err.endswith("; and 1 more (`grader show NAME` says each)\n")
