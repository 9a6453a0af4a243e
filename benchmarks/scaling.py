"""Grade classes of growing size, and write down what a submission costs: `python -m benchmarks.scaling`.

Every class is generated, graded by the command a course runs, and then graded once more with nothing changed. With
`--pairs` the cluster engine is measured beside the local one, in pairs, and held to the same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec
from tabulate import tabulate
from tqdm import tqdm

from benchmarks import cohort, curves
from benchmarks.__main__ import cpu_model
from benchmarks.measure import Measured, measure
from benchmarks.sides import ROOT

SIZES = (10, 100, 1_000, 10_000)
FULL = (*SIZES, 50_000)
PAIRED = (1_000, 5_000)
"""Submissions in the classes that both engines grade: to start a cluster takes as long as some hundred of them."""

BUSY = 0.5
"""Load a core, before anything is measured, from which the figures say that the machine had other work."""


class Run(msgspec.Struct, frozen=True):
    """A class of one size: graded, and graded again with nothing changed."""

    size: int
    first: Measured
    second: Measured


class Pair(msgspec.Struct, frozen=True):
    """The same class graded by both engines, one right after the other."""

    size: int
    local: Measured
    dask: Measured
    same: bool
    """Whether both wrote the same bytes."""

    @property
    def ratio(self) -> float:
        """Return how many times the local engine's time the cluster took."""
        return self.dask.wall / self.local.wall


def main() -> None:
    """Measure every size, and write docs/scaling.md and its plot."""
    options = _options()
    sizes = options.sizes or (FULL if options.full else SIZES)
    setting = _setting(options)
    runs, pairs = [], []
    with (
        tempfile.TemporaryDirectory() as place,  # for all of them: see `sides.ours`
        tqdm(
            total=len(sizes) + len(PAIRED) * options.pairs, unit="class", disable=None, file=sys.stderr, leave=False
        ) as bar,
    ):
        for size in sizes:
            runs.append(_run(Path(place), size, options))
            bar.update()
        for size, i in itertools.product(PAIRED, range(options.pairs)):
            pairs.append(_pair(Path(place), size, i, options))
            bar.update()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(markdown(runs, pairs, setting), "utf-8")
    options.out.with_suffix(".svg").write_text(plot(runs), "utf-8")
    print(table(runs))
    print(f"written: {options.out}, {options.out.with_suffix('.svg')}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description="Measure classes of many sizes.")
    parser.add_argument("--full", action="store_true", help="grade 50,000 submissions as well; an hour or less")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="these sizes instead")
    parser.add_argument("--pairs", type=int, default=0, metavar="N", help="how often Dask is measured beside local")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="grading processes, and Dask workers")
    parser.add_argument("--seed", default="1", metavar="TEXT", help="what the classes are made up from")
    parser.add_argument("--out", type=Path, default=Path("docs/scaling.md"), metavar="FILE", help="what is written")
    return parser.parse_args()


def _run(place: Path, size: int, options: argparse.Namespace) -> Run:
    folder = place / f"{size}"
    cohort.write(cohort.cohort(size, options.seed), folder / "class")
    first = _grade(folder / "class", folder / "out", options.jobs)
    return Run(size, first, _grade(folder / "class", folder / "out", options.jobs))


def _pair(place: Path, size: int, number: int, options: argparse.Namespace) -> Pair:
    """Measure both engines; every other time the cluster goes first."""
    folder = place / f"pair-{size}-{number}"
    cohort.write(cohort.cohort(size, f"{options.seed} {number}"), folder / "class")
    order = ("local", "dask") if number % 2 == 0 else ("dask", "local")
    took = {engine: _grade(folder / "class", folder / engine, options.jobs, engine) for engine in order}
    local, dask = (_written(folder / engine) for engine in ("local", "dask"))
    return Pair(size, took["local"], took["dask"], local == dask)


