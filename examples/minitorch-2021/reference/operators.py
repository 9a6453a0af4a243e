"""Plain functions of plain numbers, from Module 0. A `*_back` function returns the derivative at x times d."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable


def mul(x: float, y: float) -> float:
    """Return x · y."""
    # solution: return the product of x and y
    return x * y
    # end solution


def id(x: float) -> float:
    """Return x, unchanged."""
    # solution: return x itself
    return x
    # end solution


def add(x: float, y: float) -> float:
    """Return x + y."""
    # solution: return the sum of x and y
    return x + y
    # end solution


def neg(x: float) -> float:
    """Return -x."""
    # solution: return minus x
    return -x
    # end solution


def lt(x: float, y: float) -> float:
    """Return 1.0 where x < y, else 0.0."""
    # solution: return 1.0 or 0.0
    return 1.0 if x < y else 0.0
    # end solution


def eq(x: float, y: float) -> float:
    """Return 1.0 where x equals y, else 0.0."""
    # solution: return 1.0 or 0.0
    return 1.0 if x == y else 0.0
    # end solution


def max(x: float, y: float) -> float:
    """Return the larger of x and y."""
    # solution: return the larger of the two
    return x if x > y else y
    # end solution


def is_close(x: float, y: float) -> bool:
    """Say whether x and y are less than 0.01 apart."""
    # solution: compare the distance of x and y with 1e-2
    return abs(x - y) < 1e-2
    # end solution


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), by the form that does not overflow for this sign of x."""
    # solution: 1 / (1 + exp(-x)) for x >= 0, exp(x) / (1 + exp(x)) otherwise
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))
    # end solution


def relu(x: float) -> float:
    """Return x where it is positive, else 0."""
    # solution: return x or 0.0
    return x if x > 0 else 0.0
    # end solution


def relu_back(x: float, d: float) -> float:
    """Return relu'(x) · d, with the slope at 0 taken as 0."""
    # solution: the derivative of relu at x, times d
    return d if x > 0 else 0.0
    # end solution


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


def zipWith(
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


def negList(numbers: Iterable[float]) -> list[float]:
    """Return every number of a list with its sign turned."""
    return map(neg)(numbers)


def addLists(left: Iterable[float], right: Iterable[float]) -> list[float]:
    """Return the sums of two lists' pairs."""
    return zipWith(add)(left, right)


def sum(numbers: Iterable[float]) -> float:
    """Return the sum of a list; 0 for an empty one."""
    return reduce(add, 0.0)(numbers)


def prod(numbers: Iterable[float]) -> float:
    """Return the product of a list; 1 for an empty one."""
    return reduce(mul, 1.0)(numbers)
