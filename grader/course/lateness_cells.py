"""How late something was, from a cell as spreadsheets save it: one table of forms, and nothing else is read.

A duration like `31:00:05` is a number of days to a spreadsheet, and is shown by whichever format the cell has: as days
(`1.2917`), as a time of day (`7:00:05 AM`), or as a date (`1900-01-01 07:00:05`). Which day is 0 differs between
spreadsheets, and so does whether a month or a day comes first. The other cells of the same column tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from grader.assignment import decimals

DAY = 86400
CLOCK = r"(?P<h>\d{1,2}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,]\d{1,9})?)?"
HALF = r"(?: ?(?P<half>[ap])\.? ?m\.?)?"
BLANK = re.compile(r"\s+")
SERIALS_AGREE = 60
"""Days from which on Excel's count is off by one: it has a 29 February 1900."""


class Column(NamedTuple):
    """What the cells of a column tell of each other: whose day 0 it is, and whether months come first in its dates.

    `by_program`: it seems to be written by a program whose times of day all have the date 1900-01-01, as Python's have.
    Whole days are lost there.
    """

    libreoffice: bool = False
    month_first: bool | None = None
    by_program: bool = False


NOTHING_TOLD = Column()


def column(texts: Iterable[str]) -> Column:
    """Return what the cells of one column tell of each other.

    Only LibreOffice has days in 1899, and only a day is 0, as in Excel's `1/0/1900`, or more than 12. What is in time
    has no day or day 0 in a spreadsheet, so where it is the midnight of day 1, no spreadsheet wrote it.
    """
    plain = [_plain(text) for text in texts]
    libreoffice = any(IN_1899.search(text) for text in plain)
    midnights = any(FIRST_MIDNIGHT.fullmatch(text) for text in plain)
    by_program = midnights and not libreoffice and not any(DAY_0.search(text) for text in plain)
    pairs = [(int(found["a"]), int(found["b"])) for text in plain if (found := SLASHES.fullmatch(text))]
    month_first = any(b == 0 or b > 12 for _, b in pairs)
    day_first = any(a == 0 or a > 12 for a, _ in pairs)
    return Column(libreoffice, None if month_first == day_first else month_first, by_program)


def seconds(text: str, told: Column = NOTHING_TOLD) -> int | None:
    """Return the seconds that a cell says something was late (negative: early); None where it cannot be read.

    >>> seconds("31:00:05"), seconds("1900-01-01 07:00:05"), seconds("1.5"), seconds("soon")
    (111605, 111605, 129600, None)
    """
    plain = _plain(text)
    for form, read in FORMS.items():
        found = form.fullmatch(plain)
        if found:
            return read(found, told)
    return None


def is_time_of_day(text: str) -> bool:
    """Say whether a cell shows a time of day after midnight: whole days, if there were any, are not in it."""
    found = TIME_OF_DAY.fullmatch(_plain(text))
    return found is not None and _half_day(found) != 0


def _plain(text: str) -> str:
    """Return a cell's text with single blanks, without the apostrophe that keeps a spreadsheet from working on it."""
    return BLANK.sub(" ", text).strip().removeprefix("'").casefold()


Found = re.Match[str]


def _hours(found: Found, _: Column) -> int:
    return _signed(found, int(found["h"]) * 3600 + _minutes(found))


def _days_and_clock(found: Found, _: Column) -> int | None:
    """Read `1 day, 7:00:05`: only the days are negative there, so `-1 day, 23:55:00` is five minutes early."""
    clock = _of_day(found)
    return None if clock is None else int(found["d"]) * DAY + clock


def _number_of_days(found: Found, _: Column) -> int | None:
    try:
        days = decimals.read(found[0])
    except decimals.TwoReadings:
        return None
    return None if days is None else round(days * DAY)


def _time_of_day(found: Found, _: Column) -> int | None:
    return _half_day(found)


def _iso_date(found: Found, told: Column) -> int | None:
    return _date(int(found["y"]), int(found["mo"]), int(found["day"]), found, told)


