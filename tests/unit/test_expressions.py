"""The exercise language: what it takes, what it refuses, and its derivatives."""

from __future__ import annotations

import contextlib
import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.oracle.dual import Undefined
from grader.oracle.expressions import ExpressionError, parse

mpmath.mp.dps = 50
LINE = (-math.inf, math.inf)

EXACT = {
    "x ** 2": lambda x: x**2,
    "x ** 3 - 2 * x + 1": lambda x: x**3 - 2 * x + 1,
    "log(x)": mpmath.log,
    "exp(x)": mpmath.exp,
    "sqrt(x)": mpmath.sqrt,
    "inv(x)": lambda x: 1 / x,
    "1 / (1 + exp(-x))": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sigmoid(x)": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh(x)": mpmath.tanh,
    "sin(x) * cos(x)": lambda x: mpmath.sin(x) * mpmath.cos(x),
    "tan(x)": mpmath.tan,
    "x ** x": lambda x: x**x,
    "2 ** x": lambda x: mpmath.mpf(2) ** x,
    "x ** 0.5": mpmath.sqrt,
    "x ** -2": lambda x: x**-2,
    "log(1 + exp(x))": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "where(x > 1, x * x, 3 * x)": lambda x: x * x if x > 1 else 3 * x,
    "max(x, 1) + min(x, 2) + relu(x) + abs(x)": lambda x: max(x, 1) + min(x, 2) + max(x, 0) + abs(x),
}


@pytest.mark.parametrize("text", EXACT)
@pytest.mark.parametrize("x", [1e-3, 0.3, 0.7, 1.4, 2.9, 7.0])
def test_values_and_derivatives_agree_with_50_digits(text: str, x: float) -> None:
    answer = parse(text, ["x"]).answer([x])
    exact, slope = EXACT[text](mpmath.mpf(x)), mpmath.diff(EXACT[text], mpmath.mpf(x))
    assert abs(answer.value - exact) <= 1e-14 * (1 + abs(exact))
    ((lo, hi),) = answer.partials
    assert lo == hi
    assert abs(lo - slope) <= 2e-13 * (1 + abs(slope))


@pytest.mark.parametrize(
    ("text", "point", "partials"),
    [
        ("relu(x)", (0.0,), ((0.0, 1.0),)),
        ("3 * relu(-x)", (0.0,), ((-3.0, 0.0),)),
        ("abs(x)", (0.0,), ((-1.0, 1.0),)),
        ("max(x, y)", (2.0, 2.0), ((0.0, 1.0), (0.0, 1.0))),
        ("min(x, 3 * y)", (3.0, 1.0), ((0.0, 1.0), (0.0, 3.0))),
        ("where(x > 0, x, 0)", (0.0,), ((0.0, 1.0),)),
        ("where(x > 0, 1, 0)", (0.0,), (LINE,)),
        ("x < y", (1.0, 1.0), (LINE, LINE)),
        ("x < y", (1.0, 2.0), ((0.0, 0.0), (0.0, 0.0))),
        ("y * relu(x)", (0.0, 0.0), ((0.0, 0.0), (0.0, 0.0))),
    ],
)
def test_kinks_give_intervals_and_jumps_give_the_line(
    text: str, point: tuple[float, ...], partials: tuple[tuple[float, float], ...]
) -> None:
    assert parse(text, ["x", "y"][: len(point)]).answer(point).partials == partials


def test_the_gap_is_the_narrowest_comparison_met() -> None:
    expression = parse("where(x < y, x, y) + (x > 3)", ["x", "y"])
    assert expression.answer([1.0, 1.5]).gap == 0.5
    assert expression.answer([1.0, 1.0]).gap == 0.0
    assert parse("max(x, y)", ["x", "y"]).answer([1.0, 1.0]).gap == math.inf


@pytest.mark.parametrize("text", ["log(x)", "1 / x", "sqrt(x)", "x ** -1", "inv(x)", "x ** 0.5", "log(x - 1)"])
def test_where_there_is_no_finite_value_it_is_undefined(text: str) -> None:
    with pytest.raises(Undefined):
        parse(text, ["x"]).answer([0.0])


