"""Points are exact fractions: how they are added, and how they are written and read."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

_fraction = functools.lru_cache(1 << 12)(Fraction)
"""A result says the same few points dozens of times, and reading one is most of what a result costs to read."""


def total(points: Iterable[Fraction]) -> Fraction:
    """Add points up.

    >>> total([Fraction(1, 2), Fraction(1, 3)])
    Fraction(5, 6)
    """
    found = list(points)
    if all(one.denominator == 1 for one in found):  # as they nearly always are; adding fractions is slow
        return Fraction(sum(one.numerator for one in found))
    return sum(found, Fraction(0))


def number(value: Fraction) -> int | float:
    """Return points as JSON has them: a whole number where they are one.

    >>> number(Fraction(4)), number(Fraction(3, 2))
    (4, 1.5)
    """
    return value.numerator if value.denominator == 1 else float(value)


def to_text(value: Any) -> Any:
    """Write a fraction in msgspec's encoders (`enc_hook`): exact, as "3/2". Raises NotImplementedError for others."""
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def from_text(kind: type, value: Any) -> Any:
    """Read it back in msgspec's decoders (`dec_hook`). Raises ValueError."""
    if kind is Fraction and isinstance(value, str):
        return _fraction(value)
    raise ValueError(f"not a {kind.__name__}: {value!r}")
