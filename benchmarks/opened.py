"""How soon a class's page opens and sorts in a browser: `python -m benchmarks.opened REPORTS [COUNT]`.

The class is that of a report folder, repeated up to COUNT students (2,000 by default). Every run has a new context.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from playwright.sync_api import Page, sync_playwright

from grader.batch import class_page
from grader.reports import overview, rows, stored
from grader.reports.rows import Rows

RUNS = 7
HEADS = ("Student", "Score", "What went wrong")
OPENED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
SORTED = """head => new Promise(done => {
    const start = performance.now();
    head.click();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


def page_of(reports: Path, count: int) -> str:
    """Return the page of a class of so many."""
    results = list(stored.each(reports))
    names = [f"student{i:05d}" for i in range(count)]
    found = Rows([one.id for one in results[0].exercises], names)
    for i, name in enumerate(names):
        found.put(i, rows.of(msgspec.structs.replace(results[i % len(results)], submission=name)))
    return "".join(class_page.html("A class", found, overview.heads(results[0]), "staff/{}.html".format))


def times(page: Page) -> Iterator[tuple[str, float]]:
    """Yield what took how many milliseconds."""
    yield "opens", float(page.evaluate(OPENED))
    page.locator("#students").evaluate("one => one.scrollIntoView()")  # what is out of sight is not laid out
    for head in HEADS:
        yield f"sorts by {head}", float(page.get_by_role("button", name=head).evaluate(SORTED))


def main(reports: Path, count: int) -> None:
    """Measure, and print the median of each with the fastest and slowest run."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = Path(folder) / "index.html"
        path.write_text(page_of(reports, count), "utf-8")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(RUNS):
            page = browser.new_context().new_page()
            page.goto(path.as_uri())
            for what, milliseconds in times(page):
                found.setdefault(what, []).append(milliseconds)
        browser.close()
        print(f"{count:,} students, {path.stat().st_size / 1024:.0f} KiB, {RUNS} runs")
    for what, each in found.items():
        print(f"{what:<26} {statistics.median(each):.0f} ms ({min(each):.0f} – {max(each):.0f})")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
