"""needle's homework 1 as a course would test it: pytest and Hypothesis, values against numpy, gradients numerically.

Arrays of small floats, 100 examples a test; the gradient of each entry is a central difference of the op's own value.
"""

from collections.abc import Callable, Sequence
from typing import Any

import needle as ndl  # type: ignore[import-not-found] # as a course has it
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

settings.register_profile("course", max_examples=100, derandomize=True, database=None, deadline=None)
settings.load_profile("course")

EPSILON = 1e-5
Shapes = Sequence[tuple[int, ...]]
Case = tuple[str, Callable[..., Any], Callable[..., Any], Shapes]

CASES: tuple[Case, ...] = (
    ("power scalar", lambda a: ndl.power_scalar(a, 3), lambda a: a**3, [(3, 2)]),
    ("power", lambda a, b: ndl.power(a * a + 1.0, b), lambda a, b: (a * a + 1.0) ** b, [(2, 2), (2, 2)]),
    ("divide", lambda a, b: ndl.divide(a, b * b + 1.0), lambda a, b: a / (b * b + 1.0), [(2, 3), (2, 3)]),
    ("divide scalar", lambda a: ndl.divide_scalar(a, 4.0), lambda a: a / 4.0, [(3, 2)]),
    ("matmul", ndl.matmul, np.matmul, [(2, 3), (3, 2)]),
    ("matmul of a stack", ndl.matmul, np.matmul, [(2, 2, 3), (3, 2)]),
    ("matmul of stacks", ndl.matmul, np.matmul, [(2, 2, 3), (2, 3, 2)]),
    ("summation", ndl.summation, np.sum, [(2, 3)]),
    ("summation over one", lambda a: ndl.summation(a, axes=(1,)), lambda a: np.sum(a, 1), [(2, 3)]),
    ("summation over two", lambda a: ndl.summation(a, axes=(0, 2)), lambda a: np.sum(a, (0, 2)), [(2, 2, 2)]),
    ("broadcast", lambda a: ndl.broadcast_to(a, (3, 3)), lambda a: np.broadcast_to(a, (3, 3)), [(3, 1)]),
    ("broadcast 1", lambda a: ndl.broadcast_to(a, (2, 3)), lambda a: np.broadcast_to(a, (2, 3)), [(3,)]),
    ("reshape", lambda a: ndl.reshape(a, (6,)), lambda a: a.reshape(6), [(2, 3)]),
    ("transpose", ndl.transpose, lambda a: np.swapaxes(a, -1, -2), [(2, 3)]),
    ("transpose two", lambda a: ndl.transpose(a, axes=(0, 1)), lambda a: np.swapaxes(a, 0, 1), [(2, 1, 3)]),
    ("negate", ndl.negate, np.negative, [(2, 3)]),
    ("log", lambda a: ndl.log(a * a + 1.0), lambda a: np.log(a * a + 1.0), [(2, 3)]),
    ("exp", ndl.exp, np.exp, [(2, 3)]),
    ("relu", ndl.relu, lambda a: np.maximum(a, 0.0), [(2, 3)]),
    ("used twice", lambda a, b: (a * b + a) * b, lambda a, b: (a * b + a) * b, [(2, 2), (2, 2)]),
    (
        "two layers",
        lambda a, b, c: ndl.relu(a @ b) @ c - (a @ b @ c) * 0.5,
        lambda a, b, c: np.maximum(a @ b, 0.0) @ c - (a @ b @ c) * 0.5,
        [(2, 3), (3, 2), (2, 2)],
    ),
)


def drawn(seed: int, shapes: Shapes) -> list[Any]:
    """Draw arrays, no entry of which is near 0."""
    source = np.random.default_rng(seed)
    return [source.uniform(0.1, 3.0, shape) * source.choice((-1.0, 1.0), shape) for shape in shapes]


def numeric(function: Callable[..., Any], arrays: list[Any], i: int, sent: Any) -> Any:
    """Return the gradient of the i-th array by central differences."""
    found = np.zeros_like(arrays[i])
    for place in np.ndindex(found.shape):
        above, below = [one.copy() for one in arrays], [one.copy() for one in arrays]
        above[i][place] += EPSILON
        below[i][place] -= EPSILON
        found[place] = np.sum((function(*above) - function(*below)) * sent) / (2 * EPSILON)
    return found


def away_from_kinks(case: Case, arrays: list[Any]) -> bool:
    return case[0] != "two layers" or bool(np.min(np.abs(arrays[0] @ arrays[1])) > 1e-3)


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_value_and_gradient(case: Case, seed: int) -> None:
    _, ours, theirs, shapes = case
    arrays = drawn(seed, shapes)
    if not away_from_kinks(case, arrays):
        return
    tensors = [ndl.Tensor(one) for one in arrays]
    out = ours(*tensors)
    np.testing.assert_allclose(out.numpy(), theirs(*arrays), rtol=1e-4, atol=1e-4)
    sent = np.random.default_rng(seed + 1).uniform(-2.0, 2.0, out.shape)
    out.backward(ndl.Tensor(sent))
    for i, one in enumerate(tensors):
        np.testing.assert_allclose(one.grad.numpy(), numeric(theirs, arrays, i, sent), rtol=1e-2, atol=1e-2)


def test_topological_order() -> None:
    a, b = ndl.Tensor([1.0]), ndl.Tensor([2.0])
    c = a * b + a
    d = c * c + b
    order = ndl.autograd.find_topo_sort([d])
    places = {id(one): i for i, one in enumerate(order)}
    assert len(places) == len(order)
    assert order[-1] is d
    for one in order:
        for parent in one.inputs:
            assert places[id(parent)] < places[id(one)]


def test_gradients_of_all_nodes() -> None:
    a, b = ndl.Tensor([2.0]), ndl.Tensor([3.0])
    c = a * b
    (c * c + a).backward()
    np.testing.assert_allclose([c.grad.numpy(), a.grad.numpy(), b.grad.numpy()], [[12.0], [37.0], [24.0]])
