"""Dual numbers whose derivatives are intervals: a value, and what each partial may be.

Where a formula is differentiable a partial is a point. At a kink it is the subdifferential (relu at 0:
[0, 1]), at a jump anything (the whole line). Intervals are hulls: sums and products of two kinked
terms may be wider than the true subdifferential, never narrower.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from grader.model import Interval

LINE: Interval = (-math.inf, math.inf)


class Undefined(ArithmeticError):
    """The formula has no finite real value here."""


class Dual:
    """A value and one interval for each partial. Raises Undefined in place of any infinity or NaN."""

    __slots__ = ("partials", "value")

    def __init__(self, value: float, partials: tuple[Interval, ...]) -> None:
        if not math.isfinite(value):
            raise Undefined("not a finite number")
        self.value = value
        self.partials = partials

    def through(self, value: float, derivative: float) -> Dual:
        """Return f(self), given f's value and derivative there."""
        if not math.isfinite(derivative):
            raise Undefined("no finite derivative")
        return Dual(value, tuple(scaled(partial, derivative) for partial in self.partials))

    def through_kink(self, value: float, slopes: Interval) -> Dual:
        """Return f(self) where f's slope is anything in `slopes`."""
        return Dual(value, tuple(times(partial, slopes) for partial in self.partials))


def judgeable(partials: tuple[Interval, ...]) -> bool:
    """Say whether every partial is finite or the whole line; any other infinity, or a NaN, is an overflow."""
    return all(-math.inf < lo <= hi < math.inf or (lo, hi) == LINE for lo, hi in partials)


def scaled(interval: Interval, factor: float) -> Interval:
    """Return interval * factor, with 0 * inf = 0: what does not matter is not there."""
    if factor == 0.0:
        return (0.0, 0.0)
    lo, hi = interval[0] * factor, interval[1] * factor
    return (lo, hi) if lo <= hi else (hi, lo)


def times(one: Interval, other: Interval) -> Interval:
    """Return every product of a member of one with a member of the other."""
    if one == (0.0, 0.0) or other == (0.0, 0.0):
        return (0.0, 0.0)
    ends = [0.0 if 0.0 in (a, b) else a * b for a in one for b in other]
    return min(ends), max(ends)


def plus(one: Interval, other: Interval) -> Interval:
    """Return every sum."""
    return one[0] + other[0], one[1] + other[1]


def hull(one: Interval, other: Interval) -> Interval:
    """Return the smallest interval around both."""
    return min(one[0], other[0]), max(one[1], other[1])


def combine(value: float, a: Dual, by_a: float, b: Dual, by_b: float) -> Dual:
    """Return f(a, b), given its value and its two derivatives."""
    if not (math.isfinite(by_a) and math.isfinite(by_b)):
        raise Undefined("no finite derivative")
    return Dual(value, tuple(plus(scaled(p, by_a), scaled(q, by_b)) for p, q in zip(a.partials, b.partials)))


def add(a: Dual, b: Dual) -> Dual:
    """a + b."""
    return combine(a.value + b.value, a, 1.0, b, 1.0)


def subtract(a: Dual, b: Dual) -> Dual:
    """a - b."""
    return combine(a.value - b.value, a, 1.0, b, -1.0)


def multiply(a: Dual, b: Dual) -> Dual:
    """a · b."""
    return combine(a.value * b.value, a, b.value, b, a.value)


def divide(a: Dual, b: Dual) -> Dual:
    """a / b. Undefined where b is 0."""
    if b.value == 0.0:
        raise Undefined("division by zero")
    quotient = a.value / b.value
    return combine(quotient, a, 1.0 / b.value, b, -quotient / b.value)


def negate(a: Dual) -> Dual:
    """-a."""
    return a.through(-a.value, -1.0)


def constant_power(a: Dual, b: Dual) -> Dual:
    """a ** b for an exponent that names no argument: any base if it is whole, a positive one otherwise."""
    x, n = a.value, b.value
    if n == 0.0:
        return a.through(1.0, 0.0)
    if x <= 0 and n != int(n):
        raise Undefined("a power of a number that is not positive")
    return a.through(x**n, n * x ** (n - 1.0))


