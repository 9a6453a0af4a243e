"""Lecture 8, as a course would test it today: pytest and Hypothesis beside the student's code.

One test an exercise and 100 examples each. Values are compared with the formula, gradients with
MiniTorch's central difference of the student's own forward, at MiniTorch's tolerance. Unlike MiniTorch's
own tests these draw `d_out` too.
"""

import math
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from minitorch import lecture8  # type: ignore[import-not-found] # as a course has it
from minitorch.autodiff import Context, central_difference  # type: ignore[import-not-found] # as a course has it

settings.register_profile("course", max_examples=100, derandomize=True, database=None, deadline=None)
settings.load_profile("course")

real = st.floats(min_value=-100, max_value=100, allow_nan=False)
positive = st.floats(min_value=0.1, max_value=10, allow_nan=False)
d_out = st.floats(min_value=-3, max_value=3, allow_nan=False)


def close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-2 + 1e-2 * abs(b)


def check_forward(box: Any, formula: Callable[..., float], *args: float) -> None:
    assert close(box.forward(Context(), *args), formula(*args))


def check_backward(box: Any, d: float, *args: float) -> None:
    ctx = Context()
    box.forward(ctx, *args)
    gradients = box.backward(ctx, d)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    assert len(gradients) == len(args)
    for i, gradient in enumerate(gradients):
        numeric = central_difference(lambda *vals: box.forward(Context(), *vals), *args, arg=i)
        assert close(gradient, numeric * d)


@given(real)
def test_times_five_forward(x: float) -> None:
    check_forward(lecture8.TimesFive, lambda x: 5 * x, x)


@given(real, real)
def test_mul_forward(x: float, y: float) -> None:
    check_forward(lecture8.Mul, lambda x, y: x * y, x, y)


@given(real, d_out)
def test_times_five_backward(x: float, d: float) -> None:
    check_backward(lecture8.TimesFive, d, x)


@given(real, real, d_out)
def test_add_times_2(x: float, y: float, d: float) -> None:
    check_forward(lecture8.AddTimes2, lambda x, y: x + 2 * y, x, y)
    check_backward(lecture8.AddTimes2, d, x, y)


@given(real, d_out)
def test_square(x: float, d: float) -> None:
    check_forward(lecture8.Square, lambda x: x * x, x)
    check_backward(lecture8.Square, d, x)


@given(real, real, d_out)
def test_mul_backward(x: float, y: float, d: float) -> None:
    check_backward(lecture8.Mul, d, x, y)


@given(positive, d_out)
def test_log(x: float, d: float) -> None:
    check_forward(lecture8.Log, math.log, x)
    check_backward(lecture8.Log, d, x)


@given(real, d_out)
def test_exp(x: float, d: float) -> None:
    check_forward(lecture8.Exp, math.exp, x)
    check_backward(lecture8.Exp, d, x)


@given(real, d_out)
def test_chain_one_argument(x: float, d: float) -> None:
    check_forward(lecture8.SquareOfTimesFive, lambda x: (5 * x) ** 2, x)
    check_backward(lecture8.SquareOfTimesFive, d, x)


@given(real, real, d_out)
def test_chain_two_arguments(x: float, y: float, d: float) -> None:
    check_forward(lecture8.SquareOfAddTimes2, lambda x, y: (x + 2 * y) ** 2, x, y)
    check_backward(lecture8.SquareOfAddTimes2, d, x, y)


@given(positive, positive, d_out)
def test_log_plus_exp(x: float, y: float, d: float) -> None:
    check_forward(lecture8.LogPlusExp, lambda x, y: math.log(x * y) + math.exp(x * y), x, y)
    check_backward(lecture8.LogPlusExp, d, x, y)
