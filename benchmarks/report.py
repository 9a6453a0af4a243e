"""Say what was measured, as Markdown: figures in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Protocol

import msgspec
from tabulate import tabulate

from benchmarks.cohort import Student
from benchmarks.floors import Floors
from benchmarks.peers.hypothesis_each import HypothesisInstalled
from benchmarks.sides import Side


class Peer(Protocol):
    """Someone else's way to grade, set up in a folder of its own."""

    name: str

    def __init__(self, folder: Path) -> None: ...

    def grade(self, students: Sequence[Student]) -> Side:
        """Grade `students` and say what it took."""
        ...


class Pair(msgspec.Struct, frozen=True):
    """Both sides, measured right after each other, and the other peers after them, by name."""

    ours: Side
    peer: Side
    others: dict[str, Side] = {}

    @property
    def ratio(self) -> float:
        """Return how many times the CPU a submission costs the peer."""
        return self.peer.cpu_each / self.ours.cpu_each

    def times(self, other: str) -> float:
        """Return how many times the CPU a submission costs another peer."""
        return self.others[other].cpu_each / self.ours.cpu_each


class Setting(msgspec.Struct, frozen=True):
    """Where, with what and how it was measured."""

    machine: str
    python: str
    versions: dict[str, str]
    submissions: int
    wrong: int
    sample: int
    seed: str
    jobs: int


class Figures(msgspec.Struct, frozen=True):
    """Everything that was measured in one run."""

    setting: Setting
    pairs: tuple[Pair, ...]
    alone: Side
    """Ours again, with one job."""
    floors: Floors
    absent: tuple[str, ...] = ()
    """Peers that could not be set up, and why."""
    larger: tuple[Pair, ...] = ()
    """Both sides again, with a larger class."""


INSTALLED = HypothesisInstalled.name
EXERCISES = 11
"""Those of lecture 8: what the peers are handed."""

METHOD = """\
`python -m benchmarks` makes a class of {submissions} `lecture8.py` files from a seed. No two are alike, and
{wrong} of them are wrong in one place. It then grades the class in two ways, one right after the other, {pairs}
times. The order changes each time.

- **Ours** is the whole command `python -m grader grade CLASS --out DIR --fresh --jobs {jobs}`: start,
  containment, reference check, grading, diagnosis, every report.
- **The peer** is what courses run today: pytest with Hypothesis, in a fresh process for each submission
  ([`test_lecture8.py`](../benchmarks/peers/handed/test_lecture8.py)). It has the same {exercises} exercises and
  100 examples each. It compares forward with the formula and backward with a central difference. It runs without
  plugins, cache, database or containment, which is the least it can be.
- **As installed** is the same peer in a virtual environment with only pytest and Hypothesis, started as `python
  -m pytest test_lecture8.py`. So it finds its plugins and keeps its cache.

Both peers are measured on {sample} submissions per pair, other ones each time. All modules are compiled
beforehand, as pip does. CPU is the user and system time of everything that a command started, down to the last
descendant."""

REPEAT = """\
To repeat this, run `make bench`, or `python -m benchmarks --submissions {submissions}{larger} --pairs {pairs}`.
The seconds are those of this machine. The ratios should hold on yours."""

OTHERS = """\
These peers have the same exercises and {sample} submissions per pair, each run in the way its own pages show
([`benchmarks/peers`](../benchmarks/peers)). Those without Hypothesis draw 100 inputs per exercise with `random`,
and have the same tolerances. gradescope-utils, check50 and otter-grader each have a virtual environment of their
own. None of the peers is contained, and all but one start one or more processes for each submission."""

