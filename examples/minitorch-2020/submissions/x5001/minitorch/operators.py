"""Plain functions of plain numbers, from Module 0. A `*_back` function returns the derivative at x times d."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable


def mul(x: float, y: float) -> float:
    """Return x · y."""
    # TODO: return the product of x and y
    raise NotImplementedError("return the product of x and y")


def id(x: float) -> float:
    """Return x, unchanged."""
    # TODO: return x itself
    raise NotImplementedError("return x itself")


def add(x: float, y: float) -> float:
    """Return x + y."""
    # TODO: return the sum of x and y
    raise NotImplementedError("return the sum of x and y")


def neg(x: float) -> float:
    """Return -x."""
    # TODO: return minus x
    raise NotImplementedError("return minus x")


def lt(x: float, y: float) -> float:
    """Return 1.0 where x < y, else 0.0."""
    # TODO: return 1.0 or 0.0
    raise NotImplementedError("return 1.0 or 0.0")


def eq(x: float, y: float) -> float:
    """Return 1.0 where x equals y, else 0.0."""
    # TODO: return 1.0 or 0.0
    raise NotImplementedError("return 1.0 or 0.0")


def max(x: float, y: float) -> float:
    """Return the larger of x and y."""
    # TODO: return the larger of the two
    raise NotImplementedError("return the larger of the two")


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), by the form that does not overflow for this sign of x."""
    # TODO: 1 / (1 + exp(-x)) for x >= 0, exp(x) / (1 + exp(x)) otherwise
    raise NotImplementedError("1 / (1 + exp(-x)) for x >= 0, exp(x) / (1 + exp(x)) otherwise")


def relu(x: float) -> float:
    """Return x where it is positive, else 0."""
    # TODO: return x or 0.0
    raise NotImplementedError("return x or 0.0")


def relu_back(x: float, d: float) -> float:
    """Return relu'(x) · d, with the slope at 0 taken as 0."""
    # TODO: d where x is positive, else 0.0
    raise NotImplementedError("d where x is positive, else 0.0")


def log(x: float) -> float:
    """Return the natural logarithm. Raises ValueError for x <= 0."""
    return math.log(x)


def exp(x: float) -> float:
    """Return e to the x. Raises OverflowError for x > 709.78."""
    return math.exp(x)


def log_back(x: float, d: float) -> float:
    """Return log'(x) · d."""
    return d / x


def inv(x: float) -> float:
    """Return 1 / x. Raises ZeroDivisionError at 0."""
    return 1.0 / x


def inv_back(x: float, d: float) -> float:
    """Return (1/x)' · d."""
    return -d / (x * x)


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], list[float]]:
    """Return a function that applies `fn` to every number of a list."""
    return lambda numbers: [fn(number) for number in numbers]


def zipWith(  # noqa: N802 - the course's own name
    fn: Callable[[float, float], float],
) -> Callable[[Iterable[float], Iterable[float]], list[float]]:
    """Return a function that applies `fn` to the pairs of two lists."""
    return lambda left, right: [fn(x, y) for x, y in zip(left, right)]


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    """Return a function that folds a list into one number with `fn`, from `start`."""

    def fold(numbers: Iterable[float]) -> float:
        total = start
        for number in numbers:
            total = fn(total, number)
        return total

    return fold


def negList(numbers: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return every number of a list with its sign turned."""
    return map(neg)(numbers)


def addLists(left: Iterable[float], right: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return the sums of two lists' pairs."""
    return zipWith(add)(left, right)


def sum(numbers: Iterable[float]) -> float:
    """Return the sum of a list; 0 for an empty one."""
    return reduce(add, 0.0)(numbers)


def prod(numbers: Iterable[float]) -> float:
    """Return the product of a list; 1 for an empty one."""
    return reduce(mul, 1.0)(numbers)
