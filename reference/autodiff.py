"""The machinery of automatic differentiation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


def central_difference(f: Any, *vals: Any, arg: int = 0, epsilon: float = 1e-6) -> Any:
    """Return a numeric derivative of `f` by its argument number `arg`, at `vals`: numbers, or scalars.

    Steps `epsilon` to each side of that one argument. The error is of order ε².
    """
    # solution: evaluate f a step above and a step below, and divide by the distance
    above, below = list(vals), list(vals)
    above[arg] = above[arg] + epsilon
    below[arg] = below[arg] - epsilon
    return (f(*above) - f(*below)) / (2.0 * epsilon)
    # end solution


class Variable(Protocol):
    """What backpropagation needs to know of a variable."""

    def accumulate_derivative(self, x: float) -> None:
        """Add to this leaf's derivative."""

    @property
    def unique_id(self) -> int:
        """Return a number no other variable has."""

    def is_leaf(self) -> bool:
        """Say whether this was created from scratch, not by a function."""

    def is_constant(self) -> bool:
        """Say whether this takes no part in differentiation."""

    @property
    def parents(self) -> Iterable[Variable]:
        """Return the variables this one was computed from."""

    def chain_rule(self, d_output: float) -> Iterable[tuple[Variable, float]]:
        """Return each parent with its share of the derivative."""


def topological_sort(variable: Variable) -> list[Variable]:
    """Return the graph behind `variable`, each after everything computed from it: outputs first, leaves last.

    Constants are left out. Depth first without recursion, so a deep graph is no harder than a wide one.
    """
    # solution: visit parents before adding a variable, each variable once, and turn the order round
    order: list[Variable] = []
    seen: set[int] = set()
    stack: list[tuple[Variable, bool]] = [(variable, False)]
    while stack:
        current, expanded = stack.pop()
        if expanded:
            order.append(current)
            continue
        if current.is_constant() or current.unique_id in seen:
            continue
        seen.add(current.unique_id)
        stack.append((current, True))
        stack.extend((parent, False) for parent in current.parents)
    order.reverse()
    return order
    # end solution


def backpropagate(variable: Variable, deriv: float) -> None:
    """Send `deriv` back from `variable`, and add what arrives at every leaf to its derivative.

    A variable passes its derivative on only once everything computed from it has added its share.
    """
    # solution: go through the topological order; leaves accumulate, others pass on by the chain rule
    arrived: dict[int, float] = {variable.unique_id: deriv}
    for current in topological_sort(variable):
        d_output = arrived.pop(current.unique_id, 0.0)
        if current.is_leaf():
            current.accumulate_derivative(d_output)
            continue
        for parent, share in current.chain_rule(d_output):
            arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
    # end solution


class Context:
    """What a function's forward saves for its backward."""

    def __init__(self, no_grad: bool = False) -> None:
        self.no_grad = no_grad
        self.saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep `values` for backward; keep nothing where no gradient is wanted."""
        # solution: store the values, unless no_grad
        if not self.no_grad:
            self.saved_values = values
        # end solution

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """Return the saved values, by their other name."""
        return self.saved_values
