"""Decide whether values and gradients are right. Pure: rows of evidence in, misses out.

Stage 1 holds every reply against the exact answer; how near is near enough is in
`tolerance`. A kink accepts its whole subdifferential. What missed
gets a second look: see `second_look`.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from grader.judging import own_forward
from grader.judging.own_forward import Again, Evidence
from grader.judging.tolerance import EXACT, PROPORTIONAL, VISIBLE_RELATIVE_ERROR
from grader.model import Corpus, Expected, Input, Interval
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression
from grader.sandbox.probes.function import Evaluation, Gradients

LARGEST = sys.float_info.max

Band = tuple[float, float]
"""What is accepted, both ends finite and included."""


NOTHING: Band = (LARGEST, -LARGEST)


class Targets(msgspec.Struct, frozen=True):
    """What one formula accepts on one corpus: a band a value, and a band a partial, row by row."""

    formula: Expression
    values: tuple[Band, ...]
    gradients: tuple[tuple[Band, ...], ...]


class Judgement(msgspec.Struct, frozen=True):
    """The rows that missed `against` the formula they came closest to, or none: accepted.

    `note` is for the student even then.
    """

    misses: tuple[int, ...]
    against: Targets
    note: str = ""


def targets(corpus: Corpus, formula: Expression) -> Targets:
    """Work out, once for all submissions, what stage 1 accepts of a formula at a corpus' inputs.

    Where the formula is undefined it accepts nothing: `log(x + eps)` beside `log(x)` may be, at one input.
    """
    answers = [next(_answers(one.args, [formula]), None) for one in corpus.inputs]
    return Targets(
        formula=formula,
        values=tuple(NOTHING if answer is None else value_band(answer) for answer in answers),
        gradients=tuple(
            (NOTHING,) * len(one.args) if answer is None else tuple(gradient_bands(one, answer))
            for one, answer in zip(corpus.inputs, answers)
        ),
    )


def values(given: Sequence[object], accepted: Sequence[Targets]) -> Judgement:
    """Judge values against each accepted formula; the one with the fewest misses counts."""
    return _best(Judgement(_missed_values(given, one.values), one) for one in accepted)


def backward(
    rows: Sequence[Evaluation],
    corpus: Corpus,
    accepted: Sequence[Targets],
    numeric: Literal["accept", "refuse"],
    again: Again,
) -> Judgement:
    """Judge the gradients: stage 1 against each formula, then a second look at what is left."""
    best = _best(Judgement(_missed_gradients(rows, one.gradients), one) for one in accepted)
    if not best.misses or best.misses[-1] >= len(rows):
        return best
    off = set(_missed_values([row.forward for row in rows], best.against.values))
    evidence = Evidence(rows, corpus, best.misses, [i for i in best.misses if i in off], best.against.formula)
    note = own_forward.reason(evidence, numeric, again)
    return best if note is None else Judgement((), best.against, note)


def same_gradients(ours: Sequence[Gradients], theirs: Sequence[Gradients]) -> tuple[int, ...]:
    """Return where two passes over the same inputs are not bit for bit the same."""
    misses = [i for i, (one, other) in enumerate(zip(ours, theirs)) if not _same(one, other)]
    return tuple(misses) if len(ours) == len(theirs) else (*misses, min(len(ours), len(theirs)))


def scaled_gradients(rows: Sequence[Gradients], scaled: Sequence[Gradients], factor: float) -> tuple[int, ...]:
    """Return where backward(factor * d) is not factor * backward(d), within `PROPORTIONAL`."""
    misses = []
    for i, (one, other) in enumerate(zip(rows, scaled)):
        if (
            not isinstance(one, tuple)
            or not isinstance(other, tuple)
            or len(one) != len(other)
            or any(not _scales(a, b, factor) for a, b in zip(one, other))
        ):
            misses.append(i)
    return tuple(misses) if len(rows) == len(scaled) else (*misses, len(scaled))


def within(value: object, band: Band) -> bool:
    """Say whether `value` is a float inside the band; NaN is inside none, and infinity neither."""
    return type(value) is float and band[0] <= value <= band[1]


def plainly_wrong_value(args: tuple[float, ...], given: object, formulas: Sequence[Expression]) -> bool:
    """Say whether a value is so far off every accepted formula that a reader sees it."""
    return all(plainly_off(given, value_band(answer)) for answer in _answers(args, formulas))


def plainly_wrong_gradients(one: Input, given: Gradients, formulas: Sequence[Expression]) -> bool:
    """Say whether gradients are so far off every accepted formula that a reader sees it, or none at all."""
    for answer in _answers(one.args, formulas):
        bands = gradient_bands(one, answer)
        if type(given) is tuple and len(given) == len(bands) and not any(map(plainly_off, given, bands)):
            return False
    return True


def _answers(args: tuple[float, ...], formulas: Sequence[Expression]) -> Iterator[Expected]:
    for formula in formulas:
        with contextlib.suppress(Undefined):
            yield formula.answer(args)


def plainly_off(given: object, band: Band) -> bool:
    """Say whether a value lies so far outside a band that a reader sees it; what is no finite number does."""
    if type(given) is not float or not math.isfinite(given):
        return True
    off = max(band[0] - given, given - band[1])
    return off > VISIBLE_RELATIVE_ERROR * max(abs(band[0]), abs(band[1]), VISIBLE_RELATIVE_ERROR)


def expected(one: Input, partial: Interval) -> Interval:
    """Return what the gradient by one argument should be, exactly: a point, or an interval at a kink."""
    if one.d_out == 0.0:
        return 0.0, 0.0
    lo, hi = sorted((one.d_out * partial[0], one.d_out * partial[1]))
    return lo, hi


def value_band(answer: Expected) -> Band:
    """Return what stage 1 accepts as a value."""
    return _widened((answer.value, answer.value), abs(answer.value), max(1.0, abs(answer.value)))


def informative(one: Input, answer: Expected) -> bool:
    """Say whether a row can tell a right gradient from a wrong one at all."""
    return one.d_out != 0.0 and all(math.isfinite(end) for partial in answer.partials for end in partial)


def gradient_bands(one: Input, answer: Expected) -> list[Band]:
    """Return what stage 1 accepts as the gradient of each argument."""
    return [_gradient_band(one, partial, answer.value) for partial in answer.partials]


def _gradient_band(one: Input, partial: Interval, value: float) -> Band:
    wanted = expected(one, partial)
    largest = max((abs(end) for end in wanted if math.isfinite(end)), default=0.0)
    return _widened(wanted, largest, abs(one.d_out) * max(1.0, abs(value)))


def _widened(exact: Interval, size: float, scale: float) -> Band:
    allowed = EXACT.allowed(size, scale)
    return max(exact[0] - allowed, -LARGEST), min(exact[1] + allowed, LARGEST)


def _best(judgements: Iterator[Judgement]) -> Judgement:
    """Return the first without misses, or the one with the fewest."""
    best = next(judgements)
    while best.misses and (other := next(judgements, None)) is not None:
        best = min(best, other, key=lambda one: len(one.misses))
    return best


def _missed_values(given: Sequence[object], bands: tuple[Band, ...]) -> tuple[int, ...]:
    misses = [i for i, (value, band) in enumerate(zip(given, bands)) if not within(value, band)]
    return (*misses, *range(len(given), len(bands)))


def _missed_gradients(rows: Sequence[Evaluation], bands: tuple[tuple[Band, ...], ...]) -> tuple[int, ...]:
    misses = []
    for i, (row, wanted) in enumerate(zip(rows, bands)):
        got = row.backward
        if type(got) is not tuple or len(got) != len(wanted):
            misses.append(i)
            continue
        for gradient, (low, high) in zip(got, wanted):  # `within`, spelt out: most of the judge's time is spent here
            if type(gradient) is not float or not low <= gradient <= high:
                misses.append(i)
                break
    return (*misses, *range(len(rows), len(bands)))


def _same(one: Gradients, other: Gradients) -> bool:
    return isinstance(one, tuple) and one == other


def _scales(one: object, other: object, factor: float) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return False
    return abs(other - factor * one) <= PROPORTIONAL.allowed(factor * one)
