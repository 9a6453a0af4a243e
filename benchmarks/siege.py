"""A class under attack: `python -m benchmarks.siege`, from the repository's root.

A made-up class is graded by itself, and again with hostile submissions mixed into it, in an order drawn from a seed.
Every honest result must be the same, byte for byte; what is lost is time, and how much is written down.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from tabulate import tabulate

from benchmarks import cohort

ATTACKS = Path("tests") / "attacks"
PAGE = Path("docs/containment.md")
BEGIN, END = "<!-- siege: written by `python -m benchmarks.siege` -->\n", "<!-- end of siege -->\n"


class Run(msgspec.Struct, frozen=True):
    """One run of the whole command: its seconds, and every result's bytes by submission."""

    seconds: float
    results: dict[str, bytes]


class Siege(msgspec.Struct, frozen=True):
    """The class alone, and with the hostile ones in it."""

    alone: Run
    besieged: Run

    def changed(self) -> list[str]:
        """Return the honest submissions whose result is another, or missing."""
        return [name for name, raw in self.alone.results.items() if self.besieged.results.get(name) != raw]


def main() -> None:
    """Run it and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege", description="Grade a class under attack.")
    parser.add_argument("--honest", type=int, default=400, metavar="N", help="honest submissions")
    parser.add_argument("--hostile", type=int, default=100, metavar="N", help="hostile submissions")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="grading processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        siege = lay(Path(folder), options.honest, options.hostile, options.jobs)
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{_said(siege)}\n\n{END}{rest.partition(END)[2]}", "utf-8")
    print(_said(siege))
    sys.exit(bool(siege.changed()))


def lay(folder: Path, honest: int, hostile: int, jobs: int) -> Siege:
    """Make up both classes under `folder` and grade them. Raises CalledProcessError where the command itself fails."""
    drawn = random.Random("siege")
    students = cohort.cohort(honest, "siege")
    files = sorted(ATTACKS.glob("*/*.py"))
    attacks = [files[i % len(files)] for i in range(hostile)]
    names = [f"s{i:04}" for i in range(honest + hostile)]
    drawn.shuffle(names)
    for student, name in zip(students, names):
        for part in ("alone", "besieged"):
            cohort.write([msgspec.structs.replace(student, name=name)], folder / part)
    for attack, name in zip(attacks, names[honest:]):
        _hand_in(attack, folder / "besieged" / name)
    return Siege(_graded(folder / "alone", jobs), _graded(folder / "besieged", jobs))


def _hand_in(attack: Path, folder: Path) -> None:
    text = attack.read_text("utf-8")
    aims = {
        "CANARY_FILE": str(folder.parent / "canary"),
        "CANARY_FOLDER": str(folder.parent),
        "CANARY_NAME": "autodiff-grader-canary",
        "CANARY_PORT": "9",
        "SUPERVISOR_PID": str(os.getpid()),
        "ZYGOTE_PID": str(os.getpid()),
        "ROOT": str(Path.cwd()),
    }
    for word, value in aims.items():
        text = text.replace(word, value)
    folder.mkdir()
    (folder / "lecture8.py").write_text(text, "utf-8")
    (folder / "hostile.py").write_text((ATTACKS / "hostile.py").read_text("utf-8"), "utf-8")


def _graded(folder: Path, jobs: int) -> Run:
    out = folder.with_name(f"{folder.name}-reports")
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--jobs", str(jobs)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    return Run(seconds, {path.stem: path.read_bytes() for path in (out / "results").glob("*.json")})


def _said(siege: Siege) -> str:
    honest, everyone = len(siege.alone.results), len(siege.besieged.results)
    rows: Sequence[Sequence[object]] = [
        ["the honest ones alone", honest, f"{siege.alone.seconds:.1f}", f"{honest / siege.alone.seconds:.1f}"],
        [
            "with the hostile ones",
            everyone,
            f"{siege.besieged.seconds:.1f}",
            f"{everyone / siege.besieged.seconds:.1f}",
        ],
    ]
    each = (siege.besieged.seconds - siege.alone.seconds) / max(everyone - honest, 1)
    table = tabulate(rows, ["class", "submissions", "seconds", "a second"], tablefmt="github", disable_numparse=True)
    return (
        f"{table}\n\n{len(siege.changed())} of {honest} honest results changed. A hostile submission cost "
        f"{each:.2f} seconds of the run on average."
    )


if __name__ == "__main__":
    main()
