"""Measure, print the figures, and write them down: `python -m benchmarks`, from the repository's root."""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tqdm import tqdm

from benchmarks import cohort, floors, report, sides
from benchmarks.cohort import Student
from benchmarks.peers.check50_each import Check50Each
from benchmarks.peers.hypothesis_each import HypothesisEach, HypothesisInstalled
from benchmarks.peers.hypothesis_once import HypothesisOnce
from benchmarks.peers.otter_each import OtterEach
from benchmarks.peers.places import Unavailable
from benchmarks.peers.unittest_each import UnittestEach

OTHERS: tuple[type[report.Peer], ...] = (HypothesisInstalled, HypothesisOnce, UnittestEach, Check50Each, OtterEach)
"""Measured beside the one that the headline is about. Some bring packages of their own."""

STARTS = 5
"""Bare interpreters started; the least counts: nothing can make a start cheaper than it is."""


LIVES = 200
"""Workers whose own cost is taken, of either sort."""


def main() -> None:
    """Run the whole comparison."""
    options = _options()
    students = cohort.cohort(options.submissions, options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cohort.write(students, folder / "class")
        figures = _figures(options, students, folder)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(report.markdown(figures), "utf-8")
    print(report.tables(figures))
    print(f"written: {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure beside pytest + Hypothesis.")
    parser.add_argument("--submissions", type=int, default=200, metavar="N", help="how many in the class")
    parser.add_argument("--larger", type=int, default=0, metavar="N", help="so many in a second class (default: none)")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how often both sides are measured")
    parser.add_argument("--sample", type=int, default=8, metavar="N", help="submissions the peer tests in each pair")
    parser.add_argument("--without-others", action="store_true", help="measure pytest + Hypothesis alone beside ours")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="our grading processes")
    parser.add_argument("--seed", default="1", metavar="TEXT", help="what the class is made up from")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"), metavar="FILE", help="what is written")
    options = parser.parse_args()
    if min(options.submissions, options.pairs, options.sample, options.jobs) < 1:
        parser.error("every number should be at least 1")
    return options


def _figures(options: argparse.Namespace, students: Sequence[Student], folder: Path) -> report.Figures:
    peer = HypothesisEach(folder / "peer")
    others, absent = _others((HypothesisInstalled,) if options.without_others else OTHERS, folder)
    for one in (peer, *others):
        one.grade(students[:2])  # compiles the tests, fills the page cache
    compileall.compile_dir(sides.ROOT / "grader", quiet=1)  # as an installed package is, and as the peers are
    sides.ours(students, folder / "class", options.jobs)
    pairs = [
        _pair(options, students, folder / "class", peer, others, i)
        for i in tqdm(range(options.pairs), unit="pair", disable=None, file=sys.stderr, leave=False)
    ]
    installed = [one for one in others if isinstance(one, HypothesisInstalled)]
    larger = _larger(options, folder / "larger", peer, installed)
    return report.Figures(
        _setting(options, students),
        tuple(pairs),
        sides.ours(students, folder / "class", 1),
        floors.Floors(
            min(floors.interpreter() for _ in range(STARTS)),
            *floors.calls(students),
            *floors.workers(students[:LIVES]),
            floors.page(),
        ),
        tuple(absent),
        tuple(larger),
    )


def _larger(
    options: argparse.Namespace, folder: Path, peer: HypothesisEach, others: Sequence[report.Peer]
) -> list[report.Pair]:
    """Measure both sides with a class of another size, where that is asked for."""
    if not options.larger:
        return []
    students = cohort.cohort(options.larger, options.seed)
    cohort.write(students, folder / "class")
    return [_pair(options, students, folder / "class", peer, others, i) for i in range(options.pairs)]


def _others(kinds: Sequence[type[report.Peer]], folder: Path) -> tuple[list[report.Peer], list[str]]:
    """Set up the other peers. Returns those that are there, and what keeps the rest away."""
    found: list[report.Peer] = []
    absent: list[str] = []
    for kind in tqdm(kinds, unit="peer", desc="setting up", disable=None, file=sys.stderr, leave=False):
        try:
            found.append(kind(folder / kind.__name__))
        except Unavailable as why:
            absent.append(f"{kind.name}: {why}")
    return found, absent


def _pair(
    options: argparse.Namespace,
    students: Sequence[Student],
    folder: Path,
    peer: HypothesisEach,
    others: Sequence[report.Peer],
    i: int,
) -> report.Pair:
    """Measure both sides, every other time the peer first, and then the others."""
    sample = [students[j % len(students)] for j in range(i * options.sample, (i + 1) * options.sample)]
    tested = peer.grade(sample) if i % 2 else None
    graded = sides.ours(students, folder, options.jobs)
    tested = tested or peer.grade(sample)
    return report.Pair(graded, tested, {one.name: one.grade(sample) for one in others})


def _setting(options: argparse.Namespace, students: Sequence[Student]) -> report.Setting:
    return report.Setting(
        machine=f"{cpu_model()}, {len(os.sched_getaffinity(0))} cores",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions={name: version(name) for name in ("pytest", "hypothesis", "autodiff-grader")},
        submissions=len(students),
        wrong=sum(bool(student.mistake) for student in students),
        sample=options.sample,
        seed=options.seed,
        jobs=options.jobs,
    )


def cpu_model() -> str:
    """Return what the machine calls its processor."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


if __name__ == "__main__":
    main()
