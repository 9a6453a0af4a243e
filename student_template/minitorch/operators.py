"""Plain functions of plain numbers: the vocabulary that everything else is written in.

A `*_back` helper takes the forward's own inputs and then `d`, the derivative of whatever comes after,
and returns the derivative by its first input times `d`.
"""

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
    """Return -x, as a float."""
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


def is_close(x: float, y: float) -> bool:
    """Say whether x and y are less than 0.01 apart."""
    # TODO: compare the distance of x and y with 1e-2
    raise NotImplementedError("compare the distance of x and y with 1e-2")


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), by the form that does not overflow for this sign of x."""
    # TODO: 1 / (1 + exp(-x)) for x >= 0, exp(x) / (1 + exp(x)) otherwise
    raise NotImplementedError("1 / (1 + exp(-x)) for x >= 0, exp(x) / (1 + exp(x)) otherwise")


def relu(x: float) -> float:
    """Return x where it is positive, else 0."""
    # TODO: return x or 0.0
    raise NotImplementedError("return x or 0.0")


def log(x: float) -> float:
    """Return the natural logarithm. Raises ValueError for x <= 0."""
    # TODO: return log x
    raise NotImplementedError("return log x")


def exp(x: float) -> float:
    """Return e to the x. Raises OverflowError for x > 709.78."""
    # TODO: return e to the x
    raise NotImplementedError("return e to the x")


def inv(x: float) -> float:
    """Return 1 / x. Raises ZeroDivisionError at 0."""
    # TODO: return one over x
    raise NotImplementedError("return one over x")


def log_back(x: float, d: float) -> float:
    """Return log'(x) · d."""
    # TODO: the derivative of log at x, times d
    raise NotImplementedError("the derivative of log at x, times d")


def inv_back(x: float, d: float) -> float:
    """Return (1/x)' · d."""
    # TODO: the derivative of 1/x, times d
    raise NotImplementedError("the derivative of 1/x, times d")


def relu_back(x: float, d: float) -> float:
    """Return relu'(x) · d, with the slope at 0 taken as 0."""
    # TODO: the derivative of relu at x, times d
    raise NotImplementedError("the derivative of relu at x, times d")


def exp_back(x: float, d: float) -> float:
    """Return exp'(x) · d."""
    # TODO: the derivative of exp at x, times d
    raise NotImplementedError("the derivative of exp at x, times d")


def sigmoid_back(x: float, d: float) -> float:
    """Return sigmoid'(x) · d."""
    # TODO: the derivative of sigmoid at x, times d
    raise NotImplementedError("the derivative of sigmoid at x, times d")


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], list[float]]:
    """Return a function that applies `fn` to every number of a list."""

    # TODO: return a function from a list to a list
    raise NotImplementedError("return a function from a list to a list")


def zipWith(  # noqa: N802 - the course's own name
    fn: Callable[[float, float], float],
) -> Callable[[Iterable[float], Iterable[float]], list[float]]:
    """Return a function that applies `fn` to the pairs of two lists."""

    # TODO: return a function from two lists to one
    raise NotImplementedError("return a function from two lists to one")


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    """Return a function that folds a list into one number with `fn`, from `start`."""

    # TODO: return a function from a list to a number
    raise NotImplementedError("return a function from a list to a number")


def negList(numbers: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return every number of a list with its sign turned, by `map`."""
    # TODO: use map and neg
    raise NotImplementedError("use map and neg")


def addLists(left: Iterable[float], right: Iterable[float]) -> list[float]:  # noqa: N802 - the course's own name
    """Return the sums of two lists' pairs, by `zipWith`."""
    # TODO: use zipWith and add
    raise NotImplementedError("use zipWith and add")


def sum(numbers: Iterable[float]) -> float:
    """Return the sum of a list, by `reduce`; 0 for an empty one."""
    # TODO: use reduce and add
    raise NotImplementedError("use reduce and add")


def prod(numbers: Iterable[float]) -> float:
    """Return the product of a list, by `reduce`; 1 for an empty one."""
    # TODO: use reduce and mul
    raise NotImplementedError("use reduce and mul")
