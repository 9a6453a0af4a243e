"""The class at a glance: one line a student, what went wrong in a few words, and a summary."""

from __future__ import annotations

import re
import shutil
import statistics
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from tabulate import tabulate

from grader.model import ExerciseResult, Outcome, Result
from grader.reports.grades import status
from grader.reports.text import clip, inert, points

MARKS = {"accepted": "✓", "not attempted": "·", "judge error": "?"}
COLOURS = {"✓": "32", "✗": "31", "½": "33", "·": "2", "?": "35"}
LONGEST_NAME = 24
GROUP, GAP = 5, "  "
HEADS = ("student", "", "total", "what went wrong")
ARGUMENTS = re.compile(r"for \w+(, \w+)*: ")
HEAD_PADDING = 2
"""tabulate makes every column at least this much wider than its head."""


def table(results: Sequence[Result], width: int, colour: bool) -> str:
    """Return the class as a table that fits in `width` columns: student, a mark an exercise, total, what went wrong."""
    if not results:
        return ""
    names = [_name(result.submission) for result in results]
    totals = [_total(result) for result in results]
    marks = [[_mark(one) for one in result.exercises] for result in results]
    heads = [HEADS[0], _ruler(len(marks[0])), *HEADS[2:]]
    columns = zip(heads, (names, [_grouped(marks[0])], totals))
    used = sum(max(len(head) + HEAD_PADDING, *map(len, column)) for head, column in columns)
    room = max(width - used - 3 * len(GAP), len(HEADS[-1]) + HEAD_PADDING)
    rows = [
        [name, _grouped([_painted(mark, colour) for mark in row]), total, clip(trouble(result), room)]
        for name, row, total, result in zip(names, marks, totals, results)
    ]
    align = ("left", "left", "right", "left")
    return tabulate(rows, heads, tablefmt="simple", disable_numparse=True, colalign=align)


def _grouped(marks: Sequence[str]) -> str:
    return " ".join("".join(marks[i : i + GROUP]) for i in range(0, len(marks), GROUP))


def _ruler(count: int) -> str:
    """Number the marks: 1, then every fifth."""
    return " ".join(f"{i + 1:<{min(GROUP, count - i)}}" for i in range(0, count, GROUP)).rstrip() or "-"


def legend(results: Sequence[Result], width: int) -> str:
    """Name the numbered columns, and the marks."""
    if not results:
        return ""
    lines = ["✓ all points  ½ some  ✗ none  · not attempted  ? withheld"]
    line = ""
    for i, one in enumerate(results[0].exercises):
        item = f"{i + 1} {one.id}"
        if line and len(line) + len(item) + 2 > width:
            lines.append(line)
            line = ""
        line = f"{line}  {item}" if line else item
    return "\n".join([*lines, line])


def summary(results: Sequence[Result], width: int) -> str:
    """Return the class in a few lines: how many, how well, what to look at."""
    return "\n".join(textwrap.fill(line, max(width, 40), subsequent_indent=GAP) for line in _summary(results))


def _summary(results: Sequence[Result]) -> Iterator[str]:
    scored = [float(result.earned) for result in results if not result.withheld]
    full = sum(result.earned == result.possible for result in results if not result.withheld)
    if scored:
        possible = points(results[0].possible)
        spread = f"mean {statistics.mean(scored):.1f}, median {statistics.median(scored):.1f} of {possible}"
        yield f"{len(results)} submissions: {spread}; {full} with full marks"
    worst = Counter(one.id for result in results for one in result.exercises if one.verdict == "wrong answer")
    if worst:
        yield "most often wrong: " + ", ".join(f"{name} ({count})" for name, count in worst.most_common(3))
    for result in results:
        if result.problem or result.withheld:
            yield f"look at {_name(result.submission)}: {inert(status(result))}"


def trouble(result: Result) -> str:
    """Return, in a few words, what cost this submission its points."""
    if result.problem:
        return inert(result.problem)
    lost = [(one.id, _first_lost(one)) for one in result.exercises if one.verdict != "accepted"]
    kinds = {outcome.verdict for _, outcome in lost}
    if len(lost) == len(result.exercises) > 1 and len(kinds) == 1 and "wrong answer" not in kinds:
        outcome = lost[0][1]
        return f"{outcome.verdict}: {inert(outcome.said or outcome.reason)}"
    grouped: dict[str, list[str]] = {}
    for name, outcome in lost:
        grouped.setdefault(why(outcome), []).append(name)
    return "; ".join(f"{', '.join(names)}: {why}" for why, names in grouped.items())


def _first_lost(one: ExerciseResult) -> Outcome:
    return next(check.outcome for check in one.checks if check.outcome.verdict == one.verdict)


def why(outcome: Outcome) -> str:
    """Return, in a few words, what one outcome was lost to."""
    if outcome.verdict != "wrong answer":
        return outcome.verdict
    return inert(_short(outcome.diagnosis[0]) if outcome.diagnosis else outcome.reason)


def _short(name: str) -> str:
    """Return a name up to its explanation; the `for x:` before it stays."""
    where = ARGUMENTS.match(name)
    start = where.end() if where else 0
    return name[:start] + name[start:].partition(":")[0]


def _mark(one: ExerciseResult) -> str:
    if one.withheld:
        return "?"
    if one.verdict == "accepted":
        return "✓"
    if one.earned > 0:
        return "½"
    return MARKS.get(one.verdict, "✗")


def _painted(mark: str, colour: bool) -> str:
    return f"\x1b[{COLOURS[mark]}m{mark}\x1b[0m" if colour else mark


def _total(result: Result) -> str:
    return "withheld" if result.withheld else f"{points(result.earned)}/{points(result.possible)}"


def _name(text: str) -> str:
    return clip(inert(text), LONGEST_NAME)


def width() -> int:
    """Return how many columns the terminal has."""
    return shutil.get_terminal_size((100, 24)).columns
