"""The few strategies that the tests draw from, by `random`."""

import random
from collections.abc import Callable
from typing import Any

Strategy = Callable[[random.Random], Any]


def floats(min_value: float, max_value: float, allow_nan: bool = False) -> Strategy:  # noqa: ARG001 - as Hypothesis
    """Draw a float."""
    return lambda source: source.uniform(min_value, max_value)


def integers(min_value: int, max_value: int) -> Strategy:
    """Draw a whole number."""
    return lambda source: source.randint(min_value, max_value)


def builds(made: Callable[..., Any], *drawn: Strategy) -> Strategy:
    """Make something of what is drawn."""
    return lambda source: made(*(one(source) for one in drawn))


def lists(of: Strategy, min_size: int, max_size: int) -> Strategy:
    """Draw a list."""
    return lambda source: [of(source) for _ in range(source.randint(min_size, max_size))]
