"""certify: agrees with the right derivative, disagrees with a wrong one, and says when it cannot tell."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest

from grader.numerics import central_difference, certify

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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_right_derivative_is_never_refused(name: str) -> None:
    f, derivative = FUNCTIONS[name]
    verdicts = [certify(batch(f), (x,), 0, derivative(x)).verdict for x in points(300)]
    assert "disagree" not in verdicts
    assert verdicts.count("agree") > 150  # tanh is flat to rounding beyond 20: nothing can be told there


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("a constant", "tanh", "sigmoid")])
def test_a_derivative_that_is_one_per_mille_off_is_never_taken(name: str) -> None:
    f, derivative = FUNCTIONS[name]
    verdicts = [certify(batch(f), (x,), 0, derivative(x) * 1.001).verdict for x in points(300)]
    assert "agree" not in verdicts
    assert verdicts.count("disagree") > 200


@pytest.mark.parametrize(("claimed", "verdict"), [(0.3, "agree"), (-1.0, "agree"), (1.3, "undecidable")])
def test_at_a_kink_any_slope_between_the_sides_will_do(claimed: float, verdict: str) -> None:
    assert certify(batch(abs), (0.0,), 0, claimed).verdict == verdict


def test_a_function_that_fails_around_the_point_is_undecidable() -> None:
    assert certify(lambda points: [None for _ in points], (1.0,), 0, 1.0).verdict == "undecidable"
    assert central_difference(lambda points: [math.nan for _ in points], (1.0,), 0) is None


def test_the_other_argument_stands_still() -> None:
    def f(points: Sequence[tuple[float, ...]]) -> list[float | None]:
        return [x * y * y for x, y in points]

    assert certify(f, (2.0, 3.0), 1, 12.0).verdict == "agree"
    assert certify(f, (2.0, 3.0), 0, 9.0).verdict == "agree"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "exp(x/1000)"])  # loses 1e4 units inside
def test_the_estimate_that_is_shown_lies_within_its_bound(name: str) -> None:
    f, derivative = FUNCTIONS[name]
    for x in points(200):
        found = central_difference(batch(f), (x,), 0)
        assert found is not None
        assert abs(found[0] - derivative(x)) <= found[1]


@pytest.mark.parametrize("claimed", [math.inf, -math.inf, math.nan, 1e308])
def test_a_claim_that_is_no_number_is_refused(claimed: float) -> None:
    assert certify(batch(lambda x: x * x), (3.0,), 0, claimed).verdict == "disagree"


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan, 5e-324, 1e-320, 1e308, -1.7e308, -0.0])
@pytest.mark.parametrize("f", [lambda x: x, lambda x: math.copysign(1.7e308, x - 1), lambda _: math.nan])
def test_no_float_makes_it_raise_or_agree_by_overflow(f: Callable[[float], float], x: float) -> None:
    assert certify(batch(f), (x,), 0, 5.0).verdict in ("disagree", "undecidable")
    found = central_difference(batch(f), (x,), 0)
    assert found is None or all(map(math.isfinite, found))


def test_a_quotient_that_overflows_is_undecidable() -> None:
    assert certify(batch(lambda x: 1.7e308 if x > 1 else -1.7e308), (1.0,), 0, 5.0).verdict == "undecidable"


def test_at_a_kink_the_bound_that_is_shown_spans_both_slopes() -> None:
    assert central_difference(batch(abs), (0.0,), 0) == (0.0, pytest.approx(1.0))
