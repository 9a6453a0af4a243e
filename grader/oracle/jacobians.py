"""What a formula on arrays gives at one input, and what of it a cotangent brings back. numpy is not needed here."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.model import Interval
from grader.oracle import dual

Flat = tuple[float, ...]
"""An array's entries, the last axis first, as numpy has them."""


class ArrayAnswer(msgspec.Struct, frozen=True):
    """What a formula gives at one input: the value, and for each of its entries a partial per entry of the arguments.

    Partials are intervals, as in `Expected`. `gap` is the narrowest comparison that was met.
    """

    value: Flat
    partials: tuple[tuple[Interval, ...], ...]
    gap: float


def pulled_back(
    answer: ArrayAnswer, cotangent: Sequence[float], counts: Sequence[int]
) -> tuple[tuple[Interval, ...], ...]:
    """Return the vector-Jacobian product: per argument an interval for each of its entries, `counts` in all.

    >>> pulled_back(ArrayAnswer((1.0, 2.0), (((1.0, 1.0),), ((0.0, 1.0),)), 9.9), (3.0, -2.0), (1,))
    (((1.0, 3.0),),)
    """
    total = [(0.0, 0.0)] * sum(counts)
    for weight, partials in zip(cotangent, answer.partials):
        if weight:
            total = [
                one if other == (0.0, 0.0) else dual.plus(one, dual.scaled(other, weight))
                for one, other in zip(total, partials)
            ]
    found, start = [], 0
    for count in counts:
        found.append(tuple(total[start : start + count]))
        start += count
    return tuple(found)
