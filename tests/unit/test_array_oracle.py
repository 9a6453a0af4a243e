"""The oracle of arrays, held against differences, 50-digit arithmetic and another implementation; and the draw."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Sequence
from typing import Any

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest

from grader.model import Domain
from grader.oracle.array_dual import answer, value
from grader.oracle.array_formulas import ArrayFormula, parse
from grader.oracle.array_inputs import A_ROW, COTANGENTS, PATTERN, draw, usable
from grader.oracle.dual import Undefined
from grader.oracle.jacobians import pulled_back
from grader.oracle.shapes import size

REAL = Domain(-1e4, 1e4)
POSITIVE = Domain(0.0, 1e4, nonzero=True)


def logsumexp(x: Any, axis: int) -> Any:
    return anp.log(anp.sum(anp.exp(x), axis=axis))


FORMULAS: dict[str, tuple[dict[str, tuple[int, ...]], Any]] = {
    "a @ b": ({"a": (3, 4), "b": (4, 2)}, lambda a, b: a @ b),
    "matmul(a, b)": ({"a": (2, 3, 4), "b": (4, 2)}, anp.matmul),
    "a @ b + sum(a)": ({"a": (2, 3, 4), "b": (2, 4, 3)}, lambda a, b: anp.matmul(a, b) + anp.sum(a)),
    "sum(a, (0, -1))": ({"a": (2, 3, 4)}, lambda a: anp.sum(a, axis=(0, 2))),
    "mean(a * b, 1)": ({"a": (2, 3), "b": (3,)}, lambda a, b: anp.mean(a * b, axis=1)),
    "max(a, 1)": ({"a": (2, 3)}, lambda a: anp.max(a, axis=1)),
    "min(a, 0, True)": ({"a": (2, 3)}, lambda a: -anp.max(-a, axis=0, keepdims=True)),
    "reshape(a, (3, -1)) * 2": ({"a": (2, 6)}, lambda a: anp.reshape(a, (3, 4)) * 2),
    "transpose(a) @ b": ({"a": (3, 2), "b": (3, 2)}, lambda a, b: a.T @ b),
    "permute(a, (1, 2, 0)) * b": (
        {"a": (2, 3, 4), "b": (4, 1)},
        lambda a, b: anp.transpose(a, (1, 2, 0)) * b,
    ),
    "broadcast_to(a, (3, 4)) * b": ({"a": (3, 1), "b": (3, 4)}, lambda a, b: a * b),
    "concatenate((a, b * b), 1)": ({"a": (2, 1), "b": (2, 2)}, lambda a, b: anp.concatenate((a, b * b), axis=1)),
    "stack((a, exp(b)), 0)": ({"a": (2,), "b": (2,)}, lambda a, b: anp.stack((a, anp.exp(b)))),
    "a[1:, 0] * a[0, 1]": ({"a": (3, 2)}, lambda a: a[1:, 0] * a[0, 1]),
    "exp(a) / (1 + b ** 2)": ({"a": (2, 1), "b": (3,)}, lambda a, b: anp.exp(a) / (1 + b**2)),
    "tanh(a) - sin(a) * cos(a)": ({"a": (2, 2)}, lambda a: anp.tanh(a) - anp.sin(a) * anp.cos(a)),
    "sigmoid(a) + abs(a)": ({"a": (2, 2)}, lambda a: 1 / (1 + anp.exp(-a)) + anp.abs(a)),
    "relu(a @ b) @ c": (
        {"a": (2, 3), "b": (3, 2), "c": (2,)},
        lambda a, b, c: anp.maximum(a @ b, 0) @ c,
    ),
    "logsumexp(a, 1)": ({"a": (2, 3)}, lambda a: logsumexp(a, axis=1)),
    "softmax(a, 1) * b": (
        {"a": (2, 3), "b": (3,)},
        lambda a, b: anp.exp(a) / anp.sum(anp.exp(a), axis=1, keepdims=True) * b,
    ),
    "mean(logsumexp(z, 1) - sum(z * y, 1))": (
        {"z": (3, 2), "y": (3, 2)},
        lambda z, y: anp.mean(logsumexp(z, axis=1) - anp.sum(z * y, axis=1)),
    ),
    "where(a < b, a * a, b) + maximum(a, b)": (
        {"a": (2, 1), "b": (3,)},
        lambda a, b: anp.where(a < b, a * a, b + 0 * a) + anp.maximum(a, b),
    ),
    "a * a + a": ({"a": (2, 2)}, lambda a: a * a + a),
    "2 / a - c": ({"a": (2,), "c": ()}, lambda a, c: 2 / a - c),
}


def entries(shapes: dict[str, tuple[int, ...]], seed: str) -> list[tuple[float, ...]]:
    source = random.Random(seed)
    return [tuple(source.choice((-1, 1)) * source.randint(3, 40) / 16 for _ in range(size(s))) for s in shapes.values()]


@pytest.mark.parametrize("text", FORMULAS)
def test_vector_jacobian_products_are_those_of_another_implementation(text: str) -> None:
    shapes, other = FORMULAS[text]
    formula, args = parse(text, shapes), entries(shapes, text)
    cotangent = entries({"out": formula.shape}, f"{text} back")[0]
    arrays = [np.array(flat).reshape(shape) for flat, shape in zip(args, shapes.values())]
    found = answer(formula, args)
    assert np.allclose(np.array(found.value).reshape(formula.shape), other(*arrays), rtol=1e-12, atol=1e-12)
    ours = pulled_back(found, cotangent, [size(shape) for shape in shapes.values()])
    for i, gradient in enumerate(ours):
        back, _ = autograd.make_vjp(other, i)(*arrays)
        theirs = back(np.array(cotangent).reshape(formula.shape))
        assert np.allclose([lo for lo, _ in gradient], np.ravel(theirs), rtol=1e-11, atol=1e-11), i
        assert all(lo == hi for lo, hi in gradient)


@pytest.mark.parametrize("text", FORMULAS)
def test_partials_are_central_differences(text: str) -> None:
    shapes, _ = FORMULAS[text]
    formula, args = parse(text, shapes), entries(shapes, text)
    partials = answer(formula, args).partials
    places = [(i, j) for i, flat in enumerate(args) for j in range(len(flat))]
    for column, (i, j) in enumerate(places):
        up, down = (value(formula, _moved(args, i, j, by)) for by in (2.0**-18, -(2.0**-18)))
        for row, (above, below) in enumerate(zip(up, down)):
            slope = (above - below) * 2.0**17
            assert math.isclose(partials[row][column][0], slope, rel_tol=1e-7, abs_tol=1e-7)


def _moved(args: Sequence[tuple[float, ...]], i: int, j: int, by: float) -> list[tuple[float, ...]]:
    return [tuple(x + by * (k == i and n == j) for n, x in enumerate(flat)) for k, flat in enumerate(args)]


def test_softmax_and_logsumexp_hold_against_fifty_digits() -> None:
    z = (30.0, -20.0, 0.5, 29.5)
    with mpmath.workdps(50):
        total = sum(mpmath.exp(x) for x in z)
        soft = [mpmath.exp(x) / total for x in z]
        told = answer(parse("softmax(a, 0)", {"a": (4,)}), [z])
        for i, j in itertools.product(range(4), repeat=2):
            exact = soft[i] * ((i == j) - soft[j])
            assert abs(told.partials[i][j][0] - exact) <= 1e-13 * max(abs(exact), mpmath.mpf("1e-30")) + 1e-30
        log = answer(parse("logsumexp(a)", {"a": (4,)}), [z])
        assert abs(log.value[0] - mpmath.log(total)) < 1e-13 * abs(log.value[0])
        assert all(abs(lo - one) <= 1e-13 for (lo, _), one in zip(log.partials[0], soft))


def test_nothing_overflows_in_a_softmax_of_large_numbers() -> None:
    assert answer(parse("logsumexp(a)", {"a": (2,)}), [(1000.0, 999.0)]).value[0] == pytest.approx(1000.3132616875182)


def test_between_equal_entries_of_a_maximum_anything_in_the_hull_is_right() -> None:
    told = answer(parse("max(a)", {"a": (3,)}), [(2.0, 1.0, 2.0)])
    assert told.partials == (((0.0, 1.0), (0.0, 0.0), (0.0, 1.0)),)
    assert pulled_back(told, (-3.0,), [3]) == (((-3.0, 0.0), (0.0, 0.0), (-3.0, 0.0)),)
    three = answer(parse("min(a)", {"a": (3,)}), [(1.0, 1.0, 1.0)])
    assert three.partials == (((0.0, 1.0), (0.0, 1.0), (0.0, 1.0)),)


def test_at_a_kink_any_slope_between_is_right_and_a_jump_is_not_judged() -> None:
    assert answer(parse("relu(a)", {"a": (2,)}), [(0.0, 1.0)]).partials[0][0] == (0.0, 1.0)
    told = answer(parse("a < b", {"a": (2,), "b": (1,)}), [(1.0, 2.0), (1.0,)])
    assert told.partials[0][0] == (-math.inf, math.inf)
    assert told.partials[1] == ((0.0, 0.0),) * 3


@pytest.mark.parametrize(("text", "args"), [("log(a)", (1.0, 0.0)), ("1 / a", (0.0, 1.0)), ("exp(a)", (1e6, 1.0))])
def test_where_a_formula_has_no_value_it_says_so(text: str, args: tuple[float, ...]) -> None:
    formula = parse(text, {"a": (2,)})
    with pytest.raises(Undefined):
        answer(formula, [args])
    assert usable(formula, [args], (1.0, 1.0)) is None


def corpus(text: str, shapes: dict[str, tuple[int, ...]], domain: Domain = REAL, seed: str = "s") -> Any:
    return draw([parse(text, shapes)], [domain] * len(shapes), 40, seed)


def test_the_same_seed_gives_the_same_inputs_and_another_others() -> None:
    first = corpus("a * b", {"a": (2, 3), "b": (3,)})
    assert first == corpus("a * b", {"a": (2, 3), "b": (3,)})
    assert first != corpus("a * b", {"a": (2, 3), "b": (3,)}, seed="other")
    assert len(first.inputs) == A_ROW


@pytest.mark.parametrize("text", ["relu(a) * b", "a * b", "max(a, 1) + sum(b)"])
def test_entries_are_exact_in_single_precision_and_cotangents_never_ones(text: str) -> None:
    for one in corpus(text, {"a": (2, 3), "b": (2, 3)} if "max" not in text else {"a": (2, 3), "b": (2,)}).inputs:
        for flat in (*one.args, one.cotangent):
            assert all(float(np.float32(x)) == x for x in flat)
        assert set(one.cotangent) != {1.0}
        assert 0.0 not in one.cotangent


def test_a_formula_with_kinks_gets_equal_entries_and_zeros() -> None:
    inputs = corpus("relu(a)", {"a": (3, 3)}).inputs
    assert PATTERN[1] == "ties"
    assert 0.0 in inputs[1].args[0]
    assert len(set(inputs[1].args[0])) <= 5


def test_entries_keep_to_their_domain() -> None:
    for domain in (POSITIVE, Domain(0.25, 0.5), Domain(-1e4, 1e4, nonzero=True), Domain(100.0, 200.0)):
        for one in corpus("a + 0", {"a": (3, 3)}, domain).inputs:
            assert all(domain.lo <= x <= domain.hi for x in one.args[0])


def test_a_domain_without_a_judgeable_input_is_the_authors_to_widen() -> None:
    with pytest.raises(ValueError, match="no input for the shapes a \\(2,\\) can be drawn from its domain; widen it"):
        corpus("exp(a * a)", {"a": (2,)}, Domain(100.0, 200.0))


def test_every_row_is_asked_even_where_few_inputs_are_wanted() -> None:
    rows: list[ArrayFormula] = [parse("a", {"a": (n,)}) for n in (1, 2, 3)]
    assert [one.row for one in draw(rows, [REAL], 1, "s").inputs] == [0, 1, 2]
    assert len(draw(rows, [REAL], 6, "s").inputs) == 6


@functools.cache
def _sent(errors: tuple[float, ...], cotangents: tuple[float, ...]) -> int:
    """Return how many pairs of cotangents hide an error in two entries of a Jacobian."""
    return sum(abs(errors[0] * c + errors[1] * d) < 1e-9 for c, d in itertools.product(cotangents, repeat=2))


@pytest.mark.parametrize("errors", [(1.0, 0.0), (1.0, 1.0), (1.0, -1.0), (0.5, 2.0), (3.0, 0.125)])
def test_one_random_cotangent_hides_a_wrong_jacobian_once_in_88_times(
    errors: tuple[float, ...],
) -> None:
    count = len(COTANGENTS)
    assert count == 88
    assert _sent(errors, COTANGENTS) / count**2 <= 1 / count
