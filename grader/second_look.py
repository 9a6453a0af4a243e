"""Stage 2: is there an honest reason for the gradients that missed? Without one, every miss stands.

Two reasons are known. A numeric derivative inside backward: the misses are the difference quotient of the
formula, with one step for all of them, or as small as such errors are. And a forward that differs from the formula a
little on purpose, an EPS: there the gradient is held by `certify` against the student's own forward.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from grader.model import Answer, Corpus, Estimate
from grader.numerics import UNIT
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression
from grader.sandbox.kinds.function import Row

CLOSE_FORWARD, FAR_FORWARD = 1e-5, 1e-2
"""An EPS moves most values by less than the first, and none by more than the second."""

SMALL_MISS, UNDECIDED_MISS = 1e-3, 1e-2
MISSED_SHARE, UNDECIDED_SHARE = 0.4, 0.25
QUOTIENT = 1e-8
"""How closely a gradient must be the formula's difference quotient, besides rounding: less than any miss is off by."""

TELLING = 5
"""Fewer misses than these may be off by nearly the same factor by chance: two of them once were."""

STEPS = tuple(factor * 10.0**-k for k in range(4, 9) for factor in (1.0, 0.5, 2.0, 3.0, 1.5))

NUMERIC = "backward differentiates numerically; the closed form is exact and cheaper"
CLOSE = "backward is close to the exact derivative, though not equal to it"
OWN = "judged against the central difference of your own forward"

Certify = Callable[[tuple[float, ...], int, float], Estimate]
"""(point, argument, claimed derivative) -> the central difference of the student's own forward against it."""


class Evidence(msgspec.Struct, frozen=True):
    """All rows, the inputs, the rows whose gradient missed, and among those the ones whose value missed too."""

    rows: Sequence[Row]
    corpus: Corpus
    missed: Sequence[int]
    own: Sequence[int]
    formula: Expression


def reason(evidence: Evidence, numeric: Literal["accept", "refuse"], certify: Certify) -> str | None:
    """Return why the misses are honest, as the student should read it, or None."""
    if any(not _finite(evidence.rows[i]) or evidence.corpus.inputs[i].d_out == 0.0 for i in evidence.missed):
        return None
    off = [i for i in evidence.missed if i not in evidence.own]
    if off and numeric == "refuse":
        return None
    if evidence.own and not _like_an_eps(evidence):
        return None
    if off and not evidence.own and _quotient(evidence, off):
        return NUMERIC
    if _one_factor(evidence, off):
        return None
    if off and not _small(evidence, off):
        return None
    if not _certified(evidence, certify):
        return None
    return OWN if evidence.own else CLOSE


def _like_an_eps(evidence: Evidence) -> bool:
    gaps = [_gap(row, answer) for row, answer in zip(evidence.rows, evidence.corpus.answers)]
    return 2 * sum(gap <= CLOSE_FORWARD for gap in gaps) >= len(gaps) and all(
        gaps[i] <= FAR_FORWARD for i in evidence.own
    )


def _gap(row: Row, answer: Answer) -> float:
    if type(row.forward) is not float:
        return math.inf
    return abs(row.forward - answer.value) / max(1.0, abs(answer.value))


def _quotient(evidence: Evidence, off: Sequence[int]) -> bool:
    """Say whether one step size explains every missed gradient as the formula's central difference quotient."""
    return any(all(_is_quotient(evidence, i, step) for i in off) for step in STEPS)


def _is_quotient(evidence: Evidence, index: int, step: float) -> bool:
    one, got = evidence.corpus.inputs[index], evidence.rows[index].backward
    assert isinstance(got, tuple)
    for argument, gradient in enumerate(got):
        assert isinstance(gradient, float)
        points = [
            (*one.args[:argument], one.args[argument] + side, *one.args[argument + 1 :]) for side in (step, -step)
        ]
        try:
            up, down = (evidence.formula.value(point) for point in points)
        except Undefined:
            return False
        width = points[0][argument] - points[1][argument]
        wanted = (up - down) / width
        noise = 16 * UNIT * (abs(up) + abs(down) + 2) / width
        stepped = 4 * UNIT * abs(one.args[argument]) / step  # x + h is rounded, so the step is not quite h
        if not abs(gradient / one.d_out - wanted) <= (QUOTIENT + stepped) * abs(wanted) + noise:
            return False
    return True


def _one_factor(evidence: Evidence, off: Sequence[int]) -> bool:
    """Say whether the misses are the exact gradient times one constant: no numerical error is."""
    ratios = []
    for i in off:
        got, answer, d_out = evidence.rows[i].backward, evidence.corpus.answers[i], evidence.corpus.inputs[i].d_out
        assert isinstance(got, tuple)
        ratios += [g / (d_out * lo) for g, (lo, _) in zip(got, answer.partials) if lo and isinstance(g, float)]
    off_by = max((abs(ratio - 1) for ratio in ratios), default=0.0)
    return len(off) >= TELLING and bool(ratios) and max(ratios) - min(ratios) <= 0.1 * off_by


def _small(evidence: Evidence, off: Sequence[int]) -> bool:
    """Say whether few enough rows missed, and by little."""
    if len(off) > MISSED_SHARE * len(evidence.rows):
        return False
    for i in off:
        got, answer, d_out = evidence.rows[i].backward, evidence.corpus.answers[i], evidence.corpus.inputs[i].d_out
        assert isinstance(got, tuple)
        for gradient, (lo, hi) in zip(got, answer.partials):
            wanted = d_out * lo
            noise = 1e-6 * abs(d_out) * max(1.0, abs(answer.value))
            assert isinstance(gradient, float)
            if lo != hi or abs(gradient - wanted) > SMALL_MISS * max(abs(wanted), noise):
                return False
    return True


def _certified(evidence: Evidence, certify: Certify) -> bool:
    """Hold every miss against the student's own forward: none may disagree, few may be undecidable, and those close."""
    undecided = 0
    for i in evidence.missed:
        one, got = evidence.corpus.inputs[i], evidence.rows[i].backward
        assert isinstance(got, tuple)
        for argument, gradient in enumerate(got):
            assert isinstance(gradient, float)
            found = certify(one.args, argument, gradient / one.d_out)
            lo, hi = evidence.corpus.answers[i].partials[argument]
            near = abs(gradient / one.d_out - lo) <= UNDECIDED_MISS * max(abs(lo), abs(hi))
            if found.verdict == "disagree" or (found.verdict == "undecidable" and not near):
                return False
            undecided += found.verdict == "undecidable"
    return undecided <= UNDECIDED_SHARE * len(evidence.rows)


def _finite(row: Row) -> bool:
    got = row.backward
    return (
        type(row.forward) is float
        and math.isfinite(row.forward)
        and type(got) is tuple
        and all(type(one) is float and math.isfinite(one) for one in got)
    )
