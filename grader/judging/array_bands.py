"""Decide whether arrays are right: shape first, then entries. Pure: rows of evidence in, misses out.

How near is near enough hangs on what the entries were kept in: see `tolerance`. At a kink any of the subdifferential is
right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from grader.judging.tolerance import ARRAY_SINGLE, EXACT, PROPORTIONAL, VISIBLE_RELATIVE_ERROR
from grader.model import Interval, Tolerance
from grader.oracle.array_inputs import ArrayExpected
from grader.oracle.shapes import Shape
from grader.sandbox.boundary.protocol import ArrayTold, NonNumeric
from grader.sandbox.probes.arrays import ArrayRow

SINGLE = ("float16", "float32")
"""What holds fewer digits than a float has."""


class ArrayTargets(msgspec.Struct, frozen=True):
    """What one formula gives at each input of a half, None where it is undefined; and the shapes that go with it.

    `shapes` are, per input, the value's and then each argument's.
    """

    formula: str
    expected: tuple[ArrayExpected | None, ...]
    shapes: tuple[tuple[Shape, ...], ...]


class ArrayJudgement(msgspec.Struct, frozen=True):
    """The rows that missed `against` the formula they came closest to, or none: accepted. `note` is for the student."""

    misses: tuple[int, ...]
    against: ArrayTargets
    note: str = ""


def values(rows: Sequence[ArrayRow], accepted: Sequence[ArrayTargets]) -> ArrayJudgement:
    """Judge values against each accepted formula; the one with the fewest misses counts."""
    return _best([ArrayJudgement(_missed(rows, one, "value"), one) for one in accepted])


def gradients(rows: Sequence[ArrayRow], accepted: Sequence[ArrayTargets]) -> ArrayJudgement:
    """Judge gradients against each accepted formula; the one with the fewest misses counts."""
    return _best([ArrayJudgement(_missed(rows, one, "gradients"), one) for one in accepted])


def _best(judgements: Sequence[ArrayJudgement]) -> ArrayJudgement:
    return min(judgements, key=lambda one: len(one.misses))


def _missed(rows: Sequence[ArrayRow], targets: ArrayTargets, what: Literal["value", "gradients"]) -> tuple[int, ...]:
    right = right_value if what == "value" else right_gradients
    found = [
        i
        for i, (row, expected, shapes) in enumerate(zip(rows, targets.expected, targets.shapes))
        if expected is None or not right(row, expected, shapes)
    ]
    return (*found, *range(len(rows), len(targets.expected)))


def right_value(row: ArrayRow, expected: ArrayExpected, shapes: Sequence[Shape]) -> bool:
    """Say whether a row's value is right."""
    return is_right(row.value, shapes[0], [(one, one) for one in expected.value], 1.0)


def right_gradients(row: ArrayRow, expected: ArrayExpected, shapes: Sequence[Shape]) -> bool:
    """Say whether every gradient of a row is right; None stands for zeros."""
    got = row.gradients
    return isinstance(got, tuple) and len(got) == len(expected.gradients) and not off_arguments(got, expected, shapes)


def off_arguments(got: Sequence[object], expected: ArrayExpected, shapes: Sequence[Shape]) -> tuple[int, ...]:
    """Return the arguments whose gradients are wrong."""
    scale = max((abs(one) for one in expected.value), default=1.0)
    return tuple(
        i
        for i, (one, wanted, shape) in enumerate(zip(got, expected.gradients, shapes[1:]))
        if not (is_right(one, shape, wanted, scale) or (is_none(one) and all(lo <= 0.0 <= hi for lo, hi in wanted)))
    )


def is_none(value: object) -> bool:
    """Say whether what came back is None."""
    return isinstance(value, NonNumeric) and value.was == "None"


def is_right(got: object, shape: Shape, wanted: Sequence[Interval], scale: float) -> bool:
    """Say whether an array has the shape and every entry lies where it may; for a number one entry will do."""
    if not isinstance(got, ArrayTold) or not same_shape(got.shape, shape) or len(got.data) != len(wanted):
        return False
    return not wrong_entries(got, wanted, scale)


def same_shape(got: Shape, shape: Shape) -> bool:
    """Say whether a shape is the one that is wanted; for a number one axis of length 1 will do, too."""
    return got == shape or (shape == () and got == (1,))


def wrong_entries(got: ArrayTold, wanted: Sequence[Interval], scale: float = 1.0, plainly: bool = False) -> list[int]:
    """Return the places of entries that are off; `plainly`: so far that a reader sees it."""
    tolerance = tolerance_for(got.dtype)
    ends = [abs(end) for pair in wanted for end in pair if math.isfinite(end)]
    largest = max(1.0, scale, max(ends, default=0.0))
    found = []
    for i, (one, (lo, hi)) in enumerate(zip(got.data, wanted)):
        size = max((abs(end) for end in (lo, hi) if math.isfinite(end)), default=0.0)
        allowed = tolerance.allowed(size, largest)
        if plainly:
            allowed = max(allowed, VISIBLE_RELATIVE_ERROR * max(size, VISIBLE_RELATIVE_ERROR))
        if not lo - allowed <= one <= hi + allowed or math.isinf(one):
            found.append(i)
    return found


def tolerance_for(dtype: str) -> Tolerance:
    """Return how far off entries may be that are kept in this."""
    return ARRAY_SINGLE if dtype in SINGLE else EXACT


def plainly_wrong(got: object, shape: Shape, wanted: Sequence[Interval]) -> bool:
    """Say whether an array is so far off that a reader sees it: by its shape, or by an entry."""
    if not isinstance(got, ArrayTold) or not same_shape(got.shape, shape) or len(got.data) != len(wanted):
        return not (is_none(got) and all(lo <= 0.0 <= hi for lo, hi in wanted))
    return bool(wrong_entries(got, wanted, plainly=True))


def same(ours: Sequence[ArrayRow], theirs: Sequence[ArrayRow]) -> bool:
    """Say whether two passes over the same inputs gave bit for bit the same gradients."""
    return len(ours) == len(theirs) and all(
        isinstance(a.gradients, tuple) and a.gradients == b.gradients for a, b in zip(ours, theirs)
    )


def scaled(ours: Sequence[ArrayRow], theirs: Sequence[ArrayRow], factor: float) -> bool:
    """Say whether every gradient is `factor` times the other's, within rounding."""
    return len(ours) == len(theirs) and all(_scales(a, b, factor) for a, b in zip(ours, theirs))


def _scales(one: ArrayRow, other: ArrayRow, factor: float) -> bool:
    if not isinstance(one.gradients, tuple) or not isinstance(other.gradients, tuple):
        return False
    for a, b in zip(one.gradients, other.gradients):
        if isinstance(a, NonNumeric) and a == b:
            continue
        if not isinstance(a, ArrayTold) or not isinstance(b, ArrayTold) or a.shape != b.shape:
            return False
        tolerance = ARRAY_SINGLE if a.dtype in SINGLE else PROPORTIONAL
        largest = max((abs(factor * x) for x in a.data), default=0.0)
        if any(abs(y - factor * x) > tolerance.allowed(factor * x, largest) for x, y in zip(a.data, b.data)):
            return False
    return True
