"""Take the pictures in docs/pages.md: `python -m tests.browser.pictures`.

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


def main() -> None:
    """Take all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = graded(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
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
        browser.close()


if __name__ == "__main__":
    main()
