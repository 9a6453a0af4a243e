"""grades.csv: one row a submission, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from grader.reports.rows import ClassRow

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


NOT_GRADED = "not graded: the run was interrupted"


def lines(exercises: Sequence[str], rows: Iterable[ClassRow], waiting: Iterable[str] = ()) -> Iterator[str]:
    """Yield the class as CSV, line by line: submission, total, possible, status, then a column an exercise.

    A score that is withheld is an empty cell, never a zero; so is that of who is still `waiting` to be graded.
    """
    yield line(["submission", "total", "possible", "status", *exercises])
    for row in rows:
        cells = ["" if one is None else decimal(one) for one in row.earned]
        total = "" if row.withheld else decimal(row.total)
        yield line([text_cell(row.submission), total, decimal(row.possible), text_cell(row.status), *cells])
    for name in waiting:
        yield line([text_cell(name), "", "", NOT_GRADED, *([""] * len(exercises))])


def line(cells: Sequence[str]) -> str:
    """Return one line of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def text_cell(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula."""
    plain = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return f"'{plain}" if plain.startswith(FORMULA_STARTS) else plain


def decimal(value: Fraction) -> str:
    """Return points as a decimal number."""
    return f"{float(value):.6g}"
