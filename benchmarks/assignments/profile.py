"""Where a right submission's CPU goes: parts that are measured each on their own, and what is left of the whole."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median

import msgspec

from benchmarks.assignments import ours
from benchmarks.assignments.called import Took
from benchmarks.assignments.inside import Inside
from benchmarks.assignments.made_up import made_up
from benchmarks.assignments.pack import ROOT, Pack
from benchmarks.assignments.student import Student, write
from benchmarks.measure import measure

MANY, FEW = 16, 2
"""Submissions in the two classes: what the second costs beside its own is what any class costs."""


class Profile(msgspec.Struct, frozen=True):
    """CPU seconds a submission: the `whole` command's, and what is known of it, by part. Counts are a submission's."""

    whole: float
    parts: dict[str, float]
    workers: float
    frames: float
    questions: float
    pages: float

    @property
    def left(self) -> float:
        """Return what no part accounts for."""
        return self.whole - sum(self.parts.values())


class _Class(msgspec.Struct, frozen=True):
    """One class, measured: the whole command with and without staff's pages, and the grading of it part by part."""

    whole: float
    without_pages: float
    inside: Inside
    inside_cpu: float


def profile(pack: Pack, seed: str, bare: Sequence[Took], folder: Path) -> Profile:
    """Profile the right submissions of a pack. `bare` are right submissions' loading and calls alone."""
    students = made_up(pack, MANY, seed, ("right",))
    many, few = _measured(pack, students, folder), _measured(pack, students[:FEW], folder)
    work = many.inside.work.since(few.inside.work)
    count = MANY - FEW

    def each(of_many: float, of_few: float) -> float:
        return (of_many - of_few) / count

    whole = each(many.whole, few.whole)
    load, calls = fmean(one.load for one in bare), fmean(one.calls for one in bare)
    forked = each(many.inside_cpu - many.inside.own, few.inside_cpu - few.inside.own) - work.cpu / count
    parts = {
        "the student's calls, alone": calls,
        "the rest of answering, in the workers": work.answers / count - calls,
        "loading its files once, alone": load,
        "the rest of loading, in the workers": work.load / count - load,
        "the workers' start, lockdown and end": (work.cpu - work.load - work.answers) / count,
        "forking them and waiting for them, in the zygotes": forked,
        "asking and judging": each(many.inside.judging, few.inside.judging),
        "rendering the result and the feedback": each(many.inside.rendering, few.inside.rendering),
        "writing both": each(many.inside.writing, few.inside.writing),
        "reading what was handed in": each(many.inside.reading, few.inside.reading),
        "staff's pages, and keeping the code for them": whole - each(many.without_pages, few.without_pages),
    }
    counts = [one / count for one in (work.workers, work.frames, work.questions, work.pages)]
    return Profile(whole, parts, *counts)


def middle(found: Sequence[Profile]) -> Profile:
    """Return the median of each figure: what is left is what the medians leave."""
    return Profile(
        median(one.whole for one in found),
        {part: median(one.parts[part] for one in found) for part in found[0].parts},
        median(one.workers for one in found),
        median(one.frames for one in found),
        median(one.questions for one in found),
        median(one.pages for one in found),
    )


def _measured(pack: Pack, students: Sequence[Student], folder: Path) -> _Class:
    place = Path(tempfile.mkdtemp(prefix="profiled-", dir=folder))
    write(students, place / "class")
    whole = ours.grade(pack, students, place / "class").measured.cpu
    without = ours.grade(pack, students, place / "class", options=("--no-pages",)).measured.cpu
    command = [sys.executable, "-m", "benchmarks.assignments.inside", str(place / "class"), str(pack.config)]
    ran = measure([*command, str(place / "inside")], ROOT)
    if ran.status != 0:
        raise RuntimeError(f"grading part by part ended with status {ran.status}:\n{ran.output}")
    return _Class(whole, without, msgspec.convert(json.loads(ran.output.splitlines()[-1]), Inside), ran.cpu)