def _grade(folder: Path, out: Path, jobs: int, engine: str = "local") -> Measured:
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--jobs", str(jobs)]
    measured = measure([*command, "--engine", engine], ROOT)
    if measured.status != 0:
        raise RuntimeError(f"grading the class ended with status {measured.status}:\n{measured.output}")
    return measured


def _written(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def _setting(options: argparse.Namespace) -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    setting = f"{cpu_model()}, {cores} cores; {python}; {options.jobs} grading processes; seed {options.seed!r}."
    if load > BUSY * cores:
        setting += f" The machine had other work to do (load {load:.1f} before the start): the times are upper bounds."
    return setting


def table(runs: Sequence[Run]) -> str:
    """Return a row a size."""
    heads = (
        "submissions",
        "CPU ms each",
        "wall ms each",
        "parent's peak, MB",
        "second run, wall ms each",
        "its CPU ms",
    )
    rows = [
        (
            f"{run.size:,}",
            f"{1e3 * run.first.cpu / run.size:.2f}",
            f"{1e3 * run.first.wall / run.size:.2f}",
            f"{run.first.peak / 1e6:.1f}",
            f"{1e3 * run.second.wall / run.size:.3f}",
            f"{1e3 * run.second.cpu / run.size:.3f}",
        )
        for run in runs
    ]
    return tabulate(rows, heads, tablefmt="github", colalign=("right",) * len(heads), disable_numparse=True)


METHOD = """\
`python -m benchmarks.scaling` generates a class of `lecture8.py` files of each size; one file in five is wrong.
It grades the class with the whole command `grader grade CLASS --out DIR`, and then runs the same command again.
CPU is that of everything the command started. The parent's peak is the most memory that the command's own process
had. Every figure includes the fixed cost (start, containment, inputs and the reference's check), which matters
most for a small class."""


def markdown(runs: Sequence[Run], pairs: Sequence[Pair], setting: str) -> str:
    """Return docs/scaling.md."""
    least, most = runs[0], runs[-1]
    parts = [
        "# Scaling",
        f"**From {least.size:,} to {most.size:,} submissions the parent's memory grows by "
        f"{(most.first.peak - least.first.peak) / 1e6:.1f} MB, and a second run with nothing changed takes "
        f"{1e3 * most.second.wall / most.size:.2f} ms per submission.**",
        METHOD,
        f"Measured once per size on {setting}",
        table(runs),
        "![CPU, memory and second run by size](scaling.svg)",
    ]
    if pairs:
        parts += ["## A cluster on one machine", _paired(pairs)]
    parts.append(
        "To repeat this, run `make scaling`. `--full` adds 50,000 submissions, and `--pairs 5` adds the cluster."
    )
    return "\n\n".join(parts) + "\n"


def _paired(pairs: Sequence[Pair]) -> str:
    same = "and wrote the same bytes every time" if all(pair.same for pair in pairs) else "and WROTE OTHER BYTES"
    sizes = sorted({pair.size for pair in pairs})
    each = [sorted(pair.ratio for pair in pairs if pair.size == size) for size in sizes]
    took = ", ".join(
        f"{median(ratios):.2f} ({ratios[0]:.2f} – {ratios[-1]:.2f}) times the time for {size:,} submissions"
        for size, ratios in zip(sizes, each)
    )
    return (
        f"Compared with the local engine, a local Dask cluster took {took}, its start included, {same}. These are "
        f"medians of {len(each[0])} pairs, with as many workers as grading processes. For several machines, see "
        "[grading on a cluster](cluster.md)."
    )


def plot(runs: Sequence[Run]) -> str:
    """Return the figures drawn over the size of the class."""
    sizes = [run.size for run in runs]
    return curves.svg(
        (
            ("CPU ms per submission", sizes, [1e3 * run.first.cpu / run.size for run in runs]),
            ("second run, wall ms per submission", sizes, [1e3 * run.second.wall / run.size for run in runs]),
            ("parent's peak, MB", sizes, [run.first.peak / 1e6 for run in runs]),
        )
    )


if __name__ == "__main__":
    main()
