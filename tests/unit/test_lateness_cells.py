"""Lateness as spreadsheets save it is read or named, and never guessed."""

from __future__ import annotations

import pytest

from grader.course import lateness_cells
from grader.course.lateness_cells import Column

MINUTE, HOUR, DAY = 60, 3600, 86400
LATE = DAY + 7 * HOUR + 5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("31:00:05", LATE),
        ("00:00:00", 0),
        ("225:07:02", 225 * HOUR + 7 * MINUTE + 2),
        (" 31:00:05 ", LATE),
        ("'31:00:05", LATE),
        ("31:00:05.000", LATE),
        ("31:00", 31 * HOUR),
        ("0:05", 5 * MINUTE),
        ("-00:05:00", -5 * MINUTE),
        ("1.2917", 111603),
        ("1,2917", 111603),
        ("1.29172453703704", LATE),
        ("5.78704E-05", 5),
        ("5,78704E-05", 5),
        ("-0.25", -6 * HOUR),
        ("0", 0),
        ("0,0", 0),
        ("1900-01-01 07:00:05", LATE),
        ("1900-01-01T07:00:05", LATE),
        ("1900-01-01 7:00:05 AM", LATE),
        ("1900-01-00 07:00:05", 7 * HOUR + 5),
        ("1900-01-31 00:00", 31 * DAY),
        ("1900-02-28 23:59:59", 60 * DAY - 1),
        ("1/1/1900 7:00:05", LATE),
        ("01/01/1900 07:00:05", LATE),
        ("1/1/1900 7:00:05 PM", LATE + 12 * HOUR),
        ("01.01.1900 07:00:05", LATE),
        ("03.01.1900 00:00:01", 3 * DAY + 1),
        ("12:00:00 AM", 0),
        ("7:00:05 AM", 7 * HOUR + 5),
        ("7:00:05\u202fPM", 19 * HOUR + 5),
        ("12:30 pm", 12 * HOUR + 30 * MINUTE),
        ("7:00:05 a. m.", 7 * HOUR + 5),
        ("1 day, 7:00:05", LATE),
        ("2 days, 0:00:01", 2 * DAY + 1),
        ("-1 day, 23:55:00", -5 * MINUTE),
        ("1 days 07:00:05", LATE),
        ("1 days 07:00:05.000000000", LATE),
        ("0 days 00:00:00", 0),
        ("-1 days +23:55:00", -5 * MINUTE),
    ],
)
def test_a_cell_is_read_as_spreadsheets_and_programs_save_it(text: str, seconds: int) -> None:
    assert lateness_cells.seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "late",
        "31",
        "2",
        "31h",
        "1,292",
        "31:75:00",
        "31:00:75",
        "31:0:5",
        "#####",
        "#VALUE!",
        "N/A",
        "13:00:00 PM",
        "0:30 PM",
        "1904-01-02 07:00:05",
        "2026-10-10 07:00:05",
        "1900-03-01 00:00:00",
        "1900-02-29 00:00:00",
        "1/2/1900 7:00:05",
        "1 day, 31:00:05",
        "1900-01-01 25:00:00",
        "1900-01-01",
        "٣١:٠٠:٠٥",
        "1.234,5",
        "nan",
        "1898-12-30 00:00:00",
        "13/13/1900 00:00:00",
        "1e999",
        "--1:00:00",
        "1:00:00 -",
        "9999999:00:00",
    ],
)
def test_anything_else_is_not_guessed(text: str) -> None:
    assert lateness_cells.seconds(text) is None


def read(*texts: str) -> list[int | None]:
    told = lateness_cells.column(texts)
    return [lateness_cells.seconds(text, told) for text in texts]


def test_a_column_with_days_in_1899_is_counted_as_libreoffice_counts() -> None:
    assert read("1899-12-30 00:00:00", "1899-12-31 07:00:05", "1900-01-01 07:00:05") == [0, LATE, LATE + DAY]
    assert read("30.12.1899 00:00:00", "31.12.1899 07:00:05") == [0, LATE]
    assert read("12/30/1899 00:00:00", "12/31/1899 07:00:05", "1/2/1900 0:00") == [0, LATE, 3 * DAY]
    assert read("1899-12-30 00:00:00", "1900-01-00 00:00:00") == [0, None]  # no spreadsheet writes both


@pytest.mark.parametrize("clock", ["T{}", " {}", "T{}.000", " {}.000", "t{}"])
def test_iso_form_is_told_apart_as_the_form_with_a_blank_is(clock: str) -> None:
    zero, late = clock.format("00:00:00"), clock.format("07:00:05")
    assert read(f"1899-12-30{zero}", f"1899-12-31{late}", f"1900-01-01{late}") == [0, LATE, LATE + DAY]
    assert read(f"1899-12-31{late}") == [LATE]
    assert read(f"1900-01-00{zero}", f"1900-01-01{late}", f"1900-01-01{zero}") == [0, LATE, DAY]
    assert read(f"1900-01-01{zero}", f"1900-01-01{late}") == [None, None]  # a program's own date


@pytest.mark.parametrize("midnight", ["12:00:00 AM", "12:00 a. m.", "12:00am", "0:00:00.0", "00:00"])
def test_midnight_is_midnight_in_every_form(midnight: str) -> None:
    assert read(f"1/1/1900 {midnight}", "1/1/1900 7:00:05") == [None, None]
    assert read(f"1/1/1900 {midnight}", "1900-01-01 07:00:05", midnight)[1] == LATE


def test_another_date_in_the_column_tells_which_number_is_the_month() -> None:
    assert read("1/0/1900 0:00", "1/2/1900 7:00:05") == [0, 2 * DAY + 7 * HOUR + 5]
    assert read("00/01/1900 00:00", "02/01/1900 07:00:05") == [0, 2 * DAY + 7 * HOUR + 5]
    assert read("1/13/1900 0:00", "1/2/1900 0:00") == [13 * DAY, 2 * DAY]
    assert read("1/13/1900 0:00", "13/1/1900 0:00", "1/2/1900 0:00") == [None, None, None]
    assert lateness_cells.column([]) == Column()


def test_a_time_of_day_may_lack_whole_days_and_midnight_is_in_time() -> None:
    told = {text: lateness_cells.is_time_of_day(text) for text in ("7:00:05 AM", "12:00:00 AM", "7:00:05", "late")}
    assert told == {"7:00:05 AM": True, "12:00:00 AM": False, "7:00:05": False, "late": False}


def test_what_a_program_wrote_with_a_date_of_its_own_is_not_guessed() -> None:
    assert read("1900-01-01 00:00:00", "1900-01-01 07:00:05") == [None, None]  # as strptime has it: days are lost
    assert read("1900-01-01 00:00:00", "1900-01-00 00:00:00") == [DAY, 0]
    assert read("1900-01-01 00:00:00", "00:00:00") == [DAY, 0]
    assert read("1900-01-01 00:00:00", "1899-12-30 00:00:00") == [2 * DAY, 0]
    assert read("1899:00:05", "1900-01-01 07:00:05") == [1899 * HOUR + 5, LATE]
