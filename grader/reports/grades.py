"""grades.csv: one row a submission, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from grader.reports.rows import Row

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def lines(exercises: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the class as CSV, line by line: submission, total, possible, status, then a column an exercise.

    A score that is withheld is an empty cell, never a zero.
    """
    yield _line(["submission", "total", "possible", "status", *exercises])
    for row in rows:
        cells = ["" if one is None else _decimal(one) for one in row.earned]
        total = "" if row.withheld else _decimal(row.total)
        yield _line([_cell(row.submission), total, _decimal(row.possible), _cell(row.status), *cells])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _cell(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula."""
    plain = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return f"'{plain}" if plain.startswith(FORMULA_STARTS) else plain


def _decimal(value: Fraction) -> str:
    return f"{float(value):.6g}"
