"""Draw the inputs of an exercise: nice points first, then every magnitude and sign, from a seed.

Only `random.Random(seed).random()` is used, whose sequence Python promises to keep, so a seed gives
the same inputs on every version. Values are rounded to four digits: a counterexample is to be read.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from grader.model import Answer, Corpus, Domain, Input
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression

EDGES = (1e-6, 1e-3, 0.1, 1.0, 3.0, 10.0, 50.0, 100.0, 1e4)
WEIGHTS = (1, 1, 3, 3, 3, 2, 2, 1)
LARGEST = 1e100
NARROWEST_GAP = 1e-2
ROUNDS = 40
SEED_POINTS = 16
D_OUT_PATTERN = ("free", "one", "free", "minus one", "zero", "free", "large", "free")


def draw(domains: Sequence[Domain], expression: Expression | None, count: int, seed: str) -> Corpus:
    """Return `count` inputs with their answers; without a formula, inputs alone.

    A point is left out where the formula is undefined or beyond 1e100, or a comparison is decided by
    less than 0.01 without being a tie. Raises ValueError where the domain does not supply enough.
    """
    source = random.Random(seed)
    inputs: list[Input] = []
    answers: list[Answer] = []
    seen: set[tuple[float, ...]] = set()
    seeds = d_outs(source)
    for point in _points(domains, source, count):
        if len(inputs) == count:
            break
        if point in seen or not all(map(inside, point, domains)):
            continue
        seen.add(point)
        if expression is not None:
            answer = usable(expression, point)
            if answer is None:
                continue
            answers.append(answer)
        d_out = 2.0 if not inputs else next(seeds)
        if d_out == 0.0 and answers and _kinked(answers[-1]):
            d_out = next(seeds)  # a kink is met once or twice: a zero there would hide it
        inputs.append(Input(point, d_out))
    if len(inputs) < count:
        raise ValueError(
            f"only {len(inputs)} of {count} inputs can be drawn from its domain; widen it or ask for fewer"
        )
    return Corpus(tuple(inputs), tuple(answers))


def usable(expression: Expression, point: tuple[float, ...]) -> Answer | None:
    """Return the answer at a point that can be judged, or None."""
    try:
        answer = expression.answer(point)
    except Undefined:
        return None
    ends = [abs(end) for partial in answer.partials for end in partial if math.isfinite(end)]
    if max([abs(answer.value), *ends]) > LARGEST or 0 < answer.gap < NARROWEST_GAP:
        return None
    return answer


def d_outs(source: random.Random) -> Iterator[float]:
    """Yield what to send back: never only 1.0, and per 8 inputs one 0, one 1, one -1 and one large."""
    while True:
        for kind in D_OUT_PATTERN:
            size, sign = 0.3 + 2.7 * source.random(), 1.0 if source.random() < 0.5 else -1.0
            fixed = {"one": 1.0, "minus one": -1.0, "zero": 0.0, "large": _rounded(1e3 * sign * size)}
            yield fixed.get(kind, float(f"{sign * size:.2g}"))


def _points(domains: Sequence[Domain], source: random.Random, count: int) -> Iterator[tuple[float, ...]]:
    yield from _seed_points(len(domains), source)
    for _ in range(ROUNDS):
        columns = [_column(domain, max(count - SEED_POINTS, SEED_POINTS), source) for domain in domains]
        yield from zip(*columns)


def _seed_points(arity: int, source: random.Random) -> Iterator[tuple[float, ...]]:
    """Yield the points worth trying by hand; the first coordinates serve a function of one argument."""
    v, w = (round(0.3 + 2.7 * source.random(), 2) for _ in range(2))
    pairs = [(2, 3), (3, 2), (1, 2), (-2, 3), (0.5, 0.5), (0, 0), (-1, -1), (1, 1), (-3, -2), (0, v), (v, 0)]
    pairs += [(v, v), (-v, -v), (v, -v), (v, w), (w, v)]
    for x, y in pairs:
        yield tuple(float((x, y)[i % 2] + i // 2) for i in range(arity))


def _column(domain: Domain, count: int, source: random.Random) -> list[float]:
    """Return about `count` values over the domain's magnitudes and signs, shuffled."""
    lo, hi = domain.lo, domain.hi
    bands = [
        (sign, max(low, nearest), min(high, furthest), weight)
        for sign, nearest, furthest in _sides(lo, hi)
        for low, high, weight in zip(EDGES, EDGES[1:], WEIGHTS)
        if max(low, nearest) < min(high, furthest)
    ]
    if not bands:  # a domain beyond every band: take it evenly
        return [_rounded(lo + (hi - lo) * source.random()) for _ in range(count)]
    values = []
    for (sign, low, high, _), share in zip(bands, _shares([weight for *_, weight in bands], count)):
        values += [sign * _rounded(low * (high / low) ** source.random()) for _ in range(share)]
    _shuffle(values, source)
    return values


def _shares(weights: Sequence[int], count: int) -> list[int]:
    """Split `count` by weight, at least one each, what is left over to the heaviest."""
    shares = [max(1, count * weight // sum(weights)) for weight in weights]
    heaviest = sorted(range(len(weights)), key=lambda i: -weights[i])
    for i in range(count - sum(shares)):
        shares[heaviest[i % len(heaviest)]] += 1
    return shares


def _kinked(answer: Answer) -> bool:
    return any(lo != hi for lo, hi in answer.partials)


def _sides(lo: float, hi: float) -> Iterator[tuple[float, float, float]]:
    """Yield the positive and the negative side of a range, as (sign, nearest to 0, furthest from 0)."""
    if hi > 0:
        yield 1.0, max(lo, 0.0), hi
    if lo < 0:
        yield -1.0, max(-hi, 0.0), -lo


def _shuffle(values: list[float], source: random.Random) -> None:
    """Fisher and Yates' shuffle, on `random()` alone."""
    for i in range(len(values) - 1, 0, -1):
        j = int(source.random() * (i + 1))
        values[i], values[j] = values[j], values[i]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def inside(value: float, domain: Domain) -> bool:
    """Say whether an argument may have this value."""
    return domain.lo <= value <= domain.hi and not (domain.nonzero and value == 0.0)
