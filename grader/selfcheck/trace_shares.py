"""What a variable was computed from, the share of the derivative that is due to each of those, and how it is told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from grader.judging.tolerance import NETWORK
from grader.model import Interval

FLAT = (0.0, 0.0)
"""The slope by an input that changes nothing."""


class Edge(msgspec.Struct, frozen=True):
    """What a variable was computed from, and its exact derivative by each; None where that is not known."""

    inputs: tuple[int, ...]
    slopes: tuple[Interval | None, ...]


def reaching(edges: Sequence[Edge], targets: Iterable[int]) -> set[int]:
    """Return the variables that change with some others, and these: the rest are constants."""
    found = set(targets)
    grew = True
    steep = [{i for i, slope in zip(one.inputs, one.slopes) if slope != FLAT} for one in edges]
    while grew:
        new = {i for i, inputs in enumerate(steep) if i not in found and not found.isdisjoint(inputs)}
        found |= new
        grew = bool(new)
    return found


def same(a: float, b: float, size: float = 0.0) -> bool:
    """Say whether two numbers are one but for rounding and a guard against zero.

    >>> same(1.0, 1.0 + 1e-9), same(float("inf"), 1.0), same(float("nan"), float("nan"))
    (True, False, False)
    """
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b
    return abs(a - b) <= NETWORK.allowed(max(abs(a), abs(b), size), 1.0)


def within(number: float, d: float, slope: Interval, size: float = 0.0) -> bool:
    """Say whether a number is d times a slope; `size` is that of the numbers it came of.

    >>> within(6.0, 2.0, (3.0, 3.0)), within(5.0, 2.0, (0.0, 3.0)), within(5.0, 2.0, (3.0, 3.0))
    (True, True, False)
    """
    lo, hi = sorted((d * slope[0], d * slope[1]))
    return lo <= number <= hi or same(number, lo, size * 1e-6) or same(number, hi, size * 1e-6)


def total(slopes: Sequence[Interval]) -> Interval:
    """Return the slope by an input that is there more than once."""
    return sum(one[0] for one in slopes), sum(one[1] for one in slopes)


def should_be(d: float, slope: Interval) -> str:
    """Say what a share should be: the derivative times what came."""
    lo, hi = sorted((d * slope[0], d * slope[1]))
    if lo == hi:
        return f"{shown(slope[0])} × {shown(d)} = {shown(lo)} is right"
    return f"anything from {shown(lo)} to {shown(hi)} is right"


def shown(value: float) -> str:
    """Return a number as it reads in a step.

    >>> shown(2.0), shown(1 / 3), shown(float("nan")), shown(float("-inf"))
    ('2', '0.333333', 'nan', '-inf')
    """
    if not math.isfinite(value):
        return repr(value)
    return f"{value:.6g}" if value != int(value) or abs(value) >= 1e15 else str(int(value))


def listed(amounts: Sequence[float]) -> str:
    """Return numbers as a sum.

    >>> listed([2.0, 0.5]), listed([2.0])
    ('2 + 0.5 = 2.5', '2')
    """
    texts = [shown(one) for one in amounts]
    return " + ".join(texts) + (f" = {shown(sum(amounts))}" if len(texts) > 1 else "")
