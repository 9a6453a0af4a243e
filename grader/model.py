"""The records that cross a module's boundary. Frozen, and free of behaviour beyond what they mean."""

from __future__ import annotations

from typing import Literal

import msgspec

Interval = tuple[float, float]
"""A closed interval (lo, hi). A point is (a, a); (-inf, inf) says that any finite number will do."""


class Answer(msgspec.Struct, frozen=True):
    """What the exercise's formula gives at one point: the oracle's word, exact to rounding.

    `partials` holds one interval an argument: a point where the formula is differentiable, the
    subdifferential at a kink, the whole line at a jump. `gap` is the smallest |left - right| of
    any comparison met on the way (inf where there was none).
    """

    value: float
    partials: tuple[Interval, ...]
    gap: float


class Input(msgspec.Struct, frozen=True):
    """One question put to a student's function: its arguments, and the d_out to send back through it."""

    args: tuple[float, ...]
    d_out: float


class Corpus(msgspec.Struct, frozen=True):
    """The inputs of one exercise and their answers, drawn once and the same for every submission."""

    inputs: tuple[Input, ...]
    answers: tuple[Answer, ...]


class Domain(msgspec.Struct, frozen=True):
    """Where one argument may lie: lo <= x <= hi, and x != 0 where `nonzero`."""

    lo: float
    hi: float
    nonzero: bool = False


class Estimate(msgspec.Struct, frozen=True):
    """An error-bounded central difference, held against a claimed derivative."""

    verdict: Literal["agree", "disagree", "undecidable"]
    derivative: float
    bound: float
    calls: int