CAVEATS = """\
- **The checks differ in strength.** Ours compares with exact derivatives at 1e-7, checks the contract (linear in
  `d_out`, independent contexts, purity), finds the simplest input and names the mistake. The peer's tolerance is
  1e-2, MiniTorch's own, so it lets small errors through. It does draw `d_out`, which most course tests do not.
  The mistakes in this class are plain: ours judged {ours_right} of {ours_all} submissions correctly, the peer
  {peer_right} of {peer_all}.
- **The containment differs.** Ours ran every submission locked down, in a process that holds no answer. The peer
  runs it in the process that judges it.
- **The inputs differ.** Each side draws the same number of inputs. Ours draws over every magnitude, the peer by
  Hypothesis in [-100, 100], or in [0.1, 10] for a logarithm.
- **Ours has a fixed cost** (start, drawing inputs, checking the reference). It matters less in a large class. The
  peer's cost is the same for each submission.
- **One process for all** is the cheapest of the peers. It lets one student's code change the next one's grade, or
  end the run for everybody. The calls alone, above, are the lowest it could cost.
- **Every process is counted**, orphans too ([`benchmarks/reaper.py`](../benchmarks/reaper.py)). A command's own
  parent is told {seen:.0%} of what ours used."""


def markdown(figures: Figures) -> str:
    """Return docs/benchmarks.md."""
    setting, pairs = figures.setting, figures.pairs
    words = {
        "submissions": setting.submissions,
        "wrong": setting.wrong,
        "sample": setting.sample,
        "jobs": setting.jobs,
        "pairs": len(pairs),
        "larger": f" --larger {figures.larger[0].ours.count}" if figures.larger else "",
        "exercises": EXERCISES,
        "ours_right": sum(pair.ours.as_planted for pair in pairs),
        "ours_all": sum(pair.ours.count for pair in pairs),
        "peer_right": sum(pair.peer.as_planted for pair in pairs),
        "peer_all": sum(pair.peer.count for pair in pairs),
        "seen": median(pair.ours.seen_by_wait4 / pair.ours.cpu for pair in pairs),
    }
    versions = ", ".join(f"{name} {version}" for name, version in setting.versions.items())
    parts = [
        "# Benchmarks",
        f"**{headline(figures)}**",
        METHOD.format(**words),
        f"Measured on {setting.machine}; {setting.python}; {versions}; seed {setting.seed!r}; containment "
        f"{pairs[0].ours.tier}.",
        REPEAT.format(**words),
        "## Medians (least – most)",
        _medians(figures),
        "## Pair by pair",
        _pair_by_pair(pairs),
        *(["## A larger class", _larger(figures)] if figures.larger else []),
        "## Other peers",
        OTHERS.format(**words) if pairs[0].others else "None was measured this time.",
        *([_others(pairs)] if pairs[0].others else []),
        *(f"Not measured: {one}." for one in figures.absent),
        "## Floors",
        _floors(figures),
        "## What to keep in mind",
        CAVEATS.format(**words),
    ]
    return "\n\n".join(parts) + "\n"


def headline(figures: Figures) -> str:
    """Return the result in one sentence."""
    classes = [pairs for pairs in (figures.pairs, figures.larger) if pairs]
    leanest = [_times(pairs) for pairs in classes]
    said = f"Per submission, pytest + Hypothesis uses {leanest[0]} times the CPU of the grader"
    if figures.larger:
        said += f" in a class of {_size(figures.pairs)}, and {leanest[1]} times in a class of {_size(figures.larger)}"
    if INSTALLED not in figures.pairs[0].others:
        return f"{said}."
    return f"{said}. As it is installed, it uses {' and '.join(map(_times_installed, classes))} times."


def _times(pairs: Sequence[Pair]) -> str:
    return _spread([pair.ratio for pair in pairs], "{:.1f}")


def _times_installed(pairs: Sequence[Pair]) -> str:
    return _spread([pair.times(INSTALLED) for pair in pairs], "{:.1f}")


def _size(pairs: Sequence[Pair]) -> str:
    return f"{pairs[0].ours.count:,}"


def tables(figures: Figures) -> str:
    """Return the figures for a terminal."""
    others = [_others(figures.pairs)] if figures.pairs[0].others else []
    larger = [_pair_by_pair(figures.larger)] if figures.larger else []
    tables = (_medians(figures), _pair_by_pair(figures.pairs), *larger, *others, _floors(figures))
    return "\n\n".join((*tables, headline(figures)))


