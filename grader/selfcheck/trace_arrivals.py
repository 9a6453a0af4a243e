"""What arrives at a variable, and which of it may have been passed on by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec

from grader.selfcheck.trace_shares import same

MOST_SUMS, MOST_WAYS = 10, 200
"""Arrivals whose every sum is tried; of more only each, and all of them. And ways to have passed them on, kept."""


class Arrival(msgspec.Struct, frozen=True):
    """A share of the derivative at a variable: how much, and by which event."""

    amount: float
    event: int


class Inbox:
    """What arrived at a variable. Which of it was passed on, a number alone may leave open: every way is kept."""

    def __init__(self) -> None:
        self.arrived: list[Arrival] = []
        self._ways: set[frozenset[int]] = {frozenset()}

    def add(self, amount: float, event: int) -> None:
        """Take in a share."""
        self.arrived.append(Arrival(amount, event))

    def take(self, total: float) -> bool:
        """Pass on shares that add up to a number; say whether there are such."""
        found = self._taking(total)
        if found:
            self._ways = found
        return bool(found)

    def has(self, total: float) -> bool:
        """Say whether there are shares, not passed on yet, that add up to a number."""
        return bool(self.left()) and bool(self._taking(total))

    def take_all(self) -> None:
        """Pass on whatever is there: what is wrong with it was said."""
        self._ways = {frozenset(range(len(self.arrived)))}

    def left(self) -> list[Arrival]:
        """Return what was not passed on yet, in the way that leaves the least."""
        ways = [[one for i, one in enumerate(self.arrived) if i not in way] for way in self._ways]
        return min(ways, key=lambda left: sum(not same(one.amount, 0.0) for one in left))

    def _taking(self, total: float) -> set[frozenset[int]]:
        found: set[frozenset[int]] = set()
        for way in self._ways:
            unused = [i for i in range(len(self.arrived)) if i not in way]
            for picked in _choices(unused):
                amounts = [self.arrived[i].amount for i in picked]
                if same(sum(amounts), total, 1e-6 * sum(map(abs, amounts))):
                    found.add(way | frozenset(picked))
                    if len(found) >= MOST_WAYS:
                        return found
        return found


def _choices(unused: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield what may have been passed on at once: all of it first, then less; of many only what walks do."""
    counts = range(len(unused), -1, -1) if len(unused) <= MOST_SUMS else (len(unused), 1, 0)
    for count in counts:
        yield from combinations(unused, count)
