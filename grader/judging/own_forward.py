"""Stage 2: is there an honest reason for the gradients that missed? Without one, every miss stands.

Three reasons are known. A numeric derivative inside backward: the misses are the difference quotient of the formula,
with one step for all of them. A gradient that is off by no more than such errors are. And a forward that differs from
the formula a little on purpose, an EPS: there the gradient may differ as well, by the slope of that difference.

That slope is measured, and who is judged answers for it. So it excuses little, and is hard to bend: what it may excuse
is bounded by the size of the difference itself, it is asked in fresh workers by questions that look like those that are
judged, and the judged questions among them must be answered as before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from grader.judging.tolerance import (
    CLOSE_FLOOR,
    CLOSE_GRADIENT,
    CLOSE_SHARE,
    EPS_LARGEST,
    EPS_STEEPEST,
    EPS_USUAL,
    EXACT,
    QUOTIENT,
    SLOPE_MISS,
    STRAIGHT,
)
from grader.model import Corpus, Expected, Input
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression
from grader.oracle.finite_difference import UNIT
from grader.sandbox.probes.function import Evaluation

TELLING = 5
"""Fewer misses than these may be off by nearly the same factor by chance: two of them once were."""

STEPS = tuple(factor * 10.0**-k for k in range(4, 9) for factor in (1.0, 0.5, 2.0, 3.0, 1.5))

NUMERIC = "backward differentiates numerically; the closed form is exact and cheaper"
CLOSE = "backward is close to the exact derivative, though not equal to it"
OWN = "judged against the central difference of your own forward"

Again = Callable[[Sequence[Input]], Sequence[Evaluation]]
"""What a fresh worker answers where the corpus has these inputs instead; fewer rows where it does not come to all."""


class Evidence(msgspec.Struct, frozen=True):
    """All rows, the inputs, the rows whose gradient missed, and among those the ones whose value missed too."""

    rows: Sequence[Evaluation]
    corpus: Corpus
    missed: Sequence[int]
    own: Sequence[int]
    formula: Expression


def reason(evidence: Evidence, numeric: Literal["accept", "refuse"], again: Again) -> str | None:
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
    if _one_factor(evidence, off) or len(off) > CLOSE_SHARE * len(evidence.rows):
        return None
    if not all(_is_close(evidence, i, argument) for i in off for argument in _arguments(evidence)):
        return None
    if not evidence.own:
        return CLOSE
    return OWN if _has_own_slope(evidence, CLOSE_GRADIENT if numeric == "accept" else EXACT.relative, again) else None


def _arguments(evidence: Evidence) -> range:
    return range(len(evidence.corpus.answers[0].partials))


def _gradient(evidence: Evidence, index: int, argument: int) -> float:
    """Return what came back as the derivative by an argument, without d_out."""
    got = evidence.rows[index].backward
    assert isinstance(got, tuple)
    gradient = got[argument]
    assert isinstance(gradient, float)
    return gradient / evidence.corpus.inputs[index].d_out


def _like_an_eps(evidence: Evidence) -> bool:
    gaps = [_gap(row, answer) for row, answer in zip(evidence.rows, evidence.corpus.answers)]
    return 2 * sum(gap <= EPS_USUAL for gap in gaps) >= len(gaps) and all(gaps[i] <= EPS_LARGEST for i in evidence.own)


def _gap(row: Evaluation, answer: Expected) -> float:
    if type(row.forward) is not float:
        return math.inf
    return abs(row.forward - answer.value) / max(1.0, abs(answer.value))


def _quotient(evidence: Evidence, off: Sequence[int]) -> bool:
    """Say whether one step size explains every missed gradient as the formula's central difference quotient."""
    return any(all(_is_quotient(evidence, i, step) for i in off) for step in STEPS)


def _is_quotient(evidence: Evidence, index: int, step: float) -> bool:
    one = evidence.corpus.inputs[index]
    for argument in _arguments(evidence):
        above, below = (moved(one, argument, side).args for side in (step, -step))
        try:
            up, down = evidence.formula.value(above), evidence.formula.value(below)
        except Undefined:
            return False
        width = above[argument] - below[argument]
        wanted = (up - down) / width
        noise = 16 * UNIT * (abs(up) + abs(down) + 2) / width
        stepped = 4 * UNIT * abs(one.args[argument]) / step  # x + h is rounded, so the step is not quite h
        off_by = abs(_gradient(evidence, index, argument) - wanted)
        if not off_by <= (QUOTIENT + stepped) * abs(wanted) + noise:
            return False
    return True


def _one_factor(evidence: Evidence, off: Sequence[int]) -> bool:
    """Say whether the misses are the exact gradient times one constant: no numerical error is."""
    ratios = [
        _gradient(evidence, i, argument) / lo
        for i in off
        for argument, (lo, _) in enumerate(evidence.corpus.answers[i].partials)
        if lo
    ]
    off_by = max((abs(ratio - 1) for ratio in ratios), default=0.0)
    return len(off) >= TELLING and bool(ratios) and max(ratios) - min(ratios) <= 0.1 * off_by