def _medians(figures: Figures) -> str:
    rows = [
        _row(f"grader, {figures.setting.jobs} jobs", [pair.ours for pair in figures.pairs]),
        _row("grader, 1 job (once)", [figures.alone]),
        _row("pytest + Hypothesis", [pair.peer for pair in figures.pairs]),
    ]
    if INSTALLED in figures.pairs[0].others:
        rows.append(_row("the same as installed", [pair.others[INSTALLED] for pair in figures.pairs]))
    return _table(("", "CPU ms per submission", "wall ms per submission", "submissions per second"), rows)


def _larger(figures: Figures) -> str:
    return (
        f"The same with {_size(figures.larger)} submissions, and the peer again on {figures.setting.sample} per pair. "
        f"The fixed cost is spread over more submissions.\n\n{_pair_by_pair(figures.larger)}"
    )


def _row(name: str, sides: Sequence[Side]) -> tuple[str, ...]:
    return (
        name,
        _spread([1e3 * side.cpu_each for side in sides], "{:.1f}"),
        _spread([1e3 / side.rate for side in sides], "{:.1f}"),
        _spread([side.rate for side in sides], "{:.2f}"),
    )


def _pair_by_pair(pairs: Sequence[Pair]) -> str:
    heads = ["pair", "grader, CPU ms each", "pytest + Hypothesis, CPU ms each", "ratio"]
    rows = [[str(i), _each(pair.ours), _each(pair.peer), f"{pair.ratio:.1f}"] for i, pair in enumerate(pairs, 1)]
    rows.append(["median", "", "", _times(pairs)])
    if INSTALLED in pairs[0].others:
        heads += ["as installed, CPU ms each", "ratio"]
        for row, pair in zip(rows, pairs):
            row += [_each(pair.others[INSTALLED]), f"{pair.times(INSTALLED):.1f}"]
        rows[-1] += ["", _times_installed(pairs)]
    return _table(heads, rows)


def _each(side: Side) -> str:
    return f"{1e3 * side.cpu_each:.1f}"


def _others(pairs: Sequence[Pair]) -> str:
    rows = []
    for name in pairs[0].others:
        sides = [pair.others[name] for pair in pairs]
        judged = f"{sum(side.as_planted for side in sides)} of {sum(side.count for side in sides)}"
        each = _spread([1e3 * side.cpu_each for side in sides], "{:.1f}")
        rows.append((name, each, _spread([pair.times(name) for pair in pairs], "{:.1f}"), judged))
    return _table(("peer", "CPU ms per submission", "times ours", "judged correctly"), rows)


def _floors(figures: Figures) -> str:
    ours = median(pair.ours.cpu_each for pair in figures.pairs)
    floors = figures.floors
    named = (
        ("a bare Python, started and ended", floors.interpreter),
        ("one submission loaded, uncontained", floors.load),
        ("its calls at 100 inputs per exercise, uncontained", floors.calls),
        ("a worker forked, locked down, asked nothing and ended", floors.idle),
        ("a worker's frames served in one process for all, uncontained", floors.served),
        ("a worker that serves them, from fork to end", floors.worker),
    )
    rows = [(name, f"{1e3 * cpu:.2f}", f"{ours / cpu:.1f}") for name, cpu in named]
    above = 1e3 * (floors.worker - floors.served)
    return (
        _table(("floor", "CPU ms", "grader, as a multiple"), rows)
        + f"\n\nA worker costs {above:.1f} ms more than serving the same in one process for all. Most of that goes "
        f"to over 500 pages of memory that are copied after the fork, on this machine {1e6 * floors.page:.1f} µs each."
    )


def _spread(values: Sequence[float], form: str) -> str:
    if len(values) == 1:
        return form.format(values[0])
    return f"{form.format(median(values))} ({form.format(min(values))} – {form.format(max(values))})"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    align = ("left", *("right" for _ in headers[1:]))
    return tabulate(rows, headers, tablefmt="github", colalign=align, disable_numparse=True)
