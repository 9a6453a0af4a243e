"""MiniTorch's Module 1 as a course would test it today, to its public list of tasks: pytest and Hypothesis.

100 examples a test, floats in [-100, 100], and 1 % or 0.01 of tolerance: the course's own settings. Tasks 0.1 and 0.3
(operators), 1.1 (central difference), 1.2 (Scalar and its operators), 1.3 (chain rule), 1.4 (backpropagation).
"""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minitorch import operators  # type: ignore[import-not-found] # as a course has it
from minitorch.autodiff import (  # type: ignore[import-not-found] # as a course has it
    Context,
    backpropagate,
    central_difference,
    topological_sort,
)
from minitorch.scalar import Scalar, derivative_check  # type: ignore[import-not-found] # as a course has it
from minitorch.scalar_functions import ScalarFunction  # type: ignore[import-not-found] # as a course has it

settings.register_profile("course", max_examples=100, derandomize=True, database=None, deadline=None)
settings.load_profile("course")

small_floats = st.floats(min_value=-100, max_value=100, allow_nan=False)
small_scalars = st.builds(Scalar, small_floats)
lists = st.lists(small_floats, min_size=5, max_size=5)


def assert_close(a: float, b: float) -> None:
    assert abs(a - b) <= 1e-2 + 1e-2 * abs(b), f"{a} is not close to {b}"


# Tasks 0.1 and 0.3: operators, their properties, and the higher-order functions


@given(small_floats, small_floats)
def test_same_as_python(x: float, y: float) -> None:
    assert_close(operators.mul(x, y), x * y)
    assert_close(operators.add(x, y), x + y)
    assert_close(operators.neg(x), -x)
    assert_close(operators.max(x, y), max(y, x))
    if abs(x) > 1e-5:
        assert_close(operators.inv(x), 1.0 / x)


@given(small_floats)
def test_relu(x: float) -> None:
    assert operators.relu(x) == (x if x > 0 else 0.0)


@given(small_floats, small_floats)
def test_relu_back(x: float, d: float) -> None:
    assert operators.relu_back(x, d) == (d if x > 0 else 0.0)


@given(small_floats)
def test_id(x: float) -> None:
    assert operators.id(x) == x


@given(small_floats)
def test_lt_is_strict(x: float) -> None:
    assert operators.lt(x - 1.0, x) == 1.0
    assert operators.lt(x, x - 1.0) == 0.0
    assert operators.lt(x, x) == 0.0


@given(small_floats)
def test_max_of_neighbours(x: float) -> None:
    assert operators.max(x - 1.0, x) == x
    assert operators.max(x, x - 1.0) == x


@given(small_floats)
def test_eq(x: float) -> None:
    assert operators.eq(x, x) == 1.0
    assert operators.eq(x, x - 1.0) == operators.eq(x - 1.0, x) == 0.0


@given(small_floats)
def test_is_close(x: float) -> None:
    assert operators.is_close(x, x + 0.001)
    assert not operators.is_close(x, x + 1.0)
    assert not operators.is_close(x + 1.0, x)


@given(small_floats)
def test_sigmoid(x: float) -> None:
    value = operators.sigmoid(x)
    assert 0.0 <= value <= 1.0
    assert_close(1.0 - value, operators.sigmoid(-x))
    assert_close(operators.sigmoid(0.0), 0.5)
    if x > 1e-3:
        assert value > 0.5
    assert operators.sigmoid(x + 1.0) >= value


@given(small_floats, small_floats, small_floats)
def test_properties(x: float, y: float, z: float) -> None:
    assert operators.mul(x, y) == operators.mul(y, x)
    assert_close(operators.mul(z, operators.add(x, y)), operators.add(operators.mul(z, x), operators.mul(z, y)))
    assert operators.lt(x, y) == 0.0 or operators.lt(y, z) == 0.0 or operators.lt(x, z) == 1.0


@given(st.floats(min_value=0.1, max_value=100), small_floats)
def test_derivatives_of_operators(x: float, d: float) -> None:
    assert_close(operators.log_back(x, d), d / x)
    assert_close(operators.inv_back(x, d), -d / (x * x))
    assert_close(operators.log(operators.exp(x)), x)


@given(small_floats, small_floats, small_floats, small_floats)
def test_zip_with(a: float, b: float, c: float, d: float) -> None:
    first, second = operators.addLists([a, b], [c, d])
    assert_close(first, a + c)
    assert_close(second, b + d)


@given(lists, lists)
def test_sums_of_lists(left: list[float], right: list[float]) -> None:
    together = operators.sum(operators.addLists(left, right))
    assert_close(operators.sum(left) + operators.sum(right), together)


@given(lists)
def test_reductions(ls: list[float]) -> None:
    assert_close(operators.sum(ls), sum(ls))
    assert_close(operators.prod(ls), math.prod(ls))
    for negated, x in zip(operators.negList(ls), ls):
        assert_close(negated, -x)


