"""A decimal comma is a decimal point, and what may be read in two ways is refused by name."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from grader.assignment import decimals
from grader.assignment.forms import FormError
from grader.course import overrides


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("35", "35"),
        ("35.00", "35"),
        ("35,00", "35"),
        ("3,5", "7/2"),
        (" 12,25 ", "49/4"),
        ("-0,5", "-1/2"),
        ("0,125", "1/8"),
        ("1234,567", "1234567/1000"),
        ("1.234", "1234/1000"),
        ("5,78704E-05", "578704/10000000000"),
        (".5", "1/2"),
        ("\u00a07\u00a0", "7"),
    ],
)
def test_a_number_with_a_comma_is_the_number_with_a_point(text: str, value: str) -> None:
    assert decimals.read(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "1,234",
        "12,345",
        "-1,234",
        "1.234,5",
        "1,234.5",
        "1,234,567",
        "1.234.567",
        "1'234.50",
        "1 234,5",
        "1\u00a0234,5",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_by_name(text: str) -> None:
    with pytest.raises(decimals.TwoReadings, match="can be read in two ways"):
        decimals.read(text)


@pytest.mark.parametrize("text", ["", "-", "n/a", "1,2,3", "1.2.3", "3,5 points", "٣", "1e999", "nan", "inf", "9" * 50])
def test_what_is_no_number_is_none(text: str) -> None:
    assert decimals.read(text) is None


def decided(tmp_path: Path, points: str) -> Fraction | None:
    path = tmp_path / "overrides.yaml"
    path.write_text(f"format: 1\noverrides:\n  - student: a\n    points: {points}\n")
    return overrides.read(path, [])[0].points


@pytest.mark.parametrize("points", ['"3,5"', "3,5", "3.5", "7/2"])
def test_points_may_have_a_decimal_comma(tmp_path: Path, points: str) -> None:
    assert decided(tmp_path, points) == Fraction(7, 2)


def test_points_that_can_be_read_in_two_ways_are_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(FormError, match=r"overrides.yaml:4:13: points: '1,234' can be read in two ways"):
        decided(tmp_path, '"1,234"')


def test_a_comma_within_braces_is_told_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "overrides.yaml"
    path.write_text("format: 1\noverrides:\n  - {student: a, points: 3,5}\n")
    with pytest.raises(FormError, match=r"overrides.yaml:3:28: unknown key '5'; quote a number with a comma"):
        overrides.read(path, [])
