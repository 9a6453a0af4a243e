"""What pages cost: `python -m benchmarks.pages REPORTS`, on the results in a report folder.

CPU time a student, of everything that is rendered of a result, one after the other in turn, in one process.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from grader.batch import class_page
from grader.model import Result
from grader.reports import audience, feedback, overview, page, rows, stored
from grader.reports.rows import Rows

ROUNDS = 9


def index(results: list[Result]) -> None:
    """Make the class's page: of rows that are there, as they are in a run."""
    done = Rows([one.id for one in results[0].exercises], [one.submission for one in results])
    for i, result in enumerate(results):
        done.put(i, rows.of(result))
    for _ in class_page.html("", done, overview.heads(results[0]), "feedback/{}.html".format):
        pass


def each(make: Callable[[Result], object]) -> Callable[[list[Result]], None]:
    """Return what makes something of every result."""

    def make_all(results: list[Result]) -> None:
        for result in results:
            make(result)

    return make_all


SIDES: dict[str, Callable[[list[Result]], None]] = {
    "JSON": each(stored.encode),
    "Markdown": each(lambda result: feedback.markdown(audience.for_student(result)).encode()),
    "a page": each(lambda result: page.html(audience.for_student(result)).encode()),
    "its part of the class's page": index,
}


def measured(results: list[Result]) -> dict[str, list[float]]:
    """Return CPU milliseconds a student, for every side and round. A round before them all is not counted."""
    found: dict[str, list[float]] = {side: [] for side in SIDES}
    for number in range(ROUNDS + 1):
        for side, make in SIDES.items():
            start = time.process_time()
            make(results)
            if number:
                found[side].append(1000 * (time.process_time() - start) / len(results))
    return found


def lines(found: dict[str, list[float]]) -> Iterable[str]:
    """Yield a line a side: median (least – most)."""
    for side, costs in found.items():
        yield f"{side:<30} {statistics.median(costs):.3f} ms ({min(costs):.3f} – {max(costs):.3f})"


if __name__ == "__main__":
    reports = list(stored.each(Path(sys.argv[1])))
    print(f"{len(reports)} results, {ROUNDS} rounds, CPU a student")
    print("\n".join(lines(measured(reports))))
