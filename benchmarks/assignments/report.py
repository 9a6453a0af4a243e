"""Say what was measured, as Markdown: figures in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tabulate import tabulate

from benchmarks.assignments.figures import Figures, Setting
from benchmarks.assignments.peers.each import Each
from benchmarks.assignments.student import Sort
from benchmarks.sides import Side

TITLE = "# Benchmarks of whole assignments"

METHOD = """\
`python -m benchmarks.assignments` makes up a class for a whole assignment and grades it. [The other
benchmark](benchmarks.md) does so for eleven functions of one file.

- **The class** comes from a seed, and no two files are alike. Half of it is right, in several styles of each function.
  One in five is wrong in one place. One in five has a one-sided difference, where the assignment has one. One in six
  walks every path of a graph. A third hands in a whole repository, with all that lies around in one.
- **Ours** is the whole command `python -m grader grade CLASS --out DIR --fresh --jobs {jobs}`: start, containment,
  reference check, grading, diagnosis, every report.
- **The peer** is what courses run today: pytest with Hypothesis, a process for each submission, on tests written to
  the public list of tasks ([`handed`](../benchmarks/assignments/handed)). It draws 100 examples a test, from
  [-100, 100], and allows 1 %, as the course does. It runs without plugins, cache, database or containment. It is
  measured on {sample} submissions per pair, other ones each time, and is ended after 30 seconds of CPU.
- **The bare calls** load a submission's own files once, in one uncontained process. They make the calls that our
  questions make of it, and do nothing else. A walk that takes every path is ended where grading ends it.

CPU is the user and system time of everything that a command started, down to the last descendant. Every figure is a
median, with the least and the most behind it."""

SORTS: dict[Sort, str] = {
    "right": "right",
    "wrong": "wrong in one place",
    "one-sided": "a one-sided difference",
    "exponential": "a walk of every path",
    "both": "both of these",
}


def markdown(setting: Setting, found: Sequence[Figures]) -> str:
    """Return docs/assignments.md."""
    versions = ", ".join(f"{name} {version}" for name, version in setting.versions.items())
    tier = found[0].pairs[0].ours.tier
    parts = [
        TITLE,
        *(f"**{headline(one)}**" for one in found),
        METHOD.format(jobs=setting.jobs, sample=setting.sample),
        f"Measured on {setting.machine}; {setting.python}; {versions}; seed {setting.seed!r}; containment {tier}.",
        f"To repeat this, run `{setting.command}`. The seconds are those of this machine. The ratios should hold on "
        "yours.",
        *(part for one in found for part in _of_pack(one)),
    ]
    return "\n\n".join(parts) + "\n"


def tables(found: Sequence[Figures]) -> str:
    """Return the figures for a terminal."""
    return "\n\n".join(part for one in found for part in (*_of_pack(one), headline(one)))


def headline(one: Figures) -> str:
    """Return an assignment's result in one sentence or two."""
    return (
        f"{one.title}: per submission, pytest + Hypothesis uses "
        f"{_spread([pair.times(Each.name) for pair in one.pairs], '{:.1f}')} times the CPU of the grader. "
        f"A right submission costs {_spread([one.times_bare(each) for each in one.rounds], '{:.1f}')} times its own "
        "calls alone."
    )


def _of_pack(one: Figures) -> list[str]:
    sorts = ", ".join(f"{count} {SORTS[sort]}" for sort, count in one.planted.items())
    return [
        f"## {one.title}",
        f"The class has {one.submissions} submissions: {sorts}. Of all of them, {one.whole} are whole repositories.",
        "### Beside what courses run",
        _sides(one),
        *(f"Judged otherwise than planted: {', '.join(one.otherwise)}." for _ in one.otherwise[:1]),
        *(f"Not measured: {each}." for each in one.absent),
        "### Beside the calls alone, and by sort",
        _rounds(one),
    ]


def _sides(one: Figures) -> str:
    rows = [_side("grader", [pair.ours for pair in one.pairs], [1.0 for _ in one.pairs])]
    rows += [
        _side(name, [pair.peers[name] for pair in one.pairs], [pair.times(name) for pair in one.pairs])
        for name in one.pairs[0].peers
    ]
    return _table(("", "CPU ms per submission", "times ours", "judged as planted"), rows)


def _side(name: str, sides: Sequence[Side], times: Sequence[float]) -> tuple[str, ...]:
    judged = f"{sum(side.as_planted for side in sides)} of {sum(side.count for side in sides)}"
    each = _spread([1e3 * side.cpu_each for side in sides], "{:.1f}")
    return name, each, _spread(times, "{:.1f}"), judged


def _rounds(one: Figures) -> str:
    rows = [
        ("loading its files, alone", _spread([1e3 * took.load for took in one.bare], "{:.1f}"), ""),
        ("its calls, alone", _spread([1e3 * took.calls for took in one.bare], "{:.1f}"), ""),
    ]
    for sort in one.rounds[0].each:
        each = _spread([1e3 * done.each[sort] for done in one.rounds], "{:.1f}")
        rows.append((f"graded: {SORTS[sort]}", each, _spread([done.times(sort) for done in one.rounds], "{:.2f}")))
    rows.append(("whatever the class", _spread([1e3 * done.fixed for done in one.rounds], "{:.0f}"), ""))
    return (
        _table(("a submission", "CPU ms", "times a right one"), rows)
        + f"\n\nAlone, the calls run {one.called:,} functions of the student's. What a submission costs is what a "
        "class of its sort costs, without what every class costs, divided by its size. What every class costs is told "
        "by a class of two."
    )


def _spread(values: Sequence[float], form: str) -> str:
    if len(set(values)) == 1:
        return form.format(values[0])
    return f"{form.format(median(values))} ({form.format(min(values))} – {form.format(max(values))})"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    align = ("left", *("right" for _ in headers[1:]))
    return tabulate(rows, headers, tablefmt="github", colalign=align, disable_numparse=True)
