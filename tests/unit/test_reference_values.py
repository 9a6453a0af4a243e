"""The reference against 50-digit arithmetic, and against central differences."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import lecture8, operators, scalar_functions
from reference.autodiff import Context, central_difference

mpmath.mp.dps = 50
POINTS = (-30.0, -3.0, -1.0, -0.5, -1e-3, -1e-6, 1e-6, 1e-3, 0.3, 1.0, 2.0, 3.0, 10.0, 30.0)

Exact = Any
ONE: dict[str, tuple[type, Exact]] = {
    "TimesFive": (lecture8.TimesFive, lambda x: 5 * x),
    "Square": (lecture8.Square, lambda x: x * x),
    "Log of lecture 8": (lecture8.Log, mpmath.log),
    "Exp of lecture 8": (lecture8.Exp, mpmath.exp),
    "SquareOfTimesFive": (lecture8.SquareOfTimesFive, lambda x: (5 * x) ** 2),
    "Inv": (scalar_functions.Inv, lambda x: 1 / x),
    "Neg": (scalar_functions.Neg, lambda x: -x),
    "Log": (scalar_functions.Log, mpmath.log),
    "Exp": (scalar_functions.Exp, mpmath.exp),
    "Sigmoid": (scalar_functions.Sigmoid, lambda x: 1 / (1 + mpmath.exp(-x))),
    "ReLU": (scalar_functions.ReLU, lambda x: x if x > 0 else mpmath.mpf(0)),
    "Tanh": (scalar_functions.Tanh, mpmath.tanh),
}
TWO: dict[str, tuple[type, Exact]] = {
    "Mul of lecture 8": (lecture8.Mul, lambda x, y: x * y),
    "AddTimes2": (lecture8.AddTimes2, lambda x, y: x + 2 * y),
    "SquareOfAddTimes2": (lecture8.SquareOfAddTimes2, lambda x, y: (x + 2 * y) ** 2),
    "LogPlusExp": (lecture8.LogPlusExp, lambda x, y: mpmath.log(x * y) + mpmath.exp(x * y)),
    "Add": (scalar_functions.Add, lambda x, y: x + y),
    "Mul": (scalar_functions.Mul, lambda x, y: x * y),
    "Div": (scalar_functions.Div, lambda x, y: x / y),
    "Sub": (scalar_functions.Sub, lambda x, y: x - y),
}


def run(function: Any, point: tuple[float, ...], d_out: float) -> tuple[float, tuple[float, ...]]:
    ctx = Context()
    value = function.forward(ctx, *point)
    gradients = function.backward(ctx, d_out)
    return value, gradients if isinstance(gradients, tuple) else (gradients,)


def assert_close(got: float, exact: Any, scale: float) -> None:
    assert abs(mpmath.mpf(got) - exact) <= 1e-14 * abs(exact) + 1e-15 * scale


def usable(name: str, point: tuple[float, ...]) -> bool:
    if "Log" in name:
        return all(x > 0 for x in point) and math.prod(point) < 500
    return True


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_values_and_gradients_agree_with_50_digits(name: str) -> None:
    function, exact = {**ONE, **TWO}[name]
    points = [(x,) for x in POINTS] if name in ONE else [(x, y) for x in POINTS for y in POINTS]
    for point in filter(lambda point: usable(name, point), points):
        value, gradients = run(function, point, 3.0)
        wide = tuple(mpmath.mpf(x) for x in point)
        assert_close(value, exact(*wide), sum(map(abs, point)))
        for i, gradient in enumerate(gradients):
            order = tuple(int(i == j) for j in range(len(point)))
            derivative = mpmath.diff(exact, wide if len(wide) > 1 else wide[0], order if len(wide) > 1 else 1)
            scale = abs(float(derivative)) + sum(map(abs, point))
            assert abs(gradient - 3 * derivative) <= 1e-12 * scale + 1e-18


@pytest.mark.parametrize("name", [*ONE, *TWO])
@given(x=st.floats(0.5, 4), y=st.floats(0.5, 4))
def test_gradients_agree_with_central_differences(name: str, x: float, y: float) -> None:
    function, _ = {**ONE, **TWO}[name]
    point = (x,) if name in ONE else (x, y)
    _, gradients = run(function, point, 1.0)

    def forward(*at: float) -> float:
        return float(function.forward(Context(), *at))  # type: ignore[attr-defined]

    for i, gradient in enumerate(gradients):
        estimate = central_difference(forward, *point, arg=i)
        assert estimate == pytest.approx(gradient, rel=1e-4, abs=1e-4 * max(1.0, abs(forward(*point))))


@given(x=st.floats(-700, 700))
def test_sigmoid_never_overflows_and_its_tails_mirror(x: float) -> None:
    assert 0.0 <= operators.sigmoid(x) <= 1.0
    assert operators.sigmoid(x) + operators.sigmoid(-x) == pytest.approx(1.0, abs=1e-15)
    assert operators.sigmoid_back(x, 1.0) == operators.sigmoid_back(-x, 1.0)


@given(x=st.floats(-100, 100), y=st.floats(-100, 100))
def test_comparisons_are_ones_and_zeros_without_gradient(x: float, y: float) -> None:
    for function, holds in ((scalar_functions.LT, x < y), (scalar_functions.EQ, x == y)):
        assert run(function, (x, y), 5.0) == (float(holds), (0.0, 0.0))


@given(numbers=st.lists(st.floats(-100, 100), max_size=10))
def test_lists_fold_and_map(numbers: list[float]) -> None:
    assert operators.negList(numbers) == [-x for x in numbers]
    assert operators.addLists(numbers, numbers) == [2 * x for x in numbers]
    assert operators.sum(numbers) == functools.reduce(operator.add, numbers, 0.0)
    assert operators.prod(numbers) == math.prod(numbers, start=1.0)


@given(x=st.floats(-10, 10), y=st.floats(-10, 10))
def test_plain_operators_are_what_they_say(x: float, y: float) -> None:
    assert operators.max(x, y) == max(x, y)
    assert operators.id(x) == x
    assert operators.is_close(x, x + 0.005)
    assert not operators.is_close(x, x + 0.02)
    assert operators.relu_back(x, 2.0) == (2.0 if x > 0 else 0.0)
