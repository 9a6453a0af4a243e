"""The class at a glance: one line a student, what went wrong in a few words, and a summary."""

from __future__ import annotations

import itertools
import shutil
import statistics
import textwrap
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from tabulate import tabulate

from grader.reports.rows import ClassRow
from grader.reports.text import clip, counted, inert, points, shortened

COLOURS = {"✓": "32", "✗": "31", "½": "33", "·": "2", "?": "35"}
LONGEST_NAME = 24
GROUP, GAP = 5, "  "
HEADS = ("student", "", "total", "what went wrong")
HEAD_PADDING = 2
"""tabulate makes every column at least this much wider than its head."""

MOST, FIRST, ODD = 200, 40, 20
"""Up to how many submissions a class is shown whole; of a larger one, how many of the first and of those to look at."""


def table(rows: Collection[ClassRow], width: int, colour: bool) -> str:
    """Return the class as a table that fits in `width` columns: student, a mark an exercise, total, what went wrong.

    Of a class of more than `MOST` submissions it shows some: see `_some`.
    """
    shown = _some(rows)
    if not shown:
        return ""
    names = [_name(row.submission) for row in shown]
    totals = [_total(row) for row in shown]
    heads = [HEADS[0], _ruler(len(shown[0].marks)), *HEADS[2:]]
    columns = zip(heads, (names, [_grouped(shown[0].marks)], totals))
    used = sum(max(len(head) + HEAD_PADDING, *map(len, column)) for head, column in columns)
    room = max(width - used - 3 * len(GAP), len(HEADS[-1]) + HEAD_PADDING)
    lines = [
        [name, _grouped([_painted(mark, colour) for mark in row.marks]), total, shortened(row.trouble, room)]
        for name, total, row in zip(names, totals, shown)
    ]
    align = ("left", "left", "right", "left")
    told = tabulate(lines, heads, tablefmt="simple", disable_numparse=True, colalign=align)
    return told + (f"\n… and {len(rows) - len(shown)} more, all in grades.csv" if len(shown) < len(rows) else "")


def _some(rows: Collection[ClassRow]) -> list[ClassRow]:
    """Return every row of a class that fits on a few screens; of a larger one, in order, the first lines and those to
    look at first: thousands of lines tell nobody anything.
    """
    if len(rows) <= MOST:
        return list(rows)
    odd, first = (itertools.islice(some, count) for some, count in (((r for r in rows if r.odd), ODD), (rows, FIRST)))
    chosen = {row.submission for row in (*odd, *first)}
    return [row for row in rows if row.submission in chosen]


def _grouped(marks: Sequence[str]) -> str:
    return " ".join("".join(marks[i : i + GROUP]) for i in range(0, len(marks), GROUP))


def _ruler(count: int) -> str:
    """Number the marks: 1, then every fifth."""
    return " ".join(f"{i + 1:<{min(GROUP, count - i)}}" for i in range(0, count, GROUP)).rstrip() or "-"


def legend(exercises: Sequence[str], width: int) -> str:
    """Name the numbered columns, and the marks."""
    if not exercises:
        return ""
    lines = ["✓ all points  ½ some  ✗ none  · not attempted  ? withheld"]
    line = ""
    for i, name in enumerate(exercises):
        item = f"{i + 1} {name}"
        if line and len(line) + len(item) + 2 > width:
            lines.append(line)
            line = ""
        line = f"{line}  {item}" if line else item
    return "\n".join([*lines, line])


def summary(exercises: Sequence[str], rows: Collection[ClassRow], width: int) -> str:
    """Return the class in a few lines: how many, how well, what to look at."""
    lines = _summary(exercises, rows)
    return "\n".join(textwrap.fill(line, max(width, 40), subsequent_indent=GAP) for line in lines)


def _summary(exercises: Sequence[str], rows: Collection[ClassRow]) -> Iterator[str]:
    scored = array("d")
    full, possible = 0, Fraction(0)
    worst: Counter[str] = Counter()
    odd: list[str] = []
    alike = 0
    interfaces: Counter[str] = Counter()
    for row in rows:
        interfaces.update([row.interface] if row.interface else [])
        alike += bool(row.alike)
        worst.update(itertools.compress(exercises, row.wrong))
        if not row.withheld:
            scored.append(float(row.total))
            full, possible = full + (row.total == row.possible), row.possible
        if row.odd:
            odd.append(row.submission if len(odd) >= ODD else f"{_name(row.submission)}: {inert(row.status)}")
    if scored:
        spread = f"mean {statistics.fmean(scored):.1f}, median {statistics.median(scored):.1f} of {points(possible)}"
        yield f"{counted(len(rows), 'submission')}: {spread}; {full} with full marks"
    if interfaces:
        yield "interfaces: " + ", ".join(f"{name} ({count})" for name, count in interfaces.most_common())
    if worst:
        yield "most often wrong: " + ", ".join(f"{name} ({count})" for name, count in worst.most_common(3))
    if alike:
        yield f"{alike} with functions that equal the solution's but for comments and names of locals: see index.html"
    yield from (f"look at {one}" for one in odd[:ODD])
    if len(odd) > ODD:
        yield f"and look at {len(odd) - ODD} more: whatever is not `graded` in the status column of grades.csv"


def _painted(mark: str, colour: bool) -> str:
    return f"\x1b[{COLOURS[mark]}m{mark}\x1b[0m" if colour else mark


def _total(row: ClassRow) -> str:
    return "withheld" if row.withheld else f"{points(row.total)}/{points(row.possible)}"


def _name(text: str) -> str:
    return clip(inert(text), LONGEST_NAME)


def width() -> int:
    """Return how many columns the terminal has."""
    return shutil.get_terminal_size((100, 24)).columns