# Task 1.1: central difference


def test_central_difference() -> None:
    assert_close(central_difference(operators.id, 5, arg=0), 1.0)
    assert_close(central_difference(operators.add, 5, 10, arg=0), 1.0)
    assert_close(central_difference(operators.mul, 5, 10, arg=0), 10.0)
    assert_close(central_difference(operators.mul, 5, 10, arg=1), 5.0)
    assert_close(central_difference(operators.exp, 2, arg=0), operators.exp(2.0))


@given(small_floats, small_floats)
def test_central_difference_of_a_polynomial(x: float, y: float) -> None:
    assert_close(central_difference(lambda x, y: x * x + 3.0 * y, x, y, arg=0), 2.0 * x)
    assert_close(central_difference(lambda x, y: x * x + 3.0 * y, x, y, arg=1), 3.0)


# Task 1.2: scalars, against the same function of floats; and 1.4: their derivatives, against the central difference

Case = tuple[str, Callable[..., Any], Callable[..., float]]
ONE: tuple[Case, ...] = (
    ("neg", lambda a: -a, lambda a: -a),
    ("add a constant", lambda a: a + 5, lambda a: a + 5),
    ("subtract a constant", lambda a: a - 5, lambda a: a - 5),
    ("times a constant", lambda a: 5 * a, lambda a: 5 * a),
    ("square", lambda a: a * a, lambda a: a * a),
    ("cube", lambda a: a * a * a, lambda a: a * a * a),
    ("divided by a constant", lambda a: a / 5, lambda a: a / 5),
    ("inverse", lambda a: 1.0 / (a + 3.5), lambda a: 1.0 / (a + 3.5)),
    ("sigmoid", lambda a: a.sigmoid(), lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0),
    ("log", lambda a: (a + 100000).log(), lambda a: math.log(a + 100000)),
    ("relu", lambda a: (a + 5.5).relu(), lambda a: max(a + 5.5, 0.0)),
    ("exp", lambda a: (a - 200).exp(), lambda a: math.exp(a - 200)),
    ("explog", lambda a: (a + 100000).log() + (a - 200).exp(), lambda a: math.log(a + 100000) + math.exp(a - 200)),
)
TWO: tuple[Case, ...] = (
    ("add", lambda a, b: a + b, lambda a, b: a + b),
    ("mul", lambda a, b: a * b, lambda a, b: a * b),
    ("sub", lambda a, b: a - b, lambda a, b: a - b),
    ("div", lambda a, b: a / (b + 5.5), lambda a, b: a / (b + 5.5)),
    ("lt", lambda a, b: a < b + 1.2, lambda a, b: float(a < b + 1.2)),
    ("gt", lambda a, b: a > b + 1.2, lambda a, b: float(a > b + 1.2)),
    ("eq", lambda a, b: a == (b + 5.5), lambda a, b: float(a == b + 5.5)),
)
SMOOTH = [case for case in TWO if case[0] not in ("lt", "gt", "eq")]


def of(cases: Any) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case[0] for case in cases])


@given(small_scalars, small_scalars)
def test_values_of_all_functions(a: Any, b: Any) -> None:
    assert_close((a + b).data, a.data + b.data)
    assert_close((a * b).data, a.data * b.data)
    assert_close((-a).data, -a.data)


@of(ONE)  # type: ignore[untyped-decorator] # as a course writes it
@given(small_floats)
def test_one_argument_forward(case: Case, x: float) -> None:
    assert_close(case[1](Scalar(x)).data, case[2](x))


@of(TWO)  # type: ignore[untyped-decorator] # as a course writes it
@given(small_floats, small_floats)
def test_two_arguments_forward(case: Case, x: float, y: float) -> None:
    assert_close(case[1](Scalar(x), Scalar(y)).data, case[2](x, y))


@of(ONE)  # type: ignore[untyped-decorator] # as a course writes it
@given(small_floats)
def test_one_argument_derivative(case: Case, x: float) -> None:
    derivative_check(case[1], Scalar(x))


@of(SMOOTH)  # type: ignore[untyped-decorator] # as a course writes it
@given(small_floats, small_floats)
def test_two_arguments_derivative(case: Case, x: float, y: float) -> None:
    derivative_check(case[1], Scalar(x), Scalar(y))


@of([case for case in TWO if case not in SMOOTH])  # type: ignore[untyped-decorator] # as a course writes it
@given(small_floats, small_floats)
def test_comparisons_have_no_derivative(case: Case, x: float, y: float) -> None:
    a, b = Scalar(x), Scalar(y)
    case[1](a, b).backward()
    assert_close(a.derivative or 0.0, 0.0)
    assert_close(b.derivative or 0.0, 0.0)


