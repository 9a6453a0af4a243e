"""How soon a student's `grader check` says something, and how soon it is done: `python -m benchmarks.desk`.

It runs the grader as a handout installs it: its wheels and msgspec, nothing else, with the interpreter by its own path.
Every figure stands beside a bare start of the same interpreter, taken in turn with it, for the machine is a shared one.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.bundle import student
from grader.grading import config
from grader.sandbox.fresh import Fresh, Worker
from grader.selfcheck import finding, rounds
from grader.selfcheck.checking import SelfCheck

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "desk.md"
RUNS = 20
SCRIPT = "import sys\nfrom grader.__main__ import main\nsys.exit(main())\n"
"""What pip writes as the command `grader`."""

HEAD = """# How quick `grader check` is

This page was written by `python -m benchmarks.desk`. It shows {runs} runs of each, in turn. They ran with Python
{python}, started by its own path, in a virtual environment with only a handout's wheels and msgspec.

Times are in milliseconds: the median, and the fastest and slowest run. The machine has {cores} cores and was
doing other work (load {load:.1f} at the start), so the ratios to a bare start of the interpreter say more than
the milliseconds. If one of the two cores is busy the whole time, the worker and the judge take turns, and the
first line takes half as long again.

| files | bare start | first line | last line | first / bare | last - first | the exercises' own |
|---|---|---|---|---|---|---|
"""

TAIL = """
`first line` is the time until the result of the first exercise appears. `the exercises' own` is how long the
worker took to load the files and answer every question. Two processes start side by side: the worker, and the
judge of its answers.
"""


BESIDE = f"""
## Pages and traces

The same files solved, but for one mistake: the backward of Square forgets `d_out`. Milliseconds to the end, {RUNS} runs
of each in turn.

| command | to the end | beside `grader check` |
|---|---|---|
"""


def main() -> int:
    """Measure, write docs/desk.md, and say what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder = _handed_out(Path(name))
        load = os.getloadavg()[0]
        rows = [_row(folder, "template", False), _row(folder, "solved", True)]
        beside = _beside(folder)
    version = ".".join(map(str, sys.version_info[:3]))
    head = HEAD.format(runs=RUNS, python=version, cores=os.cpu_count(), load=load)
    OUT.write_text(head + "\n".join(rows) + "\n" + TAIL + beside)
    print(OUT.read_text())
    return 0


def _handed_out(folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(student.build(config.load(ROOT / "config.yaml"), None))) as archive:
        archive.extractall(folder)
    home = next(folder.glob("*/assignment.prepared")).parent
    venv.create(folder / "venv", symlinks=True, with_pip=False)
    (folder / "venv" / "bin" / "grader").write_text(SCRIPT)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    for wheel in home.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    shutil.copytree(Path(msgspec.__file__).parent, site / "msgspec")
    return home


def _row(home: Path, name: str, solved: bool) -> str:
    if solved:
        shutil.copy(ROOT / "reference" / "lecture8.py", home / "minitorch")
    python = str(home.parent / "venv" / "bin" / "python")
    command = [python, str(home.parent / "venv" / "bin" / "grader"), "check"]
    bare, first, last = [], [], []
    for i in range(RUNS + 2):
        start = _lines([python, "-c", "print()"], home)
        run = _lines(command, home)
        if i > 1:  # the first ones write byte code
            bare.append(start[0])
            first.append(run[0])
            last.append(run[1])
    own = min(_own(home) for _ in range(5))
    figures = [_spread(one) for one in (bare, first, last)]
    ratio = statistics.median(a / b for a, b in zip(first, bare))
    rest = statistics.median(b - a for a, b in zip(first, last))
    return f"| {name} | {' | '.join(figures)} | {ratio:.1f} | {1000 * rest:.0f} | {1000 * own:.0f} |"


def _beside(home: Path) -> str:
    """Return how long a page and a trace take beside a plain check, taken in turn, of files with one mistake."""
    mine = home / "minitorch" / "lecture8.py"
    mine.write_text(mine.read_text("utf-8").replace("float(2.0 * x * d_out)", "float(2.0 * x)"), "utf-8")
    python = str(home.parent / "venv" / "bin" / "python")
    start = [python, str(home.parent / "venv" / "bin" / "grader")]
    commands = {
        "grader check": ["check"],
        "grader check --html": ["check", "--html"],
        "grader trace square": ["trace", "square"],
        "grader trace square --html": ["trace", "square", "--html", "trace.html"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for i in range(RUNS + 2):
        for name, arguments in commands.items():
            to_the_end = _lines([*start, *arguments], home)[1]
            if i > 1:
                taken[name].append(to_the_end)
    rows = []
    for name, seconds in taken.items():
        ratio = statistics.median(a / b for a, b in zip(seconds, taken["grader check"]))
        rows.append(f"| `{name}` | {_spread(seconds)} | {ratio:.2f} |")
    return BESIDE + "\n".join(rows) + "\n"


def _lines(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return the seconds to the first line and to the end."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, env=plain, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        first = time.perf_counter() - start
        process.stdout.read()
        process.wait()
        return first, time.perf_counter() - start


def _own(home: Path) -> float:
    """Return the seconds that a worker takes over everything it is asked."""
    place, workers = finding.place(home), _Watched()
    list(SelfCheck(place.assignment, workers).check(rounds.read(place), place.assignment.exercises))
    return workers.seconds


class _Watched(Fresh):
    """Workers that leave behind how long they took."""

    seconds = 0.0

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        """Yield a fresh worker."""
        with super().worker(mentioned, base) as worker:
            yield worker
            self.seconds += worker.seconds


def _spread(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * one for one in (min(seconds), statistics.median(seconds), max(seconds)))
    return f"{middle:.0f} ({low:.0f}–{high:.0f})"


if __name__ == "__main__":
    sys.exit(main())
