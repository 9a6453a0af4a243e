"""Draw what the program prints: `python -m docs.pictures` writes the terminals in docs/pictures.

A test compares them with what is printed. With Chromium it also takes a picture of an assignment sheet, sheet.png. The
other drawings there are made by hand.
"""

from __future__ import annotations

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.authoring import figures
from grader.grading import config

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "pictures"
CLASS = ("u1012", "u2001", "u2002", "u2003", "u2007", "u2015", "u3003", "u3004", "u5001", "u6003")

WIDE, HIGH = 7.8, 18.0  # of one character, in pixels
COLOURS = {"✓": "#7ee787", "✗": "#ff7b72", "½": "#e3b341"}


def pictures(folder: Path) -> dict[str, str]:
    """Run the program in a copy of the project, and return the text of each picture by its file's name."""
    copy(folder)
    submissions = folder / "examples" / "cohort" / "submissions"
    for name in CLASS:
        (found,) = submissions.glob(f"{name}*")
        (shutil.copytree if found.is_dir() else shutil.copy)(found, folder / "hw1" / found.name)
    mine = submissions / "u2015" / "minitorch" / "lecture8.py"  # half written; and here its Square forgets d_out
    mine.write_text(mine.read_text("utf-8").replace("return 2 * x * d_out", "return 2 * x"), "utf-8")
    return {
        "grade.svg": drawn(folder, "grader grade hw1"),
        "check.svg": drawn(folder, "grader check", "--submission", str(submissions / "u2015")),
        "trace.svg": drawn(folder, f"grader trace {LECTURE}", "--submission", str(folder / "reference")),
        **lecture(),
    }


LECTURE = '"h = log(z) + exp(z)" --where "z = x * y" --at x=2 y=3'
"""The lecture's graph, as a student types it."""


def lecture() -> dict[str, str]:
    """Return the lecture's figures: its graph sent back through, step by step, by the solution of lecture 8."""
    (trace,) = figures.traces(config.load(ROOT / "config.yaml", ("log-plus-exp",))).values()
    return {f"backprop-{i}.svg": svg for i, (_, svg) in enumerate(figures.pictures(trace), 1)}


AUDIT = "grader audit square"
"""What the slow picture shows."""


def slow_pictures(folder: Path) -> dict[str, str]:
    """Return those that take longer."""
    copy(folder)
    return {"audit.svg": drawn(folder, AUDIT, until="\n\ncaught:")}


def copy(folder: Path) -> None:
    """Copy what the program needs, with a seed that nobody else has: with the sample's it prints a random one."""
    for name in ("exercises", "reference", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    config = (ROOT / "config.yaml").read_text("utf-8")
    (folder / "config.yaml").write_text(config.replace('seed: "1"', 'seed: "f59b2a7165774ec5f001b054"'))


def drawn(folder: Path, command: str, *more: str, until: str = "") -> str:
    """Return a terminal of 80 columns in which a command was typed, and what it printed up to some text."""
    run = [sys.executable, "-m", *shlex.split(command), *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    printed = subprocess.run(run, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True).stdout
    if until:
        printed = printed[: printed.index(until)]
    lines = [f"$ {command}", *printed.rstrip().splitlines()]
    return terminal(lines)


def terminal(lines: list[str]) -> str:
    """Return lines of text as an SVG."""
    wide, high = 80 * WIDE + 32, len(lines) * HIGH + 32
    rows = "\n".join(
        f'<text x="16" y="{30 + HIGH * row:g}" textLength="{WIDE * len(line):g}">{_coloured(line)}</text>'
        for row, line in enumerate(lines)
        if line
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" height="{high:g}">\n'
        "<style>text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; "
        "fill: #e6edf3; white-space: pre }</style>\n"
        f'<rect width="{wide:g}" height="{high:g}" rx="8" fill="#161b22"/>\n{rows}\n</svg>\n'
    )


def _coloured(line: str) -> str:
    return re.sub("[✓✗½]", lambda sign: f'<tspan fill="{COLOURS[sign[0]]}">{sign[0]}</tspan>', html.escape(line, False))


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        drawings = pictures(Path(folder, "quick")) | slow_pictures(Path(folder, "slow"))
        for name, text in drawings.items():
            (FOLDER / name).write_text(text, "utf-8")
        if chromium := shutil.which(os.environ.get("CHROMIUM", "chromium")):
            sheet = Path(folder) / "sheet.html"
            wanted = ["square", "mul-backward", "log-plus-exp", "--html", str(sheet)]
            subprocess.run([sys.executable, "-m", "grader", "preview", *wanted], cwd=ROOT, check=True)
            options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=760,650"]
            subprocess.run([chromium, *options, f"--screenshot={FOLDER / 'sheet.png'}", sheet.as_uri()], check=True)


if __name__ == "__main__":
    main()
