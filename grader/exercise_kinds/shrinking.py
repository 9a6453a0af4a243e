"""Make a failing value smaller while it still fails. Knows a value, its smaller neighbours and a predicate, no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import TypeVar

T = TypeVar("T")

BATCH, ROUNDS = 60, 40
LOTS = (6, 24, BATCH)
"""How many neighbours have been asked about after each question of a round: mostly one of the boldest fails."""


def shrink(
    value: T, smaller: Callable[[T], Iterable[T]], fails: Callable[[Sequence[T]], Sequence[bool]], rounds: int = ROUNDS
) -> T:
    """Return a value that fails and of whose neighbours (the first 60 in each round) none does, or the best in time.

    `smaller` yields neighbours, the boldest first; `fails` says of several at once which fail. The same value,
    neighbours and predicate give the same result: there is no chance and no clock in it.
    """
    for _ in range(rounds):
        candidates = list(islice(smaller(value), BATCH))
        better = next(_failing(candidates, fails), None)
        if better is None:
            return value
        value = better
    return value


def _failing(candidates: Sequence[T], fails: Callable[[Sequence[T]], Sequence[bool]]) -> Iterator[T]:
    """Yield those that fail, in order, and ask about no more than it takes."""
    for start, end in pairwise((0, *LOTS)):
        lot = candidates[start:end]
        if lot:
            yield from (one for one, failed in zip(lot, fails(lot)) if failed)
