"""Micrograd as a course would test it: pytest and Hypothesis, values against floats, gradients by central difference.

100 examples a test, floats in [-100, 100], and 1 % or 0.01 of tolerance.
"""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from micrograd.engine import Value  # type: ignore[import-not-found] # as a course has it

settings.register_profile("course", max_examples=100, derandomize=True, database=None, deadline=None)
settings.load_profile("course")

small_floats = st.floats(min_value=-100, max_value=100, allow_nan=False)
EPSILON = 1e-6

Case = tuple[str, Callable[..., Any], Callable[..., float]]
ONE: tuple[Case, ...] = (
    ("add a number", lambda a: a + 2, lambda a: a + 2),
    ("number add", lambda a: 2 + a, lambda a: 2 + a),
    ("times a number", lambda a: a * 3, lambda a: a * 3),
    ("number times", lambda a: 3 * a, lambda a: 3 * a),
    ("neg", lambda a: -a, lambda a: -a),
    ("minus a number", lambda a: a - 2, lambda a: a - 2),
    ("number minus", lambda a: 2 - a, lambda a: 2 - a),
    ("cube", lambda a: a**3, lambda a: a**3),
    ("inverse square", lambda a: (a + 200) ** -2, lambda a: (a + 200) ** -2),
    ("divided by a number", lambda a: a / 2, lambda a: a / 2),
    ("number divided", lambda a: 2 / (a + 150), lambda a: 2 / (a + 150)),
    ("relu", lambda a: (a + 5.5).relu(), lambda a: max(a + 5.5, 0.0)),
    ("tanh", lambda a: (a * 0.05).tanh(), lambda a: math.tanh(a * 0.05)),
    ("exp", lambda a: (a * 0.05).exp(), lambda a: math.exp(a * 0.05)),
    ("used twice", lambda a: a * a + a, lambda a: a * a + a),
    ("used again", lambda a: (a + a) * (a * 2), lambda a: 4 * a * a),
    ("adds up after a power", lambda a: a**2 + a, lambda a: a**2 + a),
    ("adds up after relu", lambda a: a.relu() + a, lambda a: max(a, 0.0) + a),
    ("adds up after tanh", lambda a: (a * 0.05).tanh() + a, lambda a: math.tanh(a * 0.05) + a),
    ("adds up after exp", lambda a: (a * 0.05).exp() + a, lambda a: math.exp(a * 0.05) + a),
)
TWO: tuple[Case, ...] = (
    ("add", lambda a, b: a + b, lambda a, b: a + b),
    ("mul", lambda a, b: a * b, lambda a, b: a * b),
    ("sub", lambda a, b: a - b, lambda a, b: a - b),
    ("div", lambda a, b: a / (b + 150), lambda a, b: a / (b + 150)),
    ("diamond", lambda a, b: (a * b + a) * (a * b - b), lambda a, b: (a * b + a) * (a * b - b)),
    ("neuron", lambda a, b: (a * 0.01 * b + 0.5).tanh(), lambda a, b: math.tanh(a * 0.01 * b + 0.5)),
)


def assert_close(a: float, b: float) -> None:
    assert abs(a - b) <= 1e-2 + 1e-2 * abs(b), f"{a} is not close to {b}"


def check(case: Case, *xs: float) -> None:
    """Compare the value with Python's, and each gradient with a central difference of it."""
    leaves = [Value(x) for x in xs]
    out = case[1](*leaves)
    assert_close(out.data, case[2](*xs))
    out.backward()
    for i, leaf in enumerate(leaves):
        above, below = list(xs), list(xs)
        above[i] += EPSILON
        below[i] -= EPSILON
        assert_close(leaf.grad, (case[2](*above) - case[2](*below)) / (2 * EPSILON))


def away_from_kinks(case: Case, x: float) -> bool:
    return "relu" not in case[0] or (abs(x) > 1e-3 and abs(x + 5.5) > 1e-3)


@pytest.mark.parametrize("case", ONE, ids=[case[0] for case in ONE])
@given(small_floats)
def test_one_argument(case: Case, x: float) -> None:
    if away_from_kinks(case, x):
        check(case, x)


@pytest.mark.parametrize("case", TWO, ids=[case[0] for case in TWO])
@given(small_floats, small_floats)
def test_two_arguments(case: Case, x: float, y: float) -> None:
    check(case, x, y)


def test_nodes_on_the_way_have_gradients() -> None:
    a, b = Value(2.0), Value(-3.0)
    c = a * b
    d = c + a
    (d * c).backward()
    assert (d.grad, c.grad, a.grad, b.grad) == (-6.0, -10.0, 24.0, -20.0)


def test_a_lone_leaf() -> None:
    a = Value(4.0)
    a.backward()
    assert a.grad == 1.0
