"""A headless Chromium for the tests of the pages: Debian's own, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.planted import CLASS, written

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium"))

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""What axe holds a page to."""

Opened = Callable[..., Any]
"""Opens an address in a page of its own, with what a browser's context takes."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for one module's tests; Playwright's event loop must be gone before others start theirs.

    The pages of one context share a process: what one of them has compiled, the next need not compile again.
    """
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: see requirements/dev.lock")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed; CI installs it")
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--process-per-site"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """Open pages that must not complain: nothing on the console, no error, no request but for files."""
    contexts, complaints = [], []

    def goto(path: Path, **context: Any) -> Any:
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda sent: complaints.append(sent.url) if not sent.url.startswith("file:") else None)
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield goto
    for context in contexts:
        context.close()
    assert complaints == []


Faults = Callable[[Any], list[Any]]
"""Returns what axe finds in a page."""


@pytest.fixture(scope="session")
def faults() -> Faults:
    """Have axe look at a page, with everything that it knows of WCAG 2.2 AA."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

    def found(page: Any) -> list[Any]:
        told = axe.Axe().run(page, options={"runOnly": LEVELS}).response
        assert len(told["passes"]) > 15
        return [(one["id"], [node["html"] for node in one["nodes"]]) for one in told["violations"]]

    return found


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class's page of a small class, with everyone's pages beside it."""
    return written(tmp_path_factory.mktemp("reports"), CLASS)