# Task 1.3: the chain rule


class Function1(ScalarFunction):  # type: ignore[misc] # as a course has it
    @staticmethod
    def forward(_ctx: Any, x: float, y: float) -> float:
        return x + y + 10

    @staticmethod
    def backward(_ctx: Any, d_output: float) -> tuple[float, float]:
        return d_output, d_output


class Function2(ScalarFunction):  # type: ignore[misc] # as a course has it
    @staticmethod
    def forward(ctx: Any, x: float, y: float) -> float:
        ctx.save_for_backward(x, y)
        return x * y + x

    @staticmethod
    def backward(ctx: Any, d_output: float) -> tuple[float, float]:
        x, y = ctx.saved_values
        return d_output * (y + 1), d_output * x


def test_chain_rule_with_a_constant() -> None:
    constant = Scalar(10)
    constant.history = None
    back = list(Function1.apply(constant, Scalar(5)).chain_rule(d_output=5))
    assert [d for variable, d in back if not variable.is_constant()] == [5]


def test_chain_rule_of_a_sum() -> None:
    variable = Scalar(5)
    back = list(Function1.apply(variable, Scalar(10)).chain_rule(d_output=5))
    assert [d for _, d in back] == [5, 5]
    assert back[0][0] is variable


@given(small_floats, small_floats, small_floats)
def test_chain_rule_of_a_product(x: float, y: float, d: float) -> None:
    (_, first), (_, second) = Function2.apply(Scalar(x), Scalar(y)).chain_rule(d)
    assert_close(first, d * (y + 1))
    assert_close(second, d * x)


def test_roles() -> None:
    constant, leaf = Scalar(1), Scalar(2)
    constant.history = None
    made = leaf * leaf
    assert (constant.is_constant(), leaf.is_constant(), made.is_constant()) == (True, False, False)
    assert (leaf.is_leaf(), made.is_leaf()) == (True, False)
    leaf.accumulate_derivative(2.0)
    leaf.accumulate_derivative(3.0)
    assert leaf.derivative == 5.0


def test_context() -> None:
    ctx = Context()
    ctx.save_for_backward(1, 2)
    assert tuple(ctx.saved_values) == (1, 2)
    ctx = Context(no_grad=True)
    ctx.save_for_backward(1, 2)
    assert not ctx.saved_values


# Task 1.4: topological order, backpropagation


def checked(order: Any) -> list[Any]:
    """Return an order as a list, which must have everything after its users."""
    listed = list(order)
    places = {one.unique_id: i for i, one in enumerate(listed)}
    for one in listed:
        for parent in one.parents:
            assert parent.is_constant() or places[parent.unique_id] > places[one.unique_id]
    return listed


def test_topological_order() -> None:
    x = Scalar(2.0)
    a = x * 3.0
    b = a + x
    c = a * b
    order = checked(topological_sort(c))
    assert order[0] is c
    assert {id(one) for one in (x, a, b, c)} <= {id(one) for one in order}


def test_backprop_of_one_function() -> None:
    x = Scalar(0.0)
    backpropagate(Function1.apply(Scalar(0.0), x), 5)
    assert x.derivative == 5


def test_backprop_of_two_functions() -> None:
    x = Scalar(0.0)
    inner = Function1.apply(Scalar(0.0), x)
    Function1.apply(Scalar(0.0), inner).backward(d_output=5)
    assert x.derivative == 5


def test_backprop_where_a_node_is_shared() -> None:
    x = Scalar(0.0)
    shared = Function1.apply(Scalar(0.0), x)
    Function1.apply(shared, shared).backward(d_output=5)
    assert x.derivative == 10


def test_backprop_of_a_diamond() -> None:
    x = Scalar(0.0)
    top = Function1.apply(Scalar(0.0), x)
    left, right = Function1.apply(Scalar(0.0), top), Function1.apply(Scalar(0.0), top)
    Function1.apply(left, right).backward(d_output=5)
    assert x.derivative == 10


@given(small_floats, small_floats)
def test_backprop_where_x_is_used_twice(v: float, d: float) -> None:
    x = Scalar(v)
    (x * x).backward(d_output=d)
    assert x.derivative is not None
    assert_close(x.derivative, 2.0 * v * d)


@given(small_floats)
def test_backprop_where_inner_nodes_are_used_late(v: float) -> None:
    x = Scalar(v)
    a = x * 2.0
    b = a * 3.0
    (a * b + a).backward()
    assert x.derivative is not None
    assert_close(x.derivative, 24.0 * v + 2.0)


@given(small_floats, small_floats)
def test_a_small_network(v: float, w: float) -> None:
    derivative_check(lambda a, b: (a * b + a).sigmoid() * (b - a * 0.5).sigmoid(), Scalar(v / 100), Scalar(w / 100))