def power(a: Dual, b: Dual) -> Dual:
    """a ** b. Undefined where the base is not positive: a whole exponent that varies is whole only there."""
    x, n = a.value, b.value
    if x <= 0:
        raise Undefined("a power of a number that is not positive")
    value = x**n
    return combine(value, a, n * value / x, b, value * math.log(x))


def log(a: Dual) -> Dual:
    """The natural logarithm. Undefined at and below 0."""
    if a.value <= 0:
        raise Undefined("log of a number that is not positive")
    return a.through(math.log(a.value), 1.0 / a.value)


def exp(a: Dual) -> Dual:
    """The exponential."""
    value = math.exp(a.value)
    return a.through(value, value)


def sqrt(a: Dual) -> Dual:
    """The square root. Undefined at 0 (no derivative) and below."""
    if a.value <= 0:
        raise Undefined("square root of a number that is not positive")
    value = math.sqrt(a.value)
    return a.through(value, 0.5 / value)


def inv(a: Dual) -> Dual:
    """1 / a."""
    if a.value == 0.0:
        raise Undefined("division by zero")
    return a.through(1.0 / a.value, -1.0 / a.value / a.value)


def sin(a: Dual) -> Dual:
    """The sine, in radians."""
    return a.through(math.sin(a.value), math.cos(a.value))


def cos(a: Dual) -> Dual:
    """The cosine, in radians."""
    return a.through(math.cos(a.value), -math.sin(a.value))


def tan(a: Dual) -> Dual:
    """The tangent, in radians."""
    value = math.tan(a.value)
    return a.through(value, 1.0 + value * value)


def tanh(a: Dual) -> Dual:
    """The hyperbolic tangent; its derivative as 4e/(1+e)² with e = exp(-2|x|), which does not cancel."""
    e = math.exp(-2.0 * abs(a.value))
    return a.through(math.tanh(a.value), 4.0 * e / (1.0 + e) ** 2)


def sigmoid(a: Dual) -> Dual:
    """1 / (1 + exp(-x)), by whichever form does not overflow."""
    e = math.exp(-abs(a.value))
    value = 1.0 / (1.0 + e) if a.value >= 0 else e / (1.0 + e)
    return a.through(value, e / (1.0 + e) ** 2)


def relu(a: Dual) -> Dual:
    """max(x, 0), with any slope in [0, 1] at 0."""
    if a.value == 0.0:
        return a.through_kink(0.0, (0.0, 1.0))
    return a.through(max(a.value, 0.0), 1.0 if a.value > 0 else 0.0)


def absolute(a: Dual) -> Dual:
    """|x|, with any slope in [-1, 1] at 0."""
    if a.value == 0.0:
        return a.through_kink(0.0, (-1.0, 1.0))
    return a.through(abs(a.value), math.copysign(1.0, a.value))


def larger(a: Dual, b: Dual) -> Dual:
    """max(a, b); at a tie each argument's slope is anything in between."""
    if a.value == b.value:
        return either(a, b)
    return a if a.value > b.value else b


def smaller(a: Dual, b: Dual) -> Dual:
    """min(a, b); at a tie each argument's slope is anything in between."""
    if a.value == b.value:
        return either(a, b)
    return a if a.value < b.value else b


def either(a: Dual, b: Dual) -> Dual:
    """Two branches that meet: the hull of their partials where they agree, anything where they jump."""
    if a.value != b.value:
        return jumping(a)
    return Dual(a.value, tuple(hull(p, q) for p, q in zip(a.partials, b.partials)))


def jumping(a: Dual) -> Dual:
    """The value of `a`, with no derivative to hold anyone to."""
    return Dual(a.value, (LINE,) * len(a.partials))


ONE_ARGUMENT: dict[str, Callable[[Dual], Dual]] = {
    "log": log,
    "exp": exp,
    "sqrt": sqrt,
    "inv": inv,
    "sin": sin,
    "cos": cos,
    "tan": tan,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "abs": absolute,
}

TWO_ARGUMENTS: dict[str, Callable[[Dual, Dual], Dual]] = {"min": smaller, "max": larger}
