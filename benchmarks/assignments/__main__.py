"""Measure whole assignments and write the figures down: `python -m benchmarks.assignments`, from the root."""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from benchmarks.__main__ import cpu_model
from benchmarks.assignments import report
from benchmarks.assignments.figures import Figures, Setting
from benchmarks.assignments.measuring import Choices, measured
from benchmarks.assignments.pack import ROOT
from benchmarks.assignments.packs import PACKS
from benchmarks.assignments.profile import FEW, MANY


def main() -> None:
    """Run the whole comparison."""
    options = _options()
    choices = Choices(
        options.submissions,
        options.pairs,
        options.sample,
        options.one_sort,
        options.seed,
        options.jobs,
        not options.without_others,
        options.room,
        options.huge,
    )
    compileall.compile_dir(ROOT / "grader", quiet=1)  # as an installed package is, and as the peers are
    found: list[Figures] = []
    for name in options.packs:
        with tempfile.TemporaryDirectory() as folder:
            found.append(measured(PACKS[name], choices, Path(folder)))
        _write(options, found)  # what is measured is not lost with what comes after
    print(report.tables(found))
    print(f"written: {options.out}")


def _write(options: argparse.Namespace, found: Sequence[Figures]) -> None:
    setting = _setting(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(report.markdown(setting, found), "utf-8")
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode({"setting": setting, "figures": found})))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assignments", description="Measure whole assignments.")
    parser.add_argument("--packs", nargs="+", choices=PACKS, default=list(PACKS), help="which assignments (all)")
    parser.add_argument("--submissions", type=int, default=40, metavar="N", help="how many in a class")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how often both sides are measured")
    parser.add_argument("--sample", type=int, default=3, metavar="N", help="submissions a peer tests in each pair")
    parser.add_argument("--one-sort", type=int, default=10, metavar="N", help="how many in a class of one sort")
    parser.add_argument(
        "--room", type=int, default=8, metavar="N", help="memory and disk are told for a class of N and of 10 N"
    )
    parser.add_argument("--huge", type=int, default=0, metavar="N", help="and for a class of N (default: none)")
    parser.add_argument("--without-others", action="store_true", help="measure one peer alone beside ours")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="our grading processes")
    parser.add_argument("--seed", default="1", metavar="TEXT", help="what the classes are made up from")
    parser.add_argument("--out", type=Path, default=Path("docs/assignments.md"), metavar="FILE", help="what is written")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    options = parser.parse_args()
    if min(options.submissions, options.pairs, options.sample, options.jobs, options.room) < 1 or options.one_sort < 3:
        parser.error("every number should be at least 1, and --one-sort 3")
    options.command = _command(parser, options)
    return options


def _command(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Return what to type to have the same measured again."""
    words = [parser.prog]
    for name, value in vars(options).items():
        if name not in ("out", "json") and value != parser.get_default(name):
            words.append(f"--{name.replace('_', '-')}")
            words += [] if value is True else map(str, value) if isinstance(value, list) else [str(value)]
    return " ".join(words)


def _setting(options: argparse.Namespace) -> Setting:
    return Setting(
        f"{cpu_model()}, {len(os.sched_getaffinity(0))} cores",
        f"{platform.python_implementation()} {platform.python_version()}",
        {name: version(name) for name in ("pytest", "hypothesis", "autodiff-grader")},
        options.command,
        options.pairs,
        options.sample,
        options.seed,
        options.jobs,
        MANY,
        FEW,
    )


if __name__ == "__main__":
    main()
