"""Take the pictures in docs/pages.md and docs/students.md: `python -m tests.browser.pictures`, or `… desk`.

The class is the sample class among 300 that the benchmarks make up, graded; the student is u2001 of the sample class.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks import cohort
from tests.browser.conftest import CHROMIUM
from tests.conftest import ROOT
from tests.desk import homes

PICTURES = ROOT / "docs" / "pages"


def graded(folder: Path) -> Path:
    """Grade the class, with pages, and return the report folder."""
    class_, out = folder / "class", folder / "reports"
    shutil.copytree(ROOT / "examples" / "cohort" / "submissions", class_)
    cohort.write(cohort.cohort(300, "1"), class_)
    command = [sys.executable, "-m", "grader", "grade", str(class_), "--out", str(out), "--html"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return out


def take(page: Any, name: str, start: str, tall: int) -> None:
    """Take a picture from an element down."""
    top = page.locator(start).evaluate("one => one.getBoundingClientRect().top + scrollY") - 16
    clip = {"x": 0, "y": max(top, 0), "width": page.viewport_size["width"], "height": tall}
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=clip)


def grading(browser: Any, folder: Path) -> None:
    """Take those of docs/pages.md."""
    out = graded(folder)
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 940, "height": 900})
        page.goto((out / "index.html").as_uri())
        take(page, f"class-{scheme}", "header", 860)
        take(page, f"mistakes-{scheme}", "#mistakes", 860)
        page.set_viewport_size({"width": 760, "height": 900})
        page.goto((out / "feedback" / "u2001.html").as_uri())
        take(page, f"student-{scheme}", "section.exercise", 960)
    page = browser.new_page(color_scheme="dark", viewport={"width": 390, "height": 800})
    page.goto((out / "feedback" / "u2001.html").as_uri())
    take(page, "student-phone", "header", 800)


def desk(browser: Any, folder: Path) -> None:
    """Take those of docs/students.md: a Square that forgets d_out, and a backpropagate that keeps what came last."""
    template = homes.home(folder)
    homes.solve(template, "lecture8", "autodiff", "scalar", "scalar_functions", "operators")
    for module, right, wrong in MISTAKES:
        path = template / "minitorch" / f"{module}.py"
        path.write_text(path.read_text("utf-8").replace(right, wrong), "utf-8")
    for arguments in (["check", "--html"], ["trace", *TRACED, "--config", str(folder / homes.MODULE1)]):
        command = [sys.executable, "-m", "grader", *arguments]
        subprocess.run(command, cwd=template, env=homes.environment(), stdout=subprocess.DEVNULL)  # 3: it is wrong
    page = browser.new_page(color_scheme="light", viewport={"width": 1000, "height": 900})
    page.goto((template / "check.html").as_uri())
    take(page, "check-light", "section.exercise", 1190)
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 690}, reduced_motion="reduce")
        page.goto((template / "trace.html").as_uri())
        take(page, f"trace-{scheme}", "header", 690)


MISTAKES = (
    ("lecture8", "return float(2.0 * x * d_out)", "return 2 * x"),
    ("autodiff", "arrived.get(parent.unique_id, 0.0) + share", "share"),
)
TRACED = ("log(z) + exp(z)", "--where", "z = x * y", "--at", "x=2", "y=3", "--html", "trace.html")

SETS = {"grading": grading, "desk": desk}


def main() -> None:
    """Take all of them, or those of the sets that are named."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in sys.argv[1:] or SETS:
            with tempfile.TemporaryDirectory() as folder:
                SETS[name](browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