def _is_close(evidence: Evidence, index: int, argument: int) -> bool:
    answer = evidence.corpus.answers[index]
    lo, hi = answer.partials[argument]
    allowed = max(CLOSE_GRADIENT * abs(lo), CLOSE_FLOOR * max(1.0, abs(answer.value)))
    return lo == hi and abs(_gradient(evidence, index, argument) - lo) <= allowed


class _Moved(NamedTuple):
    """A step to both sides of an input by one argument, and what the formula and the student's forward are there."""

    width: float
    formula: tuple[float, float]
    inputs: tuple[Input, Input]


def _has_own_slope(evidence: Evidence, relative: float, again: Again) -> bool:
    """Say whether every gradient that missed is off by the slope of what its value is off by."""
    return all(
        _is_off_by_slope(evidence, argument, relative, half, again)
        for argument in _arguments(evidence)
        for half in (0, 1)
    )


def _is_off_by_slope(evidence: Evidence, argument: int, relative: float, half: int, again: Again) -> bool:
    """Hold every second row that missed to the slope of its difference; the rows between must be answered as before.

    No question has an input and its neighbour, by which a probe could be told from what is judged.
    """
    sides = {
        i: side
        for i in evidence.missed
        if i % 2 == half and (side := _step(evidence.formula, evidence.corpus.inputs[i], argument)) is not None
    }
    asked = [i for i in evidence.missed if i % 2 == half]
    if not asked:
        return True
    found: list[Sequence[Evaluation]] = []
    for turn in (0, 1):
        inputs = [
            sides[i].inputs[(turn + i // 2) % 2] if i in sides else one for i, one in enumerate(evidence.corpus.inputs)
        ]
        rows = again(inputs)
        if len(rows) < len(inputs) or any(rows[i] != evidence.rows[i] for i in range(len(inputs)) if i not in sides):
            return False
        found.append(rows)
    for i in asked:
        if i not in sides:
            if not _is_close(evidence, i, argument):
                return False
            continue
        up, down = found[i // 2 % 2][i].forward, found[(1 + i // 2) % 2][i].forward
        if not (type(up) is float and type(down) is float):
            return False
        if not _is_slope(evidence, i, argument, relative, (up, down), sides[i]):
            return False
    return True


def _is_slope(
    evidence: Evidence, index: int, argument: int, relative: float, own: tuple[float, float], at: _Moved
) -> bool:
    """Say whether a gradient is the formula's plus the slope of D, the student's forward less the formula."""
    answer, here = evidence.corpus.answers[index], evidence.rows[index].forward
    assert isinstance(here, float)
    above, below = own[0] - at.formula[0], own[1] - at.formula[1]
    slope = (above - below) / at.width
    lo, hi = answer.partials[argument]
    scale = max(1.0, abs(answer.value))
    noise = 8 * UNIT * (sum(map(abs, (*own, *at.formula))) + 2) / at.width
    allowed = relative * max(abs(lo), abs(hi)) + SLOPE_MISS * abs(slope) + noise + CLOSE_FLOOR * relative * scale
    if relative == CLOSE_GRADIENT:
        allowed = max(allowed, CLOSE_FLOOR * scale)
    gradient = _gradient(evidence, index, argument)
    x = abs(evidence.corpus.inputs[index].args[argument])
    excused = EPS_STEEPEST * abs(here - answer.value) * (1 + (1 / x if x else 0.0)) + allowed
    return lo + slope - allowed <= gradient <= hi + slope + allowed and lo - excused <= gradient <= hi + excused


def _step(formula: Expression, one: Input, argument: int) -> _Moved | None:
    """Return the longest step that the formula is nearly straight over, or None where it has none."""
    for step in _steps(one.args[argument]):
        above, below = moved(one, argument, step), moved(one, argument, -step)
        width = above.args[argument] - below.args[argument]
        try:
            up, down = formula.value(above.args), formula.value(below.args)
            lo, hi = formula.answer(one.args).partials[argument]
        except Undefined:
            continue
        slack = STRAIGHT * max(abs(lo), abs(hi)) + 8 * UNIT * (abs(up) + abs(down) + 2) / width
        if lo - slack <= (up - down) / width <= hi + slack:
            return _Moved(width, (up, down), (above, below))
    return None


def _steps(x: float) -> Iterator[float]:
    yield from (2.0**-k * max(1.0, abs(x)) for k in (10, 13))
    yield from (2.0**-k * abs(x) for k in (10, 13) if x)


def moved(one: Input, argument: int, by: float) -> Input:
    """Return an input with one argument moved."""
    args = one.args
    return Input((*args[:argument], args[argument] + by, *args[argument + 1 :]), one.d_out)


def _finite(row: Evaluation) -> bool:
    got = row.backward
    return (
        type(row.forward) is float
        and math.isfinite(row.forward)
        and type(got) is tuple
        and all(type(one) is float and math.isfinite(one) for one in got)
    )
