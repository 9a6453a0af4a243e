"""How inputs and answers read in feedback, and which of several a person would rather work out by hand."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks import blame
from grader.sandbox.protocol import Fault, Odd


def plain(value: float) -> str:
    """Return a float as a student would type it."""
    return repr(value + 0.0)  # no negative zero: it only puzzles


def shown(value: float | Odd | Fault | None) -> str:
    """Return what came back as text."""
    return plain(value) if isinstance(value, float) else blame.of_odd(value) if isinstance(value, Odd) else "nothing"


def effort(numbers: Sequence[float]) -> float:
    """Return how hard some numbers are to work with by hand."""
    return sum(map(_awkward, numbers))


def _awkward(number: float) -> float:
    """Small whole numbers first, then short decimals; a zero shows little."""
    if number == 0:
        return 3.0
    sign = 0.5 if number < 0 else 0.0
    if number == int(number) and abs(number) <= 10:
        return abs(number) / 10 + sign
    return 2.0 + len(repr(abs(number))) + sign
