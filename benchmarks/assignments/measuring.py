"""Measure one assignment: the class in pairs with the peers, classes of one sort, and the bare calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from tqdm import tqdm

from benchmarks.assignments import ours
from benchmarks.assignments.bare import bare
from benchmarks.assignments.figures import Figures, Pair, Round
from benchmarks.assignments.made_up import made_up
from benchmarks.assignments.pack import Pack
from benchmarks.assignments.peers.each import Each
from benchmarks.assignments.peers.once import Once
from benchmarks.assignments.peers.plain import Plain
from benchmarks.assignments.profile import MANY, profile
from benchmarks.assignments.room import room
from benchmarks.assignments.student import Sort, Student, write
from benchmarks.peers.places import Unavailable
from benchmarks.sides import Side

ROOM_TIMES, MOST_PROFILES = 10, 3
"""How many times larger the second class is whose memory is told, and how often a submission is profiled at most."""

FEW = 2
"""Submissions in the small class: what is left of a class's cost beside theirs is what any class costs."""

BARE = 20
"""Right submissions whose calls are made alone."""

COUNTED = 3


class Choices(msgspec.Struct, frozen=True):
    """How much is measured."""

    submissions: int
    pairs: int
    sample: int
    one_sort: int
    seed: str
    jobs: int
    others: bool
    room: int
    huge: int


class Peer(Protocol):
    """Someone else's way to grade."""

    name: str

    def grade(self, students: Sequence[Student]) -> Side:
        """Grade `students` and say what it took."""


def measured(pack: Pack, choices: Choices, folder: Path) -> Figures:
    """Measure a pack, with `folder` to work in."""
    students = made_up(pack, choices.submissions, choices.seed)
    write(students, folder / "class")
    peers, absent = _peers(pack, choices, folder)
    for peer in peers:
        peer.grade(students[:1])  # compiles the tests, fills the page cache
    ours.grade(pack, students, folder / "class", choices.jobs)
    pairs, otherwise = [], set[str]()
    for i in _shown(range(choices.pairs), pack, "pairs"):
        sample = [students[j % len(students)] for j in range(i * choices.sample, (i + 1) * choices.sample)]
        tested = {peer.name: peer.grade(sample) for peer in peers} if i % 2 else {}  # every other time they come first
        graded = ours.grade(pack, students, folder / "class", choices.jobs)
        otherwise.update(graded.otherwise)
        tested = tested or {peer.name: peer.grade(sample) for peer in peers}
        pairs.append(Pair(ours.side(students, graded), tested))
    rounds = [_round(pack, choices, folder) for _ in _shown(range(choices.pairs), pack, "sorts")]
    right = made_up(pack, BARE, choices.seed, ("right",))
    alone = bare(pack, right)
    profiled = _shown(range(min(choices.pairs, MOST_PROFILES)), pack, "profiles")
    sizes = sorted({choices.room, ROOM_TIMES * choices.room, choices.huge} - {0})
    return Figures(
        pack.name,
        pack.title,
        len(students),
        {sort: sum(one.sort == sort for one in students) for sort in dict.fromkeys(pack.sorts)},
        sum(one.whole for one in students),
        tuple(pairs),
        tuple(rounds),
        tuple(alone),
        sorted(one.called for one in bare(pack, right[:COUNTED], counting=True))[COUNTED // 2],
        tuple(profile(pack, choices.seed, alone[:MANY], folder) for _ in profiled),
        tuple(room(pack, size, choices.seed, folder, choices.jobs) for size in sizes),
        tuple(sorted(otherwise)),
        tuple(absent),
    )


def _peers(pack: Pack, choices: Choices, folder: Path) -> tuple[list[Peer], list[str]]:
    """Set up the peers. Returns those that are there, and what keeps the rest away."""
    peers: list[Peer] = [Each(pack, folder / "each")]
    if not choices.others or not pack.all_peers:
        return peers, []
    peers.append(Once(pack, folder / "once"))
    try:
        return [*peers, Plain(pack, folder / "plain")], []
    except Unavailable as why:
        return peers, [f"{Plain.name}: {why}"]


def _round(pack: Pack, choices: Choices, folder: Path) -> Round:
    """Grade a class of each sort, and a class of few, to tell what a submission costs from what any class costs."""
    sorts: tuple[Sort, ...] = tuple(sort for sort in dict.fromkeys(pack.sorts) if sort != "both")
    cost = {
        sort: ours.grade_new(pack, made_up(pack, choices.one_sort, choices.seed, (sort,)), folder, choices.jobs).cpu
        for sort in sorts
    }
    few = ours.grade_new(pack, made_up(pack, FEW, choices.seed, ("right",)), folder, choices.jobs).cpu
    right = (cost["right"] - few) / (choices.one_sort - FEW)
    fixed = few - FEW * right
    return Round(fixed, {sort: (cost[sort] - fixed) / choices.one_sort for sort in sorts})


def _shown(numbers: range, pack: Pack, unit: str) -> Sequence[int]:
    shown: Sequence[int] = tqdm(numbers, desc=f"{pack.name}, {unit}", disable=None, file=sys.stderr, leave=False)  # type: ignore[assignment] # it is iterated over alone
    return shown
