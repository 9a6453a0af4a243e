"""What became of all that lies in a class, in a few lines: graded, unusable or ignored; new, again or gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from grader.reports.rows import Rows
from grader.reports.text import a_few, inert
from grader.submissions.told_apart import Ignored

if TYPE_CHECKING:
    from grader.batch.cohort import Run

SHOWN_IGNORED = 6


def line(rows: Rows, ignored: Sequence[Ignored]) -> str:
    """Return how many were graded, are unusable, withheld or still to come, and what was ignored, by name."""
    counts = Counter("unusable" if row.status.startswith("unusable") else row.status for row in rows)
    said = [f"{counts['graded']:,} graded"]
    said += [f"{counts[status]:,} {status}" for status in ("unusable", "withheld") if counts[status]]
    waiting = sum(1 for _ in rows.missing())
    said += [f"{waiting:,} not graded yet"] if waiting else []
    if ignored:
        said.append(f"{len(ignored):,} ignored ({'; '.join(_by_reason(ignored))})")
    return ", ".join(said)


def _by_reason(ignored: Sequence[Ignored]) -> Iterator[str]:
    """Yield the names that need no reason, then those of each reason."""
    names: dict[str, list[str]] = {}
    for one in sorted(ignored, key=lambda one: bool(one.why)):
        names.setdefault(one.why, []).append(inert(one.name))
    for why, those in names.items():
        yield (f"{inert(why)}: " if why else "") + a_few(those, SHOWN_IGNORED)


def changes(run: Run) -> Iterator[str]:
    """Say who is new, was graded again and is gone, where there were results before."""
    for names, what in (
        (run.new, "new"),
        (run.again, "graded again"),
        (run.gone, "no longer handed in, so their results are in left/"),
    ):
        if names:
            yield f"{len(names):,} {what}: {a_few(list(map(inert, names)))}"
