"""How soon the page that checks in a browser is ready, and how quick it is then: `python -m benchmarks.browser`.

Every figure stands beside Pyodide's own start in the same browser, taken in turn with it: unchanged, as npm brings it,
with nothing of ours. Each run has a browser context of its own, so nothing is kept from the one before.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from grader.bundle import web_packages, wheels

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "browser-speed.md"
RUNS = 7
READY = 120_000

BARE = """<!doctype html><meta charset="utf-8"><p id="status">starting</p><script>
const worker = new Worker("worker.js", { type: "module" });
worker.onmessage = () => { document.getElementById("status").dataset.ready = String(Math.round(performance.now())); };
</script>
"""
BARE_WORKER = """import { loadPyodide } from "./pyodide.mjs";
await loadPyodide();
postMessage("ready");
"""

LOOP = b"""from .scalar_functions import ScalarFunction
class TimesFive(ScalarFunction):
    @staticmethod
    def forward(ctx, x):
        LINE
"""

HEAD = """# How quick the page in a browser is

This page was written by `python -m benchmarks.browser`: {runs} runs of each, in turn, every one in a new context of
headless {browser} on {cores} cores (load {load:.1f} at the start). Times are in milliseconds: the median, and
the fastest and slowest run. `bare` is Pyodide's own start in the same browser, unchanged, with nothing of ours.

| | milliseconds | beside a bare start |
|---|---|---|
"""

TAIL = """
A browser that opens the folder's page is sent {sent} MB; the page that is one file has {alone} MB.

**What makes it quick.** Pyodide brings Python's library as source. Most of a bare start is compiling some of it. The
bundler has Pyodide itself compile what a self-check imports, once, and the page brings the result. WebAssembly is
compiled once per page, in the page, and shared with every interpreter that is started after the first.

**What was left aside.** A snapshot of Pyodide's memory, before anything of ours is in it, takes 6.7 MB compressed. With
it a browser would be sent more than 12 MB, and 8 were allowed. How much sooner it would start was not measured.
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and yield its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def bare(folder: Path) -> None:
    """Write a page that starts Pyodide as it is."""
    for name, raw in web_packages.unpacked(None, wheels.kept_in().parent / "npm")[web_packages.PYODIDE].items():
        (folder / name).write_bytes(raw)
    (folder / "index.html").write_text(BARE)
    (folder / "worker.js").write_text(BARE_WORKER)


def opened(browser: Any, address: str) -> tuple[Any, int]:
    """Open a page, and return it with the milliseconds that it took to be ready."""
    page = browser.new_context().new_page()
    page.goto(address)
    page.wait_for_selector("#status[data-ready]", timeout=READY)
    return page, int(page.locator("#status").get_attribute("data-ready"))


def again(page: Any) -> int:
    """Return how long the page takes to check everything again."""
    page.evaluate("delete document.getElementById('status').dataset.took")
    page.click("#check")
    page.wait_for_selector("#status[data-took]", timeout=READY)
    return int(page.locator("#status").get_attribute("data-took"))


def told_after(page: Any, line: str) -> int:
    """Return how long it takes until a function with this line in it is told of."""
    files = {"minitorch/lecture8.py": b64encode(LOOP.replace(b"LINE", line.encode())).decode()}
    script = """(files) => {
      const began = performance.now();
      let told = 0;
      const seen = (record) => { if (record.type === "row" && !told) told = Math.round(performance.now() - began); };
      return interpreter.check(files, seen).then(() => told);
    }"""
    found: int = page.evaluate(script, files)
    return found


def main() -> None:
    """Measure, and write the page."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as held:
        ours, theirs = Path(place) / "ours", Path(place) / "bare"
        theirs.mkdir()
        bare(theirs)
        command = [sys.executable, "-m", "grader", "bundle", "web", "-o", str(ours)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        sent, alone = re.findall(r"([\d.]+) MB", said)
        here, there = held.enter_context(served(ours)), held.enter_context(served(theirs))
        times: dict[str, list[int]] = {}
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            name = f"Chromium {browser.version}"
            for _ in range(RUNS):
                page, took = opened(browser, f"{there}index.html")
                times.setdefault("bare", []).append(took)
                page.context.close()
                page, took = opened(browser, f"{here}index.html")
                times.setdefault("ready, from a web server", []).append(took)
                page.context.close()
                page, took = opened(browser, (ours / "check.html").as_uri())
                times.setdefault("ready, one file opened from disk", []).append(took)
                page.wait_for_selector("#status[data-took]", timeout=READY)
                for _ in range(3):
                    last = again(page)
                times.setdefault("all eleven exercises checked again (the template)", []).append(last)
                times.setdefault("an endless loop is told of", []).append(told_after(page, "while True: pass"))
                times.setdefault("a loop in compiled code is told of", []).append(
                    told_after(page, "sum(range(10**12))")
                )
                page.context.close()
                time.sleep(1)
            browser.close()
    base = statistics.median(times["bare"])
    rows = [
        f"| {what} | {statistics.median(found):.0f} ({min(found)} to {max(found)}) | "
        f"{'1' if what == 'bare' else f'{statistics.median(found) / base:.2f}' if what.startswith('ready') else ''} |"
        for what, found in times.items()
    ]
    head = HEAD.format(runs=RUNS, browser=name, cores=os.cpu_count(), load=load)
    OUT.write_text("\n".join([head.rstrip(), *rows, ""]) + TAIL.format(sent=sent, alone=alone), "utf-8")
    print(OUT.read_text("utf-8"), platform.python_version())


if __name__ == "__main__":
    main()
