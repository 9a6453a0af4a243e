"""Say what was measured, as Markdown: figures in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tabulate import tabulate

from benchmarks.assignments.figures import Figures, Setting
from benchmarks.assignments.peers.each import Each
from benchmarks.assignments.profile import Profile, middle
from benchmarks.assignments.room import PLACES
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
  questions make of it, and do nothing else. A walk that takes every path is ended where grading ends it. They stand
  beside what the whole command costs more for {many} right submissions than for {few}, divided by {more}.

CPU is the user and system time of everything that a command started, down to the last descendant. Every figure is a
median, with the least and the most behind it."""

CAVEATS = """\
- **A submission is judged as planted** by ours where it earns full marks if nothing is planted in it, and loses some if
  something is. Module 1 does not mark the cost of a topological order: there, it has to be said. Homework 1 of needle
  does not ask for it: there, such a submission counts as right. A peer has to pass what is right and fail the rest.
- **The peers ask less.** They know nothing of the cost of a walk, and their tolerance lets a one-sided difference
  through. In Module 1 they ask for no pencil and paper, and for nothing of the lecture's own file.
- **The peers are not contained.** One process for all lets one student's code change the next one's grade.
- **The wrong cost more.** Ours looks for the simplest input that fails, and for a name for the mistake. It asks again
  among the student's own files, so that a mistake in one file is not charged in another.
- **The bare calls are a floor, not a grader.** Nothing is compared, and nothing is held back.
- **Every process is counted**, orphans too ([`benchmarks/reaper.py`](../benchmarks/reaper.py))."""

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
        METHOD.format(
            jobs=setting.jobs,
            sample=setting.sample,
            many=setting.many,
            few=setting.few,
            more=setting.many - setting.few,
        ),
        f"Measured on {setting.machine}; {setting.python}; {versions}; seed {setting.seed!r}; containment {tier}.",
        f"To repeat this, run `{setting.command}`. The seconds are those of this machine. The ratios should hold on "
        "yours.",
        *(part for one in found for part in _of_pack(one)),
        "## What to keep in mind",
        CAVEATS,
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
        f"A right submission costs {_spread(one.times_bare, '{:.1f}')} times its own loading and calls alone."
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
        "### Where a right submission's CPU goes",
        _profile(one),
        "### Memory and disk",
        _rooms(one),
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


def _profile(one: Figures) -> str:
    found = middle(one.profiles)
    rows = [
        (part, _spread([1e3 * each.parts[part] for each in one.profiles], "{:.1f}"), f"{cpu / found.whole:.0%}")
        for part, cpu in found.parts.items()
    ]
    whole = _spread([1e3 * each.whole for each in one.profiles], "{:.1f}")
    rows += [
        ("what is left: messages between processes, the class's tables", f"{1e3 * found.left:.1f}", _of(found)),
        ("the whole command", whole, "100%"),
    ]
    return (
        f"A right submission takes {found.workers:.0f} workers, which are asked {found.questions:.0f} questions in "
        f"{found.frames:.0f} frames. They copy or make {found.pages:,.0f} pages of memory.\n\n"
        + _table(("part", "CPU ms per submission", "share"), rows)
        + "\n\nEach figure is what a class of right submissions costs more than a small one, per submission more. The "
        "parts of our own process are told by its clock, the workers' by theirs, and the zygotes' by what remains of "
        "all that grading the class started. The whole command is measured apart from them."
    )


def _of(found: Profile) -> str:
    return f"{found.left / found.whole:.0%}"


def _rooms(one: Figures) -> str:
    rows = [
        (
            f"{each.count:,}",
            f"{each.peak / 1e6:.1f}",
            f"{each.files_each:.1f}",
            f"{each.bytes_each / 1e3:.1f}",
            *(f"{each.sizes[place] / each.count / 1e3:.1f}" for place in PLACES),
            f"{each.handed_in / each.count / 1e3:.1f}",
        )
        for each in one.rooms
    ]
    grown = (one.rooms[-1].peak - one.rooms[0].peak) / 1e6
    heads = ("submissions", "parent's peak, MB", "files each", "kB each", *(f"{place}, kB each" for place in PLACES))
    return (
        _table((*heads, "handed in, kB each"), rows)
        + f"\n\nFrom {one.rooms[0].count:,} to {one.rooms[-1].count:,} submissions the parent's memory grows by "
        f"{grown:.1f} MB."
    )


def _spread(values: Sequence[float], form: str) -> str:
    if len(set(values)) == 1:
        return form.format(values[0])
    return f"{form.format(median(values))} ({form.format(min(values))} – {form.format(max(values))})"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    align = ("left", *("right" for _ in headers[1:]))
    return tabulate(rows, headers, tablefmt="github", colalign=align, disable_numparse=True)
