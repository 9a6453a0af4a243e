"""Decide whether values and gradients are right. Pure: rows of evidence in, misses out.

Stage 1 holds every reply against the exact answer; the bounds are 44 formula variants' worst error
against 50-digit arithmetic, with four digits to spare. Stage 2 looks at what missed: a numeric
derivative inside backward and a forward that differs a little from the formula on purpose (an EPS) are judged
by `certify` against the student's own forward. A kink accepts its whole subdifferential.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from grader.model import Answer, Corpus, Estimate, Input
from grader.sandbox.kinds.function import Gradients, Row

RELATIVE, ABSOLUTE = 1e-7, 1e-12
SAME_FORWARD, NEAR_FORWARD = 1e-12, 1e-2
SMALL_MISS = 1e-3
DECIDED_SHARE = 0.75

Band = tuple[float, float, float]
"""What is accepted: from lo - allowed to hi + allowed."""

Certify = Callable[[tuple[float, ...], int, float], Estimate]
"""(point, argument, claimed derivative) -> the central difference of the student's own forward against it."""


class Targets(msgspec.Struct, frozen=True):
    """What one formula accepts on one corpus: a band a value, and a band a partial, row by row."""

    values: tuple[Band, ...]
    gradients: tuple[tuple[Band, ...], ...]


class Judgement(msgspec.Struct, frozen=True):
    """The rows that missed, in order, or none: accepted. `note` is for the student even then."""

    misses: tuple[int, ...]
    note: str = ""
    certified: int = 0


def targets(corpus: Corpus) -> Targets:
    """Work out, once for all submissions, what stage 1 accepts."""
    return Targets(
        values=tuple(_value_band(answer) for answer in corpus.answers),
        gradients=tuple(
            tuple(_gradient_band(one.d_out, partial, answer.value) for partial in answer.partials)
            for one, answer in zip(corpus.inputs, corpus.answers)
        ),
    )


def forward(rows: Sequence[Row], accepted: Sequence[Targets]) -> Judgement:
    """Judge the values against each accepted formula; the best of them counts."""
    return min((_forward(rows, one.values) for one in accepted), key=lambda judgement: len(judgement.misses))


def backward(
    rows: Sequence[Row],
    corpus: Corpus,
    accepted: Sequence[Targets],
    numeric: Literal["accept", "refuse"],
    certify: Certify,
) -> Judgement:
    """Judge the gradients: stage 1 against each formula, then stage 2 on what is left."""
    missed = min((_stage_1(rows, one.gradients) for one in accepted), key=len)
    if not missed:
        return Judgement(())
    return _stage_2(rows, corpus, missed, numeric, certify)


def same_gradients(ours: Sequence[Gradients], theirs: Sequence[Gradients]) -> tuple[int, ...]:
    """Return where two passes over the same inputs are not bit for bit the same."""
    misses = [i for i, (one, other) in enumerate(zip(ours, theirs)) if not _same(one, other)]
    return tuple(misses) if len(ours) == len(theirs) else (*misses, min(len(ours), len(theirs)))


def scaled_gradients(rows: Sequence[Gradients], scaled: Sequence[Gradients], factor: float) -> tuple[int, ...]:
    """Return where backward(factor * d) is not factor * backward(d), to 1e-12 relative."""
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
    """Say whether `value` is a finite float inside the band."""
    lo, hi, allowed = band
    return type(value) is float and lo - allowed <= value <= hi + allowed and math.isfinite(value)


def _value_band(answer: Answer) -> Band:
    allowed = RELATIVE * abs(answer.value) + ABSOLUTE * max(1.0, abs(answer.value))
    return answer.value, answer.value, allowed


def _gradient_band(d_out: float, partial: tuple[float, float], value: float) -> Band:
    if d_out == 0.0:
        return 0.0, 0.0, 0.0
    lo, hi = sorted((d_out * partial[0], d_out * partial[1]))
    largest = max((abs(end) for end in (lo, hi) if math.isfinite(end)), default=0.0)
    return lo, hi, RELATIVE * largest + ABSOLUTE * abs(d_out) * max(1.0, abs(value))


def _forward(rows: Sequence[Row], bands: tuple[Band, ...]) -> Judgement:
    misses = [i for i, (row, band) in enumerate(zip(rows, bands)) if not within(row.forward, band)]
    return Judgement(tuple(misses + list(range(len(rows), len(bands)))))