def _slashed_date(found: Found, told: Column) -> int | None:
    """Read `1/2/1900` where something tells which of the two is the month."""
    a, b, year = int(found["a"]), int(found["b"]), int(found["y"])
    if a == b:
        return _date(year, a, b, found, told)
    if told.month_first is None:
        return None
    month, day = (a, b) if told.month_first else (b, a)
    return _date(year, month, day, found, told)


def _date(year: int, month: int, day: int, found: Found, told: Column) -> int | None:
    clock = _half_day(found)
    days = _days_since(year, month, day, told)
    return None if clock is None or days is None else days * DAY + clock


def _days_since(year: int, month: int, day: int, told: Column) -> int | None:
    """Return the number of days that a spreadsheet shows as this date."""
    if told.by_program:
        return None
    if (year, month, day) == (1900, 1, 0):  # Excel's day 0 is no day at all
        return None if told.libreoffice else 0
    try:
        shown = date(year, month, day)
    except ValueError:
        return None
    days = (shown - (date(1899, 12, 30) if told.libreoffice else date(1899, 12, 31))).days
    return days if 0 <= days < SERIALS_AGREE else None


def _minutes(found: Found) -> int:
    return int(found["m"]) * 60 + int(found["s"] or 0)


def _of_day(found: Found) -> int | None:
    return int(found["h"]) * 3600 + _minutes(found) if int(found["h"]) < 24 else None


def _half_day(found: Found) -> int | None:
    """Return the seconds since midnight, by a clock of twelve hours where it says which half of the day it is."""
    if not found["half"]:
        return _of_day(found)
    hour = int(found["h"])
    return (hour % 12 + 12 * (found["half"] == "p")) * 3600 + _minutes(found) if 1 <= hour <= 12 else None


def _signed(found: Found, value: int) -> int:
    return -value if found["sign"] == "-" else value


NO_FRACTION = r"(?::00(?:[.,]0{1,9})?)?"
MIDNIGHT = rf"(?:0?0:00{NO_FRACTION}(?: ?a\.? ?m\.?)?|12:00{NO_FRACTION} ?a\.? ?m\.?)"
IN_1899 = re.compile(r"^(?:1899-12-3[01]|3[01][./]12[./]1899|12/3[01]/1899)(?:[ t]|$)", re.ASCII)
DAY_0 = re.compile(rf"^(?:1900-01-00|0?1/0?0/1900|0?0[./]0?1[./]1900)(?:[ t]|$)|^{MIDNIGHT}$", re.ASCII)
FIRST_MIDNIGHT = re.compile(rf"(?:1900-01-01[ t]|0?1[./]0?1[./]1900 ){MIDNIGHT}", re.ASCII)

SLASHES = re.compile(rf"(?P<a>\d\d?)/(?P<b>\d\d?)/(?P<y>\d{{4}}) {CLOCK}{HALF}", re.ASCII)
TIME_OF_DAY = re.compile(rf"{CLOCK} ?(?P<half>[ap])\.? ?m\.?", re.ASCII)

FORMS: Mapping[re.Pattern[str], Callable[[Found, Column], int | None]] = {
    re.compile(r"(?P<sign>[+-]?)(?P<h>\d{1,6}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,]\d{1,9})?)?", re.ASCII): _hours,
    TIME_OF_DAY: _time_of_day,
    re.compile(rf"(?P<d>-?\d{{1,5}}) days?,? \+?{CLOCK}", re.ASCII): _days_and_clock,
    re.compile(r"-?(?:0|\d*[.,]\d+(?:e[+-]?\d{1,2})?|\d+e[+-]?\d{1,2})", re.ASCII): _number_of_days,
    re.compile(rf"(?P<y>\d{{4}})-(?P<mo>\d\d)-(?P<day>\d\d)[ t]{CLOCK}{HALF}", re.ASCII): _iso_date,
    SLASHES: _slashed_date,
    re.compile(rf"(?P<day>\d\d?)\.(?P<mo>\d\d?)\.(?P<y>\d{{4}}) {CLOCK}{HALF}", re.ASCII): _iso_date,
}
"""Every form that is read, and what reads it."""
