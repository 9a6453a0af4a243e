"""Plain functions of plain numbers: the vocabulary that everything else is written in.

A `*_back` helper takes the forward's own inputs and then `d`, the derivative of whatever comes after,
and returns the derivative by its first input times `d`.
"""

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
    """Return -x, as a float."""
    # solution: return minus x
    return -float(x)
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
    e = math.exp(x)
    return e / (1.0 + e)
    # end solution


def relu(x: float) -> float:
    """Return x where it is positive, else 0."""
    # solution: return x or 0.0
    return x if x > 0 else 0.0
    # end solution


def log(x: float) -> float:
    """Return the natural logarithm. Raises ValueError for x <= 0."""
    # solution: return log x
    return math.log(x)
    # end solution


def exp(x: float) -> float:
    """Return e to the x. Raises OverflowError for x > 709.78."""
    # solution: return e to the x
    return math.exp(x)
    # end solution


def inv(x: float) -> float:
    """Return 1 / x. Raises ZeroDivisionError at 0."""
    # solution: return one over x
    return 1.0 / x
    # end solution


def log_back(x: float, d: float) -> float:
    """Return log'(x) · d."""
    # solution: the derivative of log at x, times d
    return d / x
    # end solution


def inv_back(x: float, d: float) -> float:
    """Return (1/x)' · d."""
    # solution: the derivative of 1/x, times d
    return -d / (x * x)
    # end solution


def relu_back(x: float, d: float) -> float:
    """Return relu'(x) · d, with the slope at 0 taken as 0."""
    # solution: the derivative of relu at x, times d
    return d if x > 0 else 0.0
    # end solution


def exp_back(x: float, d: float) -> float:
    """Return exp'(x) · d."""
    # solution: the derivative of exp at x, times d
    return math.exp(x) * d
    # end solution


def sigmoid_back(x: float, d: float) -> float:
    """Return sigmoid'(x) · d."""
    # solution: the derivative of sigmoid at x, times d
    return sigmoid(x) * sigmoid(-x) * d  # 1 - sigmoid(x) would cancel
    # end solution


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], list[float]]:
    """Return a function that applies `fn` to every number of a list."""

    # solution: return a function from a list to a list
    def apply(numbers: Iterable[float]) -> list[float]:
        return [fn(number) for number in numbers]

    return apply
    # end solution


def zipWith(  # noqa: N802 - the course's own name
    fn: Callable[[float, float], float],
) -> Callable[[Iterable[float], Iterable[float]], list[float]]:
    """Return a function that applies `fn` to the pairs of two lists."""

    # solution: return a function from two lists to one
    def apply(left: Iterable[float], right: Iterable[float]) -> list[float]:
        return [fn(x, y) for x, y in zip(left, right)]

    return apply
    # end solution


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    """Return a function that folds a list into one number with `fn`, from `start`."""

    # solution: return a function from a list to a number
    def apply(numbers: Iterable[float]) -> float:
        total = start
        for number in numbers:
            total = fn(total, number)
        return total

    return apply
    # end solution


def negList(numbers: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return every number of a list with its sign turned, by `map`."""
    # solution: use map and neg
    return map(neg)(numbers)
    # end solution


def addLists(left: Iterable[float], right: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return the sums of two lists' pairs, by `zipWith`."""
    # solution: use zipWith and add
    return zipWith(add)(left, right)
    # end solution


def sum(numbers: Iterable[float]) -> float:
    """Return the sum of a list, by `reduce`; 0 for an empty one."""
    # solution: use reduce and add
    return reduce(add, 0.0)(numbers)
    # end solution


def prod(numbers: Iterable[float]) -> float:
    """Return the product of a list, by `reduce`; 1 for an empty one."""
    # solution: use reduce and mul
    return reduce(mul, 1.0)(numbers)
    # end solution
