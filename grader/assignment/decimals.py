"""Numbers as people and spreadsheets write them, with a point or a comma before the decimals: read one way, or not."""

from __future__ import annotations

import re
from fractions import Fraction

NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?P<mark>[.,'’ \u00a0\u202f])\d{3})+(?:[.,]\d+)?", re.ASCII)
MARKS = re.compile(r"[.,'’ \u00a0\u202f]")
LONGEST = 40


class TwoReadings(ValueError):
    """A number has marks that may stand between thousands or before decimals; the message says so and what to do."""


def read(text: str) -> Fraction | None:
    """Return the number that a text is, None where it is none. Raises TwoReadings where it may be either of two.

    >>> read("3,5"), read("0,125"), read("12.50"), read("n/a")
    (Fraction(7, 2), Fraction(1, 8), Fraction(25, 2), None)
    """
    plain = text.strip()
    if len(plain) > LONGEST:
        return None
    grouped = GROUPED.fullmatch(plain)
    if grouped and (len(MARKS.findall(plain)) > 1 or grouped["mark"] == ",") and plain.lstrip("+-")[:2] != "0,":
        raise TwoReadings(f"{plain!r} can be read in two ways; write it without a mark between thousands")
    return Fraction(plain.replace(",", ".")) if NUMBER.fullmatch(plain) else None
