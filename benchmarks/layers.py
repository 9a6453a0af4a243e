"""What each layer of containment costs for each worker: `python -m benchmarks.layers`, from the repository's root.

One worker is started, locked down, asked to load nothing, and ended: its own CPU time up to its answer, and the wall
time from the request to its end. The combinations take turns, so that a busy moment of the machine is everybody's.
Medians of 200.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time
from pathlib import Path

import msgspec
from tabulate import tabulate

from grader.grading import config, planning
from grader.sandbox.boundary.protocol import Load, Loaded
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor

ALL = ("bubblewrap", "chroot", "uid", "landlock", "seccomp")
COMBINATIONS: dict[str, tuple[str, ...]] = {
    "a fork, its limits and signals: what is always there": (),
    "and chroot": ("chroot",),
    "and a user of its own": ("uid",),
    "and Landlock": ("landlock",),
    "and the system-call filter": ("seccomp",),
    "all of these: tier 2": ("chroot", "uid", "landlock", "seccomp"),
    "and inside bubblewrap: tier 1": ALL,
}
"""What is measured -> the layers that are on."""

PAGE = Path("docs/containment.md")
BEGIN, END = "<!-- layers: written by `python -m benchmarks.layers` -->\n", "<!-- end of layers -->\n"


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.layers", description=__doc__)
    parser.add_argument("--workers", type=int, default=200, metavar="N", help="workers for each combination")
    workers = parser.parse_args().workers
    took = measured(planning.box(config.load(Path("config.yaml"))), workers)
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{_table(took)}\n\n{END}{rest.partition(END)[2]}", "utf-8")
    print(_table(took))


Times = dict[str, list[tuple[float, float]]]
"""Combination -> (CPU, wall) of every worker, in milliseconds."""


def measured(box: Box, workers: int) -> Times:
    """Start so many workers of every combination, in turns."""
    took: Times = {name: [] for name in COMBINATIONS}
    with contextlib.ExitStack() as held:
        supervisors = {}
        for i, (name, layers) in enumerate(COMBINATIONS.items()):
            off = tuple(layer for layer in ALL if layer not in layers)
            supervisors[name] = held.enter_context(Supervisor(msgspec.structs.replace(box, skip=off), 700 + i))
            _one(supervisors[name])
        for _ in range(workers):
            for name, supervisor in supervisors.items():
                took[name].append(_one(supervisor))
    return took


def _one(supervisor: Supervisor) -> tuple[float, float]:
    """Start a worker, let it load nothing, end it; return its CPU and wall milliseconds."""
    started = time.perf_counter()
    with supervisor.worker() as worker:
        reply = worker.ask(Load(worker.next_id(), "minitorch", (), (), 1024), 2.0)
        cpu = worker.cpu()
    took = time.perf_counter() - started
    if not isinstance(reply, Loaded):
        raise RuntimeError(f"a worker did not answer: {reply}")
    return cpu * 1000, took * 1000


def _table(took: Times) -> str:
    base = statistics.median(cpu for cpu, _ in next(iter(took.values())))
    rows = []
    for name, times in took.items():
        cpu = statistics.median(cpu for cpu, _ in times)
        wall = statistics.median(wall for _, wall in times)
        rows.append([name, f"{cpu:.2f}", f"{cpu - base:+.2f}", f"{wall:.2f}"])
    heads = ["layers of a worker", "CPU ms", "over the first", "wall ms"]
    return tabulate(rows, heads, tablefmt="github", disable_numparse=True, colalign=("left", "right", "right", "right"))


if __name__ == "__main__":
    main()
