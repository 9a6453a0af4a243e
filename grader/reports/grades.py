"""grades.csv: one row a submission, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction

from grader.model import Result

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(results: Sequence[Result]) -> str:
    """Return the class as CSV: submission, total, possible, status, then a column an exercise.

    A score that is withheld is an empty cell, never a zero.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    exercises = [exercise.id for exercise in results[0].exercises] if results else []
    writer.writerow(["submission", "total", "possible", "status", *exercises])
    for result in results:
        cells = ["" if one.withheld else _decimal(one.earned) for one in result.exercises]
        total = "" if result.withheld else _decimal(result.earned)
        writer.writerow([_cell(result.submission), total, _decimal(result.possible), _cell(status(result)), *cells])
    return out.getvalue()


def status(result: Result) -> str:
    """Return `graded`, `withheld`, or what kept the submission from being used."""
    if result.withheld:
        return "withheld"
    return f"unusable: {result.problem}" if result.problem else "graded"


def _cell(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula."""
    plain = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return f"'{plain}" if plain.startswith(FORMULA_STARTS) else plain


def _decimal(value: Fraction) -> str:
    return f"{float(value):.6g}"
