"""Draw the inputs of an exercise: nice points first, then those beside its borders, then every magnitude and sign.

Only `random.Random(seed).random()` is used, whose sequence Python promises to keep, so a seed gives
the same inputs on every version. Most values are rounded to four digits, for a counterexample is to be read; some
have all their digits, for a function that is right at short numbers only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from grader.model import Corpus, Domain, Expected, Input
from grader.oracle.breakpoints import breakpoints
from grader.oracle.dual import LINE, Undefined
from grader.oracle.expressions import Expression

if TYPE_CHECKING:
    import random

EDGES = (1e-6, 1e-3, 0.1, 1.0, 3.0, 10.0, 50.0, 100.0, 1e4)
WEIGHTS = (1, 1, 3, 3, 3, 2, 2, 1)
LARGEST = 1e100
NARROWEST_GAP = 1e-2
ROUNDS = 40
SEED_POINTS = 16
Point = tuple[float, ...]
T = TypeVar("T")

MOST_BORDERS = 6
BASES = 2
"""Points that borders are sought from, where there are several arguments: each moves while the others stand still."""

GRID = tuple(sorted({0.0, *(s * 10.0 ** (k / 2) for k in range(-6, 9) for s in (-1, 1)), *map(float, range(-5, 6))}))
EVENLY, EVENLY_WITHIN = 16, 100.0
RINGS = (
    (1, 0.012, 0.05),
    (-1, 0.012, 0.05),
    (0, 0.0, 0.0),
    (1, 0.1, 0.5),
    (-1, 0.1, 0.5),
    (1, 0.6, 2.0),
    (-1, 0.6, 2.0),
)
"""(side, nearest, furthest) of the points around a border: close by on both sides, on it, and further away."""

DOUBLINGS = 10
FULL_FROM = 2
"""Bands of at least this weight begin with a number of full precision: about a quarter of all inputs have one."""

TOO_FEW = "inputs can be drawn from its domain"

NEAR = 10
"""Whole numbers up to this are ordinary ones."""

D_OUT_PATTERN = ("free", "one", "free", "minus one", "zero", "free", "large", "free")


def draw(
    domains: Sequence[Domain], expression: Expression | None, count: int, seed: str, given: Sequence[Input] = ()
) -> Corpus:
    """Return `count` inputs with their answers, those `given` first; without a formula, inputs alone.

    A point is left out where the formula is undefined or beyond 1e100, or a comparison is decided by
    less than 0.01 without being a tie. Raises ValueError where the domain does not supply enough.
    """
    import random  # a self-check draws nothing

    source = random.Random(seed)
    inputs = list(given)
    answers = [expression.answer(one.args) for one in given] if expression else []
    seen = {one.args for one in given}
    seeds = d_outs(source)
    beside = _beside(domains, expression, random.Random(f"{seed}:borders"), count) if expression else []
    beside = [*_ends(domains, expression, random.Random(f"{seed}:ends")), *beside] if expression else beside
    beside += _far_out(domains, expression, random.Random(f"{seed}:far")) if expression and len(domains) > 1 else []
    for point in _points(domains, source, count, beside):
        if len(inputs) >= count:
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
        if d_out == 0.0 and answers and (_kinked(answers[-1]) or point in beside):
            d_out = next(seeds)  # a border is met few times: a zero there would hide it
        inputs.append(Input(point, d_out))
    if len(inputs) < count:
        raise ValueError(f"only {len(inputs)} of {count} {TOO_FEW}; widen it or ask for fewer")
    return Corpus(tuple(inputs), tuple(answers))


def usable(expression: Expression, point: tuple[float, ...]) -> Expected | None:
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


def _points(domains: Sequence[Domain], source: random.Random, count: int, beside: Sequence[Point]) -> Iterator[Point]:
    yield from _seed_points(len(domains), source)
    yield from beside
    for _ in range(ROUNDS):
        left = max(count - SEED_POINTS - len(beside), SEED_POINTS)
        columns = [_column(domain, left, source) for domain in domains]
        yield from zip(*columns)


def _ends(domains: Sequence[Domain], expression: Expression, source: random.Random) -> Iterator[Point]:
    """Yield the stated ends of domains that have them, the other arguments ordinary."""
    for argument, domain in enumerate(domains):
        for end in (domain.lo, domain.hi) if domain.ends else ():
            for _ in range(DOUBLINGS):  # a condition may not hold with the first
                point = tuple(end if i == argument else _near_one(one, source) for i, one in enumerate(domains))
                if all(map(inside, point, domains)) and usable(expression, point) is not None:
                    yield point
                    break


def _beside(domains: Sequence[Domain], expression: Expression, source: random.Random, count: int) -> list[Point]:
    """Return points on, close to and not so close to the formula's borders; none where it has no branches."""
    room = (count - SEED_POINTS) // 2
    if not expression.branches or room <= 0:
        return []
    borders = list(_borders(domains, expression, source))
    _shuffle(borders, source)
    room = min(room, max(count // 4, 2 * len(borders)))
    found: dict[Point, None] = {}
    for side, nearest, furthest in RINGS:
        for base, argument, border in borders:
            offset = side * (nearest + (furthest - nearest) * source.random())
            point = _off_border(domains, expression, (base, argument, border), offset)
            if point is not None and len(found) < room:
                found[point] = None
    return list(found)


def _far_out(domains: Sequence[Domain], expression: Expression, source: random.Random) -> Iterator[Point]:
    """Yield, for each argument and sign, a point where it is large, the others as small as that takes.

    Such pairs seldom come together by chance, and whether exp(x) for exp(x * y) overflows should not hang on it.
    """
    for argument, domain in enumerate(domains):
        for sign, _, furthest in _sides(domain.lo, domain.hi):
            far = _fitting(sign * _rounded(min(furthest, EDGES[-1]) * (0.2 + 0.8 * source.random())), domain)
            ordinary = [_near_one(one, source) for one in domains]
            for scale in (1.0, 1e-2, 1e-4, 1e-6):
                point = tuple(
                    far if i == argument else _fitting(_rounded(one * scale), domains[i])
                    for i, one in enumerate(ordinary)
                )
                if all(map(inside, point, domains)) and usable(expression, point) is not None:
                    yield point
                    break


def _borders(
    domains: Sequence[Domain], expression: Expression, source: random.Random
) -> Iterator[tuple[Point, int, float]]:
    """Yield (point, argument, border): where the argument changes the formula's branch, the others as in the point."""
    columns = [[_near_one(domain, source), *map(_rounded, _column(domain, BASES, source))] for domain in domains]
    for base in list(zip(*columns))[: BASES if len(domains) > 1 else 1]:
        for argument, domain in enumerate(domains):
            for border in breakpoints(expression, base, argument, _grid(domain))[:MOST_BORDERS]:
                yield base, argument, border


def _off_border(
    domains: Sequence[Domain], expression: Expression, where: tuple[Point, int, float], offset: float
) -> Point | None:
    """Return the point so far off a border, further where a comparison would be decided too narrowly; or none."""
    base, argument, border = where
    domain = domains[argument]
    scale = min(max(1.0, abs(border) / 10), (domain.hi - domain.lo) / 8)
    for doubled in range(DOUBLINGS if offset else 1):
        moved = float(f"{border + offset * scale * 2**doubled:.5g}") if offset else border
        if domain.whole and offset:
            moved = float(math.ceil(moved) if offset > 0 else math.floor(moved))
        point = (*base[:argument], moved, *base[argument + 1 :])
        if inside(moved, domain) and _judgeable(expression, point):
            return point
    return None


def _judgeable(expression: Expression, point: Point) -> bool:
    """Say whether right code decides every branch as the formula does, however it is written.

    A kink leaves either slope right. At a jump the numbers must be short enough for rounding not to decide.
    """
    answer = usable(expression, point)
    if answer is None:
        return False
    narrow = [abs(one) for one in expression.differences(point).values()]
    if any(0.0 < one < NARROWEST_GAP for one in narrow):
        return False
    digits = 4 if len(point) == 1 else 2
    return LINE not in answer.partials or all(x == float(f"{x:.{digits}g}") for x in point)


def _near_one(domain: Domain, source: random.Random) -> float:
    """Return an ordinary number, or what the domain has instead."""
    if domain.whole:
        return _wholes(domain, 1, source)[0]
    value = _rounded((0.3 + 2.7 * source.random()) * (1.0 if source.random() < 0.5 else -1.0))
    return next((one for one in (value, -value) if inside(one, domain)), _rounded((domain.lo + domain.hi) / 2))


def _grid(domain: Domain) -> list[float]:
    lo, hi = max(domain.lo, -EVENLY_WITHIN), min(domain.hi, EVENLY_WITHIN)
    evenly = [lo + (hi - lo) * i / EVENLY for i in range(EVENLY + 1)] if lo < hi else []
    return sorted({domain.lo, domain.hi, *(x for x in (*GRID, *evenly) if domain.lo <= x <= domain.hi)})


def _seed_points(arity: int, source: random.Random) -> Iterator[Point]:
    """Yield the points worth trying by hand; the first coordinates serve a function of one argument."""
    v, w = (round(0.3 + 2.7 * source.random(), 2) for _ in range(2))
    pairs = [(2, 3), (3, 2), (1, 2), (-2, 3), (0.5, 0.5), (0, 0), (-1, -1), (1, 1), (-3, -2), (0, v), (v, 0)]
    pairs += [(v, v), (-v, -v), (v, -v), (v, w), (w, v)]
    for x, y in pairs:
        yield tuple(float((x, y)[i % 2] + i // 2) for i in range(arity))


def _column(domain: Domain, count: int, source: random.Random) -> list[float]:
    """Return about `count` values over the domain's magnitudes and signs, shuffled."""
    if domain.whole:
        return _wholes(domain, count, source)
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
    for (sign, low, high, weight), share in zip(bands, _shares([weight for *_, weight in bands], count)):
        drawn = [low * (high / low) ** source.random() for _ in range(share)]
        if low == EDGES[0]:  # always a really small one: what steps over 0 from there is wrong under every seed
            drawn[0] = 1.2 * low * (drawn[0] / low) ** 0.07
        values += [sign * (one if i == 0 and weight >= FULL_FROM else _rounded(one)) for i, one in enumerate(drawn)]
    _shuffle(values, source)
    return values


def _wholes(domain: Domain, count: int, source: random.Random) -> list[float]:
    """Return so many whole numbers, every second one near 0 where the domain has such."""
    lo, hi = math.ceil(domain.lo), math.floor(domain.hi)
    near = (max(lo, -NEAR), min(hi, NEAR))
    ranges = [near, (lo, hi)] if near[0] < near[1] else [(lo, hi)]
    chosen = (ranges[i % len(ranges)] for i in range(count))
    return [float(first + int(source.random() * (last - first + 1))) for first, last in chosen]


def _fitting(value: float, domain: Domain) -> float:
    return float(round(value)) if domain.whole else value


def _shares(weights: Sequence[int], count: int) -> list[int]:
    """Split `count` by weight, at least one each, what is left over to the heaviest."""
    shares = [max(1, count * weight // sum(weights)) for weight in weights]
    heaviest = sorted(range(len(weights)), key=lambda i: -weights[i])
    for i in range(count - sum(shares)):
        shares[heaviest[i % len(heaviest)]] += 1
    return shares


def _kinked(answer: Expected) -> bool:
    return any(lo != hi for lo, hi in answer.partials)


def _sides(lo: float, hi: float) -> Iterator[tuple[float, float, float]]:
    """Yield the positive and the negative side of a range, as (sign, nearest to 0, furthest from 0)."""
    if hi > 0:
        yield 1.0, max(lo, 0.0), hi
    if lo < 0:
        yield -1.0, max(-hi, 0.0), -lo


def _shuffle(values: list[T], source: random.Random) -> None:
    """Fisher and Yates' shuffle, on `random()` alone."""
    for i in range(len(values) - 1, 0, -1):
        j = int(source.random() * (i + 1))
        values[i], values[j] = values[j], values[i]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def inside(value: float, domain: Domain) -> bool:
    """Say whether an argument may have this value."""
    if not domain.lo <= value <= domain.hi or (domain.nonzero and value == 0.0):
        return False
    at_an_end = (domain.lo_open and value == domain.lo) or (domain.hi_open and value == domain.hi)
    return not at_an_end and (not domain.whole or value == math.floor(value))
