"""Plain functions of plain numbers: the vocabulary that everything else is written in.

A `*_back` helper takes the forward's own inputs and then `d`, the derivative of whatever comes after,
and returns the derivative by its first input times `d`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable


def mul(x: float, y: float) -> float:
    """Return x · y."""
    return x * y


def id(x: float) -> float:
    """Return x, unchanged."""
    return x


def add(x: float, y: float) -> float:
    """Return x + y."""
    return x + y


def neg(x: float) -> float:
    """Return -x, as a float."""
    return -float(x)


def lt(x: float, y: float) -> float:
    """Return 1.0 where x < y, else 0.0."""
    return 1.0 if x < y else 0.0


def eq(x: float, y: float) -> float:
    """Return 1.0 where x equals y, else 0.0."""
    return 1.0 if x == y else 0.0


def max(x: float, y: float) -> float:
    """Return the larger of x and y."""
    return x if x > y else y


def is_close(x: float, y: float) -> bool:
    """Say whether x and y are less than 0.01 apart."""
    return abs(x - y) < 1e-2


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), by the form that does not overflow for this sign of x."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def relu(x: float) -> float:
    """Return x where it is positive, else 0."""
    return x if x > 0 else 0.0


def log(x: float) -> float:
    """Return the natural logarithm. Raises ValueError for x <= 0."""
    return math.log(x)


def exp(x: float) -> float:
    """Return e to the x. Raises OverflowError for x > 709.78."""
    return math.exp(x)


def inv(x: float) -> float:
    """Return 1 / x. Raises ZeroDivisionError at 0."""
    return 1.0 / x


def log_back(x: float, d: float) -> float:
    """Return log'(x) · d."""
    return d / x


def inv_back(x: float, d: float) -> float:
    """Return (1/x)' · d."""
    return -d / (x * x)


def relu_back(x: float, d: float) -> float:
    """Return relu'(x) · d, with the slope at 0 taken as 0."""
    return d if x > 0 else 0.0


def exp_back(x: float, d: float) -> float:
    """Return exp'(x) · d."""
    return math.exp(x) * d


def sigmoid_back(x: float, d: float) -> float:
    """Return sigmoid'(x) · d, where sigmoid'(x) = sigmoid(x) · sigmoid(-x): 1 - sigmoid(x) would cancel."""
    return sigmoid(x) * sigmoid(-x) * d


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], list[float]]:
    """Return a function that applies `fn` to every number of a list."""

    def apply(numbers: Iterable[float]) -> list[float]:
        return [fn(number) for number in numbers]

    return apply


def zipWith(  # noqa: N802 - the course's own name
    fn: Callable[[float, float], float],
) -> Callable[[Iterable[float], Iterable[float]], list[float]]:
    """Return a function that applies `fn` to the pairs of two lists."""

    def apply(left: Iterable[float], right: Iterable[float]) -> list[float]:
        return [fn(x, y) for x, y in zip(left, right)]

    return apply


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    """Return a function that folds a list into one number with `fn`, from `start`."""

    def apply(numbers: Iterable[float]) -> float:
        total = start
        for number in numbers:
            total = fn(total, number)
        return total

    return apply


def negList(numbers: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return every number of a list with its sign turned, by `map`."""
    return map(neg)(numbers)


def addLists(left: Iterable[float], right: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return the sums of two lists' pairs, by `zipWith`."""
    return zipWith(add)(left, right)


def sum(numbers: Iterable[float]) -> float:
    """Return the sum of a list, by `reduce`; 0 for an empty one."""
    return reduce(add, 0.0)(numbers)


def prod(numbers: Iterable[float]) -> float:
    """Return the product of a list, by `reduce`; 1 for an empty one."""
    return reduce(mul, 1.0)(numbers)
