"""Dual numbers: derivatives against 50 digits, intervals at kinks, the whole line at jumps."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Interval
from grader.oracle import dual
from grader.oracle.dual import LINE, Dual, Undefined

ZERO: Interval = (0.0, 0.0)
ONE: Interval = (1.0, 1.0)

Reals = Callable[[mpmath.mpf], mpmath.mpf]
SMOOTH: dict[str, tuple[Callable[[Dual], Dual], Reals, Reals]] = {
    "log": (dual.log, mpmath.log, lambda x: 1 / x),
    "exp": (dual.exp, mpmath.exp, mpmath.exp),
    "sqrt": (dual.sqrt, mpmath.sqrt, lambda x: 1 / (2 * mpmath.sqrt(x))),
    "inv": (dual.inv, lambda x: 1 / x, lambda x: -1 / x**2),
    "sin": (dual.sin, mpmath.sin, mpmath.cos),
    "cos": (dual.cos, mpmath.cos, lambda x: -mpmath.sin(x)),
    "tan": (dual.tan, mpmath.tan, lambda x: mpmath.sec(x) ** 2),
    "tanh": (dual.tanh, mpmath.tanh, lambda x: mpmath.sech(x) ** 2),
    "sigmoid": (dual.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), lambda x: mpmath.sech(x / 2) ** 2 / 4),
    "relu": (dual.relu, lambda x: max(x, mpmath.mpf(0)), lambda x: mpmath.mpf(x > 0)),
    "abs": (dual.absolute, abs, mpmath.sign),
}
POSITIVE_ONLY = {"log", "sqrt"}
MAGNITUDES = [1e-6, 1e-3, 0.1, 0.4, 0.9, 1.3, 3.7, 12.0, 40.0, 300.0]
POINTS = [
    (name, sign * x) for name in SMOOTH for x in MAGNITUDES for sign in (1, -1) if sign > 0 or name not in POSITIVE_ONLY
]


def of(value: float, partial: Interval = ONE) -> Dual:
    return Dual(value, (partial,))


def pair(x: float, y: float) -> tuple[Dual, Dual]:
    return Dual(x, (ONE, ZERO)), Dual(y, (ZERO, ONE))


def close(found: float, exact: mpmath.mpf, relative: float = 1e-13) -> bool:
    return bool(abs(mpmath.mpf(found) - exact) <= relative * abs(exact))


@pytest.mark.parametrize(("name", "x"), POINTS)
def test_a_function_of_one_argument_agrees_with_50_digits(name: str, x: float) -> None:
    function, value, derivative = SMOOTH[name]
    with mpmath.workdps(50):
        found, at = function(of(x)), mpmath.mpf(x)
        assert close(found.value, value(at))
        assert found.partials[0][0] == found.partials[0][1]
        assert close(found.partials[0][0], derivative(at))


def test_every_function_of_the_language_is_held_to_50_digits() -> None:
    assert set(SMOOTH) == set(dual.ONE_ARGUMENT)


@given(st.floats(0.01, 100), st.floats(-3, 3))
def test_arithmetic_agrees_with_50_digits(x: float, y: float) -> None:
    y = y if abs(y) > 1e-3 else 1.5
    a, b = pair(x, y)
    with mpmath.workdps(50):
        p, q = mpmath.mpf(x), mpmath.mpf(y)
        cases = [
            (dual.multiply, p * q, q, p),
            (dual.divide, p / q, 1 / q, -p / q**2),
            (dual.power, p**q, q * p ** (q - 1), p**q * mpmath.log(p)),
            (dual.add, p + q, mpmath.mpf(1), mpmath.mpf(1)),
            (dual.subtract, p - q, mpmath.mpf(1), mpmath.mpf(-1)),
        ]
        for operator, value, by_x, by_y in cases:
            found = operator(a, b)
            assert abs(found.value - value) <= 1e-13 * (abs(value) if operator is not dual.add else p + abs(q))
            assert close(found.partials[0][0], by_x)
            assert close(found.partials[1][0], by_y)


@pytest.mark.parametrize(
    ("x", "n"), [(-3.0, 2.0), (-3.0, 3.0), (-0.5, -1.0), (0.0, 2.0), (0.0, 1.0), (-2.0, 0.0), (7.0, 0.5)]
)
def test_a_constant_power_takes_any_base_if_it_is_whole(x: float, n: float) -> None:
    found = dual.constant_power(of(x), of(n, ZERO))
    assert found.value == x**n
    assert found.partials[0][0] == pytest.approx(n * x ** (n - 1) if n else 0.0, rel=1e-15)


@pytest.mark.parametrize(
    ("operator", "x", "y"),
    [
        (dual.divide, 1.0, 0.0),
        (dual.power, -2.0, 2.0),
        (dual.power, 0.0, 2.0),
        (dual.constant_power, 0.0, 0.5),
        (dual.constant_power, -1.0, 0.5),
        (dual.multiply, 1e200, 1e200),
        (dual.add, 1.7e308, 1.7e308),
    ],
)
def test_what_is_not_a_finite_real_is_undefined(operator: Callable[[Dual, Dual], Dual], x: float, y: float) -> None:
    with pytest.raises(Undefined):
        operator(*pair(x, y))


@pytest.mark.parametrize("name", ["log", "sqrt", "inv"])
def test_a_function_is_undefined_at_the_edge_of_its_domain(name: str) -> None:
    with pytest.raises(Undefined):
        dual.ONE_ARGUMENT[name](of(0.0))


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_a_dual_is_finite(x: float) -> None:
    with pytest.raises(Undefined):
        of(x)


@pytest.mark.parametrize("x", [-745.0, -500.0, 500.0, 745.0, 1e4, -1e4])
def test_sigmoid_and_tanh_never_overflow(x: float) -> None:
    assert dual.sigmoid(of(x)).value == pytest.approx(float(x > 0), abs=1e-200)
    assert dual.tanh(of(x)).value == math.copysign(1.0, x)


@pytest.mark.parametrize("slope", [2.0, -3.0])
def test_a_kink_is_carried_through_what_follows_and_what_came_before(slope: float) -> None:
    lo, hi = sorted((0.0, slope))
    assert dual.relu(of(0.0, (slope, slope))).partials == ((lo, hi),)
    assert dual.absolute(of(0.0, (slope, slope))).partials == ((-abs(slope), abs(slope)),)
    assert dual.relu(of(0.0)).through(0.0, slope).partials == ((lo, hi),)


@pytest.mark.parametrize("function", [dual.larger, dual.smaller])
def test_a_tie_shares_the_slope_between_its_arguments(function: Callable[[Dual, Dual], Dual]) -> None:
    assert function(*pair(2.0, 2.0)).partials == ((0.0, 1.0), (0.0, 1.0))
    assert function(of(0.0, (2.0, 2.0)), of(0.0, (-1.0, -1.0))).partials == ((-1.0, 2.0),)


def test_away_from_a_tie_one_argument_has_all_of_it() -> None:
    assert dual.larger(*pair(3.0, 2.0)).partials == (ONE, ZERO)
    assert dual.smaller(*pair(3.0, 2.0)).partials == (ZERO, ONE)


def test_branches_that_meet_give_a_hull_and_branches_that_do_not_the_line() -> None:
    assert dual.either(of(1.0, (2.0, 2.0)), of(1.0, (-5.0, -5.0))).partials == ((-5.0, 2.0),)
    assert dual.either(of(1.0), of(1.5)).partials == (LINE,)
    assert dual.either(of(1.0), of(1.5)).value == 1.0


def test_a_jump_stays_a_jump_unless_it_is_multiplied_by_zero() -> None:
    jump = of(1.0, LINE)
    for after in (dual.negate(jump), dual.add(jump, of(2.0)), dual.subtract(jump, jump), dual.multiply(jump, of(-2.0))):
        assert after.partials == (LINE,)
    assert jump.through(0.0, 0.0).partials == (ZERO,)
    assert jump.through_kink(0.0, (0.0, 1.0)).partials == (LINE,)


@pytest.mark.parametrize(
    ("partial", "judgeable"),
    [(ONE, True), (LINE, True), ((0.0, math.inf), False), ((math.inf, math.inf), False), ((math.nan, math.nan), False)],
)
def test_an_infinity_that_is_not_the_whole_line_is_an_overflow(partial: Interval, judgeable: bool) -> None:
    assert dual.judgeable((ZERO, partial)) is judgeable


ends = st.floats(-1e6, 1e6)
intervals = st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))
share = st.floats(0, 1)


def inside(interval: Interval, at: float) -> float:
    lo, hi = interval
    return min(max(lo + (hi - lo) * at, lo), hi)


@given(intervals, intervals, share, share, ends)
def test_interval_arithmetic_holds_what_its_members_give(
    one: Interval, other: Interval, s: float, t: float, factor: float
) -> None:
    a, b = inside(one, s), inside(other, t)
    results = {
        dual.plus(one, other): a + b,
        dual.times(one, other): a * b,
        dual.scaled(one, factor): a * factor,
        dual.hull(one, other): b,
    }
    for (lo, hi), member in results.items():
        assert lo <= member <= hi


@given(intervals)
def test_zero_times_anything_is_zero(interval: Interval) -> None:
    for anything in (interval, LINE, (0.0, math.inf)):
        assert dual.times(anything, ZERO) == dual.times(ZERO, anything) == dual.scaled(anything, 0.0) == ZERO
