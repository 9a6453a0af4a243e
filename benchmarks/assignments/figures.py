"""Everything that is measured of one assignment, as records."""

from __future__ import annotations

from statistics import median

import msgspec

from benchmarks.assignments.called import Took
from benchmarks.assignments.profile import Profile
from benchmarks.assignments.room import Room
from benchmarks.assignments.student import Sort
from benchmarks.sides import Side


class Pair(msgspec.Struct, frozen=True):
    """Ours and the peers, by name, right after each other."""

    ours: Side
    peers: dict[str, Side]

    def times(self, peer: str) -> float:
        """Return how many times ours a submission costs a peer, in CPU."""
        return self.peers[peer].cpu_each / self.ours.cpu_each


class Round(msgspec.Struct, frozen=True):
    """Classes of one sort each, right after each other: CPU seconds a submission, without what any class costs."""

    fixed: float
    each: dict[Sort, float]

    def times(self, sort: Sort) -> float:
        """Return how many times a right submission one of another sort costs."""
        return self.each[sort] / self.each["right"]


class Figures(msgspec.Struct, frozen=True):
    """One assignment, measured. `planted` counts the class's submissions by sort, `whole` the whole repositories."""

    pack: str
    title: str
    submissions: int
    planted: dict[Sort, int]
    whole: int
    pairs: tuple[Pair, ...]
    rounds: tuple[Round, ...]
    bare: tuple[Took, ...]
    called: int
    profiles: tuple[Profile, ...]
    rooms: tuple[Room, ...]
    """Classes of different sizes, the smallest first."""
    otherwise: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def bare_each(self) -> float:
        """Return the CPU seconds of a right submission's loading and calls alone: the median."""
        return median(one.load + one.calls for one in self.bare)

    @property
    def times_bare(self) -> list[float]:
        """Return how many times its loading and calls alone a right submission costs, each time it was profiled."""
        return [one.whole / self.bare_each for one in self.profiles]


class Setting(msgspec.Struct, frozen=True):
    """Where and with what it was measured."""

    machine: str
    python: str
    versions: dict[str, str]
    command: str
    pairs: int
    sample: int
    seed: str
    jobs: int
    many: int
    few: int
    """Submissions in the two classes that tell what one costs."""