def test_overflow_is_undefined_too() -> None:
    for text in ("exp(x)", "x ** 400", "exp(x) * exp(x)"):
        with pytest.raises(Undefined):
            parse(text, ["x"]).value([1000.0])


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("x ^ 2", 3, "a power is written **, not ^"),
        ("2 * logg(x)", 5, "unknown function 'logg'; did you mean 'log'?"),
        ("xx + y", 1, "unknown name 'xx'; did you mean 'x'?"),
        ("x if x else y", 1, "ifexp has no place in a formula"),
        ("'a'", 1, "'a' is not a real number"),
        ("True", 1, "'True' is not a real number"),
        ("1j * x", 1, "'1j' is not a real number"),
        ("1e999", 1, "the number is too large"),
        ("x.real", 1, "attribute has no place in a formula"),
        ("x < y < 1", 1, "a comparison is one of < <= > >= == !=, between two terms"),
        ("where(x, 1, 2)", 7, "the first argument of where is a comparison"),
        ("exp(x, y)", 1, "exp takes 1 argument, not 2"),
        ("", 1, "this is not a formula"),
        ("x\n+ 1", 1, "the formula should be one line"),
        ("not x", 1, "only + and - may stand before a term"),
        ("x // 2", 1, "the operators are + - * / **"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ["x", "y"])
    assert (caught.value.column, caught.value.message) == (column, message)


@given(st.text(alphabet="xy0123456789.+-*/()<>=, elogmaxwhr_'\"\\{}[]:@#\x00é", max_size=60))
def test_any_text_is_a_formula_or_an_expression_error(text: str) -> None:
    try:
        expression = parse(text, ["x", "y"])
    except ExpressionError:
        return
    with contextlib.suppress(Undefined):
        assert math.isfinite(expression.value([1.5, 2.5]))


@pytest.mark.parametrize("text", ["(" * 500 + "x" + ")" * 500, "-" * 900 + "x", "+".join("x" * 400), "9" * 900])
def test_size_and_depth_are_bounded(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text, ["x"])


@pytest.mark.parametrize("text", ["sin(1e300 * x) * 1e100", "sin(1e300 * x) * 1e100 - x * sin(1e300 * x) * 1e100"])
def test_a_derivative_that_overflows_is_undefined(text: str) -> None:
    with pytest.raises(Undefined):
        parse(text, ["x"]).answer([1.0])


def test_a_tie_whose_sides_are_flat_is_still_a_jump() -> None:
    expression = parse("where(x * x > 0, (exp(x) - 1) / x, 1)", ["x"])
    answer = expression.answer([0.0])
    assert (answer.value, answer.partials, answer.gap) == (1.0, (LINE,), 0.0)


def test_a_comparison_of_constants_is_no_jump() -> None:
    assert parse("where(2 <= 2, x * x, 0)", ["x"]).answer([3.0]).partials == ((6.0, 6.0),)


def test_a_whole_exponent_that_varies_needs_a_positive_base() -> None:
    with pytest.raises(Undefined):
        parse("x ** (y * y)", ["x", "y"]).answer([-2.0, 0.0])
    assert parse("x ** (1 + 1)", ["x"]).answer([-3.0]).partials == ((-6.0, -6.0),)


@pytest.mark.parametrize(("text", "column"), [("ｘ + 1", 1), ("x × y", 3), ("2 * é", 5), ("\ud800", 1)])
def test_signs_beyond_ascii_are_refused_where_they_stand(text: str, column: int) -> None:
    with pytest.raises(ExpressionError, match="has no place in a formula") as caught:
        parse(text, ["x", "y"])
    assert caught.value.column == column


def test_an_argument_may_have_a_greek_name_and_columns_still_count_signs() -> None:
    assert parse("θ * θ", ["θ"]).answer([3.0]).partials == ((6.0, 6.0),)
    with pytest.raises(ExpressionError) as caught:
        parse("  θ * yy", ["θ"])
    assert caught.value.column == 7
