"""The reference's contexts, scalars, order and backpropagation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reference.autodiff import Context, backpropagate, central_difference, topological_sort
from reference.scalar import Scalar
from reference.scalar_functions import Mul

NUMBERS: dict[str, tuple[Callable[[Scalar], Scalar], float]] = {
    "x + 2": (lambda x: x + 2, 5.0),
    "2 + x": (lambda x: 2 + x, 5.0),
    "x - 2": (lambda x: x - 2, 1.0),
    "2 - x": (lambda x: 2 - x, -1.0),
    "x * 2": (lambda x: x * 2, 6.0),
    "2 * x": (lambda x: 2 * x, 6.0),
    "x / 2": (lambda x: x / 2, 1.5),
    "2 / x": (lambda x: 2 / x, 2 / 3),
    "-x": (lambda x: -x, -3.0),
    "x < 4": (lambda x: x < 4, 1.0),
    "x > 4": (lambda x: x > 4, 0.0),
    "x == 3": (lambda x: x == 3, 1.0),  # type: ignore[arg-type, return-value]
    "relu": (lambda x: x.relu(), 3.0),
    "log exp": (lambda x: x.exp().log(), 3.0),
    "sigmoid": (lambda x: x.sigmoid(), 0.9525741268224334),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_operators_take_numbers_on_either_side(name: str) -> None:
    function, expected = NUMBERS[name]
    x = Scalar(3.0, name="x")
    out = function(x)
    assert out.data == pytest.approx(expected)
    assert not out.is_leaf()


def constant(value: float) -> Scalar:
    scalar = Scalar(value)
    scalar.requires_grad_(False)
    return scalar


def test_a_context_keeps_what_it_is_given_unless_no_gradient_is_wanted() -> None:
    ctx = Context()
    ctx.save_for_backward(1.0, 2.0)
    assert ctx.saved_values == ctx.saved_tensors == (1.0, 2.0)
    silent = Context(no_grad=True)
    silent.save_for_backward(1.0)
    assert silent.saved_values == ()


def test_apply_records_how_its_result_came_about() -> None:
    x, y = Scalar(10.0, name="x"), Scalar(5.0, name="y")
    z = Mul.apply(x, y)
    assert z.history is not None
    assert (z.data, z.history.last_fn, list(z.history.inputs)) == (50.0, Mul, [x, y])
    assert z.history.context is z.history.ctx
    assert z.history.context is not None
    assert z.history.context.saved_values == (10.0, 5.0)


def test_leaf_non_leaf_and_constant_are_told_apart() -> None:
    x = Scalar(1.0)
    fixed = constant(2.0)
    out = x * fixed
    assert [v.is_leaf() for v in (x, fixed, out)] == [True, False, False]
    assert [v.is_constant() for v in (x, fixed, out)] == [False, True, False]


def test_the_chain_rule_leaves_constants_out_and_keeps_the_order() -> None:
    x, y = Scalar(3.0), Scalar(4.0)
    assert [(id(v), d) for v, d in (x * y).chain_rule(2.0)] == [(id(x), 8.0), (id(y), 6.0)]
    assert [(id(v), d) for v, d in (x * constant(7.0)).chain_rule(2.0)] == [(id(x), 14.0)]
    assert [d for _, d in (x * 7.0).chain_rule(2.0)] == [14.0, 6.0]  # a number becomes a leaf, as in the course
    assert [d for _, d in (x * x).chain_rule(1.0)] == [3.0, 3.0]


def position(order: list[Scalar], variable: Scalar) -> int:
    return [v.unique_id for v in order].index(variable.unique_id)


def test_every_variable_comes_after_all_that_was_computed_from_it() -> None:
    x = Scalar(2.0)
    z = x * x
    h = z.relu()
    out = h + z * h
    order: list[Scalar] = list(topological_sort(out))  # type: ignore[arg-type]
    assert position(order, out) < position(order, h) < position(order, z) < position(order, x)
    assert len(order) == len({v.unique_id for v in order})


@pytest.mark.parametrize(
    ("name", "graph", "expected"),
    [
        ("x · x", lambda x: x * x, 6.0),
        ("x + x", lambda x: x + x, 2.0),
        ("unequal path lengths", lambda x: (lambda z: (lambda h: h + z * h)((z * 1.0).relu()))(x * 2.0), 26.0),
        ("a diamond", lambda x: (x * 2) * (x + 3), 18.0),
        ("a leaf that is the output", lambda x: x, 1.0),
    ],
)
def test_backpropagation_sums_over_paths(name: str, graph: Callable[[Scalar], Scalar], expected: float) -> None:
    x = Scalar(3.0)
    graph(x).backward()
    assert x.derivative == pytest.approx(expected), name


def test_equal_values_are_still_two_variables() -> None:
    x, y = Scalar(3.0), Scalar(3.0)
    (x * y + x).backward()
    assert (x.derivative, y.derivative) == (4.0, 3.0)


def test_derivatives_add_up_over_calls_and_scale_with_the_seed() -> None:
    x = Scalar(3.0)
    out = x * x
    out.backward(2.0)
    out.backward(-0.5)
    assert x.derivative == pytest.approx(9.0)
    assert out.derivative is None


def test_a_chain_of_five_thousand_needs_no_recursion() -> None:
    x = Scalar(1.0)
    out = x
    for _ in range(5000):
        out = out + 1.0
    backpropagate(out, 1.0)  # type: ignore[arg-type]
    assert x.derivative == 1.0


def test_only_leaves_accumulate() -> None:
    with pytest.raises(ValueError, match="leaf"):
        (Scalar(1.0) * 2).accumulate_derivative(1.0)


def test_a_central_difference_steps_to_both_sides() -> None:
    assert central_difference(lambda x: x**3, 2.0, epsilon=0.5) == 12.25
    assert central_difference(lambda x, y: x * y * y, 3.0, 2.0, arg=1) == pytest.approx(12.0)


def test_requires_grad_makes_a_constant_a_leaf() -> None:
    scalar = constant(1.0)
    scalar.requires_grad_(True)
    assert scalar.is_leaf()
    assert (bool(scalar), float(scalar), repr(scalar)) == (True, 1.0, "Scalar(1.0)")
