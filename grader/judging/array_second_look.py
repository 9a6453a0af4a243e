"""Look again at gradients of arrays that missed: honest where the forward is itself off by a small EPS.

`log(a + 1e-8)` and its own derivative are consistent with each other. As for numbers (`own_forward`), little is
excused: the value may be off by an EPS only, the gradient must be near the exact one, and it must be the slope of the
student's own forward, measured along a random direction by a fresh worker whose questions look like those judged.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import msgspec

from grader.judging import array_bands as bands
from grader.judging.array_bands import ArrayJudgement
from grader.judging.own_forward import CLOSE, OWN
from grader.judging.tolerance import CLOSE_GRADIENT, CLOSE_SHARE, EPS_LARGEST, EPS_USUAL
from grader.oracle.array_inputs import ArrayCorpus, ArrayExpected, ArrayInput
from grader.sandbox.boundary.protocol import ArrayTold
from grader.sandbox.probes.arrays import ArrayRow

STEP = 2.0**-13
"""Of a step along a direction: a forward with an EPS is straight over it to 1e-7."""

Again = Callable[[Sequence[ArrayInput]], Sequence[ArrayRow]]
"""What a fresh worker answers where the question has these inputs instead; nothing where it does not come to all."""


def reason(
    rows: Sequence[ArrayRow],
    corpus: ArrayCorpus,
    judgement: ArrayJudgement,
    again: Again,
) -> str:
    """Return why the misses are honest, as the student should read it; blank where they are not."""
    misses = judgement.misses
    targets = judgement.against
    if len(rows) < len(targets.expected) or not all(
        _is_near(rows[i], targets.expected[i], targets.shapes[i], EPS_LARGEST) for i in misses
    ):
        return ""
    own = [i for i in misses if not _right_value(rows[i], targets.expected[i], targets.shapes[i])]
    if not own:
        few = len(misses) <= CLOSE_SHARE * len(rows)
        near = all(_is_near(rows[i], targets.expected[i], targets.shapes[i], CLOSE_GRADIENT) for i in misses)
        return CLOSE if few and near else ""
    if len(own) < len(misses) or not _like_an_eps(rows, targets.expected):
        return ""
    return OWN if _has_own_slope(rows, corpus, misses, again) else ""


def _right_value(row: ArrayRow, expected: ArrayExpected | None, shapes: Sequence[tuple[int, ...]]) -> bool:
    return expected is not None and bands.right_value(row, expected, shapes)


def _is_near(row: ArrayRow, expected: ArrayExpected | None, shapes: Sequence[tuple[int, ...]], relative: float) -> bool:
    """Say whether every gradient of a row has its shape and is near the exact one, relative to its largest entry."""
    if expected is None or not isinstance(row.gradients, tuple):
        return False
    for got, wanted, shape in zip(row.gradients, expected.gradients, shapes[1:]):
        if not isinstance(got, ArrayTold) or not bands.same_shape(got.shape, shape) or len(got.data) != len(wanted):
            return False
        allowed = relative * max([1e-6, *(abs(end) for pair in wanted for end in pair)])
        if not all(lo - allowed <= one <= hi + allowed for one, (lo, hi) in zip(got.data, wanted)):
            return False
    return True


def _like_an_eps(rows: Sequence[ArrayRow], expected: Sequence[ArrayExpected | None]) -> bool:
    """Say whether values are off by an EPS: most by very little, none by much."""
    gaps = [_gap(row, one) for row, one in zip(rows, expected)]
    return 2 * sum(gap <= EPS_USUAL for gap in gaps) >= len(gaps) and max(gaps) <= EPS_LARGEST


def _gap(row: ArrayRow, expected: ArrayExpected | None) -> float:
    if expected is None or not isinstance(row.value, ArrayTold) or len(row.value.data) != len(expected.value):
        return float("inf")
    return max((abs(a - b) / max(1.0, abs(b)) for a, b in zip(row.value.data, expected.value)), default=0.0)


def _has_own_slope(rows: Sequence[ArrayRow], corpus: ArrayCorpus, misses: Sequence[int], again: Again) -> bool:
    """Say whether gradients are the slopes of the student's own forward, along one random direction per input."""
    source = random.Random("directions")
    directions = [
        tuple(tuple(1.0 if source.random() < 0.5 else -1.0 for _ in flat) for flat in one.args) for one in corpus.inputs
    ]
    sides = []
    for by in (STEP, -STEP):
        moved = [_moved(one, direction, by) for one, direction in zip(corpus.inputs, directions)]
        found = again(moved)
        if len(found) < len(moved):
            return False
        sides.append(found)
    return all(_is_slope(rows[i], sides[0][i], sides[1][i], corpus.inputs[i].cotangent, directions[i]) for i in misses)


def _moved(one: ArrayInput, direction: Sequence[Sequence[float]], by: float) -> ArrayInput:
    args = tuple(tuple(x + by * d for x, d in zip(flat, along)) for flat, along in zip(one.args, direction))
    return msgspec.structs.replace(one, args=args)


def _is_slope(
    row: ArrayRow,
    above: ArrayRow,
    below: ArrayRow,
    cotangent: Sequence[float],
    direction: Sequence[Sequence[float]],
) -> bool:
    up, down = above.value, below.value
    if not isinstance(up, ArrayTold) or not isinstance(down, ArrayTold) or not isinstance(row.gradients, tuple):
        return False
    if not len(up.data) == len(down.data) == len(cotangent):
        return False
    slope = sum(c * (a - b) for c, a, b in zip(cotangent, up.data, down.data)) / (2 * STEP)
    terms = [
        g * d
        for got, along in zip(row.gradients, direction)
        if isinstance(got, ArrayTold)
        for g, d in zip(got.data, along)
    ]
    return abs(sum(terms) - slope) <= CLOSE_GRADIENT * max(1.0, sum(map(abs, terms)))
