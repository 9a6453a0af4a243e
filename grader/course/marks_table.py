"""Everyone's mark, as a table for a terminal and as marks.csv: the automatic score stays beside what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from tabulate import tabulate

from grader.course.standings import Standing
from grader.reports.grades import decimal, line, text_cell
from grader.reports.text import clip, inert, points
from grader.submissions.people import called

COLUMNS = (
    *("name", "sid", "email", "section", "submission", "status", "automatic", "by hand", "late", "mark", "possible"),
    *("comment", "for staff"),
)
ROOM = 26
FEW = 3
"""Lines of the table that may say the same of lateness."""


def lines(standings: Sequence[Standing]) -> Iterator[str]:
    """Yield marks.csv, line by line. A mark that is not there is an empty cell, never a zero."""
    yield line(list(COLUMNS))
    for one in standings:
        person = one.person
        words = (person.name, person.sid or person.login, person.email, person.section, one.submission, one.status)
        numbers = (one.automatic, one.decided, one.taken or None, one.final, one.possible)
        said = (" ".join(" ".join((*one.comments, one.late)).split()), "; ".join(one.concerns))
        yield line([*map(text_cell, words), *("" if n is None else decimal(n) for n in numbers), *map(text_cell, said)])


def table(standings: Sequence[Standing], width: int) -> str:
    """Return the marks as a table that fits in `width` columns."""
    room = max(width - ROOM - 32, 12)
    everyone = sum(bool(one.late_unknown) for one in standings) > FEW
    shown = [
        (
            clip(inert(called(one.person)), ROOM),
            _number(one.automatic),
            f"-{points(one.taken)}" if one.taken else "",
            _number(one.final),
            clip(inert(_remark(one, everyone)), room),
        )
        for one in standings
    ]
    heads = ("student", "auto", "late", "mark", "")
    return tabulate(shown, heads, tablefmt="simple", disable_numparse=True, colalign=("left", *["right"] * 3, "left"))


def summary(standings: Sequence[Standing]) -> str:
    """Return how many have which status, in a line."""
    counts = Counter(one.status for one in standings)
    return f"{len(standings)} students: " + ", ".join(f"{count} {status}" for status, count in counts.most_common())


def _remark(one: Standing, lateness_is_told: bool) -> str:
    """Return what is special about a mark, but for unknown lateness where a line below tells it of many at once."""
    changed = ", ".join(
        f"{part.exercise} {_number(part.automatic) or '?'}→{points(part.by_hand)}"
        for part in one.parts
        if part.by_hand is not None
    )
    concerns = [said for said in one.concerns if not (lateness_is_told and said == one.late_unknown)]
    comments = [" ".join(comment.split()) for comment in one.comments]
    said = [one.status if one.status != "graded" else "", changed, *comments, *concerns]
    return "; ".join(part for part in said if part)


def _number(value: Fraction | None) -> str:
    return "" if value is None else points(value)
