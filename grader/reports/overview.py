"""What a class's results come to: scores, exercises, the mistakes students share, and what somebody should look at."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

import msgspec

from grader.model import Result, Verdict
from grader.reports import items
from grader.reports.items import Item, Sums
from grader.reports.rows import ClassRow

STOPS: tuple[Verdict, ...] = ("time limit", "memory limit", "output limit", "runtime error", "forbidden")
"""The verdicts of code that did not come to an answer, worst first."""

K = TypeVar("K")
TENTHS = 10
EVERYTHING = "everything"
NOTHING = Fraction(0)


class Head(msgspec.Struct, frozen=True):
    """One exercise as the class page heads it, with the names of its scored checks."""

    id: str
    title: str
    possible: Fraction
    checks: tuple[str, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    """One failure of ours, the exercise it was in, and whose scores it withholds."""

    exercise: str
    reason: str
    students: tuple[str, ...]


class Bar(msgspec.Struct, frozen=True):
    """How many scores lie in one range, in percent of the possible points."""

    label: str
    count: int


class Share(msgspec.Struct, frozen=True):
    """How one exercise went: how many got all of its points, some, none, did not attempt it, or are withheld.

    `verdicts` counts those that are not `accepted`, the most frequent first. `checks` are those that are scored.
    """

    number: int
    head: Head
    full: int
    some: int
    none: int
    unattempted: int
    withheld: int
    verdicts: tuple[tuple[Verdict, int], ...]
    checks: tuple[Item, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """The students who made one named mistake in one exercise, or lost points to one cause, in the class's order.

    `code` tells a cause from others that read the same; blank where nothing does.
    """

    exercise: int
    name: str
    students: tuple[str, ...]
    code: str = ""

    @property
    def shared(self) -> bool:
        """Say whether more than one student made it."""
        return len(self.students) > 1


class Stop(msgspec.Struct, frozen=True):
    """The students whose code met one limit, or ended, and in which exercises."""

    verdict: Verdict
    students: tuple[tuple[str, str], ...]


class Overview(msgspec.Struct, frozen=True):
    """A class in numbers and names. `mean` and `median` are of the scores that are not withheld, None without any.

    `groups` are of mistakes that have a name, `causes` of what else points were lost to.
    """

    count: int
    scored: int
    full: int
    withheld: int
    possible: Fraction
    mean: float | None
    median: float | None
    bars: tuple[Bar, ...]
    shares: tuple[Share, ...]
    faults: tuple[Fault, ...]
    unusable: tuple[tuple[str, str], ...]
    alike: tuple[tuple[str, str], ...]
    stops: tuple[Stop, ...]
    groups: tuple[Group, ...]
    causes: tuple[Group, ...]

    @property
    def told_nothing(self) -> tuple[tuple[str, bool], ...]:
        """Return the exercises in which everyone came out alike: (title, whether all was right)."""
        shares = [one for one in self.shares if self.count > 1 and self.count in (one.full, one.none + one.unattempted)]
        return tuple((one.head.title, one.full == self.count) for one in shares)


def heads(result: Result) -> tuple[Head, ...]:
    """Return how the exercises of a class are headed: every result of it says so."""
    return tuple(
        Head(one.id, one.title, one.possible, tuple(check.name for check in one.checks if check.possible))
        for one in result.exercises
    )


def of(rows: Iterable[ClassRow], exercises: Sequence[Head]) -> Overview:
    """Return what a class comes to. It is looked at once, a row at a time."""
    tally = _Tally(exercises)
    for row in rows:
        tally.add(row)
    return tally.overview()


class _Tally:
    """What has been counted so far."""

    def __init__(self, exercises: Sequence[Head]) -> None:
        self.exercises = exercises
        self.scores, self.bars = array("d"), Counter[int]()
        self.count = self.full = 0
        self.marks: list[Counter[str]] = [Counter() for _ in exercises]
        self.verdicts: list[Counter[Verdict]] = [Counter() for _ in exercises]
        self.faults: dict[tuple[str, str], list[str]] = {}
        self.groups: dict[tuple[int, str], list[str]] = {}
        self.causes: dict[tuple[int, str, str], list[str]] = {}
        self.stops: dict[Verdict, list[tuple[str, str]]] = {}
        self.unusable: list[tuple[str, str]] = []
        self.alike: list[tuple[str, str]] = []
        self.items = [[Sums() for _ in one.checks] for one in exercises]

    def add(self, row: ClassRow) -> None:
        """Count one submission. What an unusable one was lost to is said once, not exercise by exercise."""
        self.count += 1
        for marks, mark in zip(self.marks, row.marks):
            marks[mark] += 1
        if not row.withheld:
            self.scores.append(float(row.total))
            self.full += row.total == row.possible
            self.bars[_bar(row)] += 1
            self._count_checks(row)
        if row.alike:
            self.alike.append((row.submission, ", ".join(row.alike)))
        if row.status.startswith("unusable"):
            self.unusable.append((row.submission, row.trouble))
        else:
            self._lost(row)

    def _count_checks(self, row: ClassRow) -> None:
        """Hold each check against the points for all other exercises."""
        total = float(row.total)
        for sums, signs, earned in zip(self.items, row.checks, row.earned):
            rest = total - float(earned or 0)
            for one, sign in zip(sums, signs):
                one.add(items.SIGNS[sign], rest)

    def _lost(self, row: ClassRow) -> None:
        stopped: dict[Verdict, list[int]] = {}
        for i, verdict in enumerate(row.verdicts):
            if verdict == "accepted":
                continue
            self.verdicts[i][verdict] += 1
            if verdict in STOPS:
                stopped.setdefault(verdict, []).append(i)
            for name in row.named[i]:
                self.groups.setdefault((i, name), []).append(row.submission)
            causes = row.unnamed[i] if row.unnamed else ()
            for name, code in zip(causes, row.codes[i] if row.codes else ("",) * len(causes)):
                self.causes.setdefault((i, name, code), []).append(row.submission)
        for verdict, where in stopped.items():
            self.stops.setdefault(verdict, []).append((row.submission, _where(where, self.exercises)))
        for fault in _faults(row, self.exercises):
            self.faults.setdefault(fault, []).append(row.submission)

    def overview(self) -> Overview:
        """Return what was counted, what most students share first."""
        scores, numbers = self.scores, range(1, len(self.exercises) + 1)
        return Overview(
            count=self.count,
            scored=len(scores),
            full=self.full,
            withheld=self.count - len(scores),
            possible=sum((one.possible for one in self.exercises), NOTHING),
            mean=statistics.fmean(scores) if scores else None,
            median=statistics.median(scores) if scores else None,
            bars=tuple(Bar(label, self.bars[i]) for i, label in enumerate(_labels())),
            shares=tuple(map(_share, numbers, self.exercises, self.marks, self.verdicts, self.items)),
            faults=tuple(Fault(*fault, tuple(students)) for fault, students in _largest(self.faults)),
            unusable=tuple(self.unusable),
            alike=tuple(self.alike),
            stops=tuple(Stop(verdict, tuple(self.stops[verdict])) for verdict in STOPS if verdict in self.stops),
            groups=tuple(Group(*group, tuple(students)) for group, students in _largest(self.groups)),
            causes=tuple(Group(i, name, tuple(these), code) for (i, name, code), these in _largest(self.causes)),
        )


def _largest(shared: Mapping[K, list[str]]) -> list[tuple[K, list[str]]]:
    """Order what students share: by how many share it, then as it was found."""
    return sorted(shared.items(), key=lambda one: -len(one[1]))


def _bar(row: ClassRow) -> int:
    """Return the bar a score belongs to: none and all of the points have one of their own, tenths are between."""
    if not row.total:
        return 0
    if row.total >= row.possible:
        return TENTHS + 1
    return 1 + int(row.total * TENTHS / row.possible)


def _labels() -> Iterator[str]:
    yield "0"
    yield from (f"{100 * i // TENTHS}–{100 * (i + 1) // TENTHS}" for i in range(TENTHS))
    yield "all"


def _share(number: int, head: Head, marks: Counter[str], verdicts: Counter[Verdict], sums: Sequence[Sums]) -> Share:
    full, some, none, unattempted, withheld = (marks[mark] for mark in "✓½✗·?")
    checks = tuple(one.item(name) for name, one in zip(head.checks, sums))
    return Share(number, head, full, some, none, unattempted, withheld, tuple(verdicts.most_common()), checks)


def _faults(row: ClassRow, exercises: Sequence[Head]) -> list[tuple[str, str]]:
    """Return (exercise, reason) for what failed on our side; one reason for all exercises is said once."""
    found = [(head.title, reason) for head, reason in zip(exercises, row.faults) if reason]
    if len(found) > 1 and len({reason for _, reason in found}) == 1 and len(found) == len(exercises):
        return [(EVERYTHING, found[0][1])]
    return found


def _where(lost: Sequence[int], exercises: Sequence[Head]) -> str:
    if len(lost) == len(exercises) > 1:
        return EVERYTHING
    return ", ".join(exercises[i].title for i in lost)
