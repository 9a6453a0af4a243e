"""Draw the inputs of an exercise on arrays: entries that are exact in single precision, and random cotangents.

Each row of shapes gets some inputs: ordinary ones, one with many equal entries and zeros where the formula has kinks,
and one with every magnitude. A cotangent is never all ones. Entries are few sixteenths, so that they can be read.

One random cotangent decides nearly as surely as all of them. What a wrong Jacobian sends back differs from the right by
a sum of error · cotangent, which is linear: for one of its entries, whatever the others are, at most one of the
`COTANGENTS` values hides the error. So an error gets past one input with a probability of 1 in 88 at most, and past all
of a row with 1 in 88 ** 4, or 60 million.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

import msgspec

from grader.errors import UsageError
from grader.model import Domain, Interval
from grader.oracle.array_formulas import ArrayFormula
from grader.oracle.dual import Undefined
from grader.oracle.inputs import NARROWEST_GAP, inside
from grader.oracle.jacobians import ArrayAnswer, Flat, pulled_back
from grader.oracle.shapes import size

A_ROW = 4
"""Inputs per row of shapes, and half."""

PATTERN = ("ordinary", "ties", "ordinary", "wide")
KINKED = frozenset(("relu", "abs", "max", "min", "maximum", "minimum", "where", "lt", "le", "gt", "ge", "eq", "ne"))
COTANGENTS = tuple(s * k / 16 for k in range(5, 49) for s in (-1, 1))
LARGEST = 1e9
TRIES, TRIES_AS_MEANT = 60, 20
WIDEST = 6
"""Wide entries are up to 2 to this."""


class ArrayInput(msgspec.Struct, frozen=True):
    """One question: which row of shapes, the arguments' entries, and what is sent back."""

    row: int
    args: tuple[Flat, ...]
    cotangent: Flat


class ArrayExpected(msgspec.Struct, frozen=True):
    """What a formula gives at one input: its value, and per argument what each entry of the gradient may be."""

    value: Flat
    gradients: tuple[tuple[Interval, ...], ...]


class ArrayCorpus(msgspec.Struct, frozen=True):
    """The inputs of one half and their answers, the same for every submission."""

    inputs: tuple[ArrayInput, ...] = ()
    answers: tuple[ArrayExpected, ...] = ()


def draw(formulas: Sequence[ArrayFormula], domains: Sequence[Domain], count: int, seed: str) -> ArrayCorpus:
    """Return inputs with their answers, some for each row's formula, at most `count` but one per row.

    Raises ValueError where a row has none that can be judged.
    """
    source = random.Random(seed)
    each = max(1, min(A_ROW, count // max(1, len(formulas))))
    inputs, answers = [], []
    for turn in range(each):
        for row, formula in enumerate(formulas):
            one, expected = drawn(formula, row, domains, PATTERN[turn % len(PATTERN)], source)
            inputs.append(one)
            answers.append(expected)
    return ArrayCorpus(tuple(inputs), tuple(answers))


def drawn(
    formula: ArrayFormula, row: int, domains: Sequence[Domain], pattern: str, source: random.Random
) -> tuple[ArrayInput, ArrayExpected]:
    """Return one input of a row with its answer. Raises ValueError where none that can be judged is found."""
    if pattern == "ties" and not KINKED & set(formula.used):
        pattern = "ordinary"
    for attempt in range(TRIES):
        how = pattern if attempt < TRIES_AS_MEANT else "ordinary"
        args = tuple(
            tuple(_entry(domain, how, source) for _ in range(size(shape)))
            for domain, (_, shape) in zip(domains, formula.arguments)
        )
        cotangent = tuple(COTANGENTS[int(source.random() * len(COTANGENTS))] for _ in range(size(formula.shape)))
        expected = usable(formula, args, cotangent)
        if expected is not None:
            return ArrayInput(row, args, cotangent), expected
    shown = ", ".join(f"{name} {shape}" for name, shape in formula.arguments)
    raise ValueError(f"no input for the shapes {shown} can be drawn from its domain; widen it")


def usable(formula: ArrayFormula, args: Sequence[Flat], cotangent: Flat) -> ArrayExpected | None:
    """Return the answer at an input that can be judged, or None."""
    try:
        found = _answer(formula, args)
    except Undefined:
        return None
    if found.gap < NARROWEST_GAP:
        return None
    expected = expected_at(formula, found, cotangent)
    ends = [abs(end) for array in expected.gradients for pair in array for end in pair if math.isfinite(end)]
    return expected if max((*map(abs, found.value), *ends), default=0.0) <= LARGEST else None


def _answer(formula: ArrayFormula, args: Sequence[Flat]) -> ArrayAnswer:
    try:
        from grader.oracle import array_dual  # numpy is slow to import, and for arrays alone
    except ModuleNotFoundError:
        said = "exercises on arrays need numpy, which is not installed here: pip install 'autodiff-grader[students]'"
        raise UsageError(said) from None
    return array_dual.answer(formula, args)


def expected_at(formula: ArrayFormula, found: ArrayAnswer, cotangent: Flat) -> ArrayExpected:
    """Return what an answer comes to under a cotangent."""
    counts = [size(shape) for _, shape in formula.arguments]
    return ArrayExpected(found.value, pulled_back(found, cotangent, counts))


def _entry(domain: Domain, pattern: str, source: random.Random) -> float:
    for value in _candidates(domain, pattern, source):
        if inside(value, domain):
            return value
    raise AssertionError("a domain has room for a number")  # pragma: no cover - the last candidate is its middle


def _candidates(domain: Domain, pattern: str, source: random.Random) -> Iterator[float]:
    for _ in range(8):
        sign = 1.0 if source.random() < 0.5 else -1.0
        if pattern == "ties":
            yield float(int(source.random() * 5) - 2)
        elif pattern == "wide":
            yield sign * math.ceil(16 * 2.0 ** (source.random() * 2 * WIDEST - WIDEST)) / 16
        else:
            yield sign * (1 + int(source.random() * 64)) / 16
    lo, hi = max(domain.lo, -4.0), min(domain.hi, 4.0)
    lo, hi = (lo, hi) if lo < hi else (domain.lo, domain.hi)
    yield lo + (hi - lo) * (1 + int(source.random() * 62)) / 64
    yield (domain.lo + domain.hi) / 2
    yield domain.hi
