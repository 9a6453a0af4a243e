"""What the name of a mistake in a formula claims, worked out on points of the tests' own.

Nothing said is believed: a name is true if what it says, worked out by hand-written formulas, is what comes back.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator, Sequence

from tests.mistakes import CLAIMS, VALUE_CLAIMS, Backward, Formula, Function

REGION = re.compile(r"it is right only where (\S+)( is)? (>|<|=|≠|above about|below about) (\S+?)(; elsewhere (.*))?$")


Point = tuple[float, tuple[float, ...]]
"""d, and where."""


@functools.cache
def grid(formula: Formula) -> tuple[Point, ...]:
    """Points of the test's own, of every size and sign the domain has."""
    return tuple(_grid(formula))


def _grid(formula: Formula) -> Iterator[Point]:
    source = random.Random(formula.text)
    domain = formula.domains[0]
    for _ in range(60):
        point = tuple(
            min(
                max((1 if domain.lo >= 0 else source.choice((-1, 1))) * 10 ** source.uniform(-2, 3), domain.lo),
                domain.hi,
            )
            if source.random() < 0.5 or domain.lo < -1e3
            else source.uniform(domain.lo, domain.hi)
            for _ in formula.g
        )
        if not (domain.nonzero and 0.0 in point) and len(set(point)) == len(point):
            yield source.choice((-1, 1)) * source.uniform(0.3, 3), point


def is_true(name: str, formula: Formula, backward: Backward) -> bool:
    """Work out whether a name says what the backward does."""
    points = grid(formula)
    every = range(len(formula.g))
    claims: dict[int, str] = {}
    for part in re.split(r"; (?=for \w+, )", name):
        few = re.match(r"for ((?:\w+, )*\w+)[:,] ", part)
        slots = [formula.arguments.index(one) for one in few[1].split(", ")] if few else list(every)
        claims |= dict.fromkeys(slots, part[few.end() :] if few else part)
    exact = "gradient exactly"
    return all(agrees(claims.get(i, exact), formula, backward, i, points) for i in every)


def agrees(claim: str, formula: Formula, backward: Backward, i: int, points: Sequence[Point]) -> bool:
    region = REGION.match(claim)
    if region:
        inside = [one for one in points if holds(region, formula, one)]
        outside = [one for one in points if not holds(region, formula, one) and not near(region, formula, one)]
        right = agrees(
            "gradient exactly", formula, backward, i, [one for one in inside if not near(region, formula, one)]
        )
        return right and (not region[6] or agrees(region[6], formula, backward, i, outside))
    predict = claimed(claim)
    assert predict is not None, f"nobody wrote down what this claims: {claim}"
    told = 0
    for d, point in points:
        try:
            got, wanted = backward(d, *point)[i], predict(formula, point, d, i)
            scale = abs(d) * max(1.0, abs(formula.f(*point)))
        except (ArithmeticError, ValueError):
            continue
        told += 1
        step = re.search(r"step of (\S+)", claim)
        noise = 1e-13 / float(step[1]) * (abs(point[i]) + 1) if step else 0.0
        if not abs(got - wanted) <= 1e-5 * abs(wanted) + (1e-9 + noise) * scale:
            return False
    return told >= 5


def claimed(claim: str) -> Callable[[Formula, tuple[float, ...], float, int], float] | None:
    if claim == "gradient exactly":
        return lambda o, a, d, i: d * o.g[i](*a)
    number = re.search(r"is (\S+) times|constant: (\S+)$|multiplied by d_out: (\S+)$", claim)
    if number:
        by = float(number[1] or number[2] or number[3])
        if number[1]:
            return (
                (lambda o, a, d, i: by * o.g[i](*a))
                if "what is left" in claim
                else lambda o, a, d, i: by * d * o.g[i](*a)
            )
        return (lambda o, a, d, i: d * o.g[i](*a) + by) if number[2] else lambda o, a, d, i: d * (o.g[i](*a) + by)
    words = max((one for one in CLAIMS if one in claim + " "), key=len, default=None)
    return CLAIMS[words] if words else None


def of(region: re.Match[str], formula: Formula, one: Point) -> tuple[float, float]:
    d, point = one
    names = {**dict(zip(formula.arguments, point)), "d_out": d}
    left = abs(names[region[1].strip("|")]) if "|" in region[1] else names[region[1]]
    return left, names[region[4]] if region[4] in names else float(region[4])


def holds(region: re.Match[str], formula: Formula, one: Point) -> bool:
    left, right = of(region, formula, one)
    return {">": left > right, "<": left < right, "=": left == right, "≠": left != right}.get(
        region[3], left > right if "above" in region[3] else left < right
    )


def near(region: re.Match[str], formula: Formula, one: Point) -> bool:
    """A border is said to about where it is: between the last row that is wrong and the first that is right."""
    left, right = of(region, formula, one)
    return "about" in region[3] and abs(left - right) <= 0.7 * abs(right)


def is_true_of(name: str, formula: Formula, forward: Function) -> bool:
    """Work out whether a name says what the forward does: as a gradient with d_out = 1, of one slot."""
    number = re.search(r"value is (\S+) times|value is off by a constant: (\S+)$", name)
    words = max((one for one in VALUE_CLAIMS if one in name), key=len, default=None)
    region = REGION.match(name)
    assert number or words or region, f"nobody wrote down what this claims: {name}"
    told = 0
    points = [*grid(formula), *((1.0, (v, v)) for v in (1.0, 2.5, -7.0) if len(formula.g) == 2)]
    for one in points:
        _, point = one
        try:
            wanted, got = formula.f(*point), forward(*point)
            if number:
                wanted = float(number[1]) * wanted if number[1] else wanted + float(number[2])
            elif region and (near(region, formula, one) or not holds(region, formula, one)):
                beyond = max((one for one in VALUE_CLAIMS if one in (region[6] or "")), key=len, default=None)
                if near(region, formula, one) or beyond is None:
                    continue
                wanted = VALUE_CLAIMS[beyond](formula, point)
            elif words and not region:
                wanted = VALUE_CLAIMS[words](formula, point)
        except (ArithmeticError, ValueError):
            continue
        told += 1
        if not abs(got - wanted) <= 1e-5 * abs(wanted) + 1e-9 * max(1.0, abs(formula.f(*point))):
            return False
    return told >= 5