def _stage_1(rows: Sequence[Row], bands: tuple[tuple[Band, ...], ...]) -> list[int]:
    misses = []
    for i, (row, wanted) in enumerate(zip(rows, bands)):
        got = row.backward
        if type(got) is not tuple or len(got) != len(wanted) or not all(map(within, got, wanted)):
            misses.append(i)
    return misses + list(range(len(rows), len(bands)))


def _stage_2(
    rows: Sequence[Row],
    corpus: Corpus,
    missed: list[int],
    numeric: Literal["accept", "refuse"],
    certify: Certify,
) -> Judgement:
    """Try the two honest explanations of a miss; without one, every miss stands."""
    failed = Judgement(tuple(missed))
    if any(i >= len(rows) or not _plain(rows[i]) or corpus.inputs[i].d_out == 0.0 for i in missed):
        return failed
    own = [i for i in missed if not _same_forward(rows[i], corpus.answers[i])]
    formula = [i for i in missed if i not in own]
    if any(not _near_forward(rows[i], corpus.answers[i]) for i in own):
        return failed
    if formula and (numeric == "refuse" or not _looks_numeric(formula, rows, corpus)):
        return failed
    disagreeing, undecided, asked = _certified(missed, rows, corpus, certify)
    if disagreeing:
        return Judgement(tuple(disagreeing), certified=asked)
    if undecided > (1 - DECIDED_SHARE) * len(corpus.inputs):
        return Judgement(tuple(missed), certified=asked)
    note = "backward seems to differentiate numerically; the closed form is exact and cheaper" if formula else ""
    return Judgement((), note or "judged against the central difference of your own forward", asked)


def _certified(missed: list[int], rows: Sequence[Row], corpus: Corpus, certify: Certify) -> tuple[list[int], int, int]:
    """Return the rows where certify disagrees, how many it could not decide, and how many it was asked."""
    disagreeing: list[int] = []
    undecided = 0
    for i in missed:
        one, got = corpus.inputs[i], rows[i].backward
        assert isinstance(got, tuple)
        verdicts = [
            certify(one.args, argument, gradient / one.d_out).verdict
            for argument, gradient in enumerate(got)
            if isinstance(gradient, float)
        ]
        if "disagree" in verdicts:
            disagreeing.append(i)
            break  # one is enough, and each costs calls
        undecided += "undecidable" in verdicts
    return disagreeing, undecided, len(missed)


def _plain(row: Row) -> bool:
    got = row.backward
    return (
        type(row.forward) is float
        and math.isfinite(row.forward)
        and type(got) is tuple
        and all(type(one) is float and math.isfinite(one) for one in got)
    )


def _same_forward(row: Row, answer: Answer) -> bool:
    assert isinstance(row.forward, float)
    return abs(row.forward - answer.value) <= SAME_FORWARD * max(1.0, abs(answer.value))


def _near_forward(row: Row, answer: Answer) -> bool:
    """Say whether a forward differs from the formula as an EPS would; any other function of one's own earns nothing."""
    assert isinstance(row.forward, float)
    return abs(row.forward - answer.value) <= NEAR_FORWARD * max(1.0, abs(answer.value))


def _looks_numeric(missed: list[int], rows: Sequence[Row], corpus: Corpus) -> bool:
    """Say whether every miss is small, as a difference quotient's is, and they are not one constant factor."""
    ratios = []
    for i in missed:
        got = rows[i].backward
        assert isinstance(got, tuple)
        for gradient, partial in zip(got, corpus.answers[i].partials):
            d_out = corpus.inputs[i].d_out
            wanted = d_out * partial[0]
            noise = 1e-6 * abs(d_out) * max(1.0, abs(corpus.answers[i].value))
            assert isinstance(gradient, float)
            if partial[0] != partial[1] or abs(gradient - wanted) > SMALL_MISS * max(abs(wanted), noise):
                return False
            if wanted:
                ratios.append(gradient / wanted)
    return len(missed) == 1 or max(ratios) - min(ratios) > 0.1 * max(abs(ratio - 1) for ratio in ratios)


def _same(one: Gradients, other: Gradients) -> bool:
    return isinstance(one, tuple) and one == other


def _scales(one: object, other: object, factor: float) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return False
    return abs(other - factor * one) <= 1e-12 * abs(factor * one)


def informative(one: Input, answer: Answer) -> bool:
    """Say whether a row can tell a right gradient from a wrong one at all."""
    return one.d_out != 0.0 and all(math.isfinite(end) for partial in answer.partials for end in partial)
