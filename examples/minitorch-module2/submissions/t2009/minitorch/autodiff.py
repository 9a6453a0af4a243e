"""What a function saves, and how derivatives are sent back, from Module 1."""

from dataclasses import dataclass
from typing import Any


class Variable:
    """What backpropagation asks of a tensor: unique_id, parents, chain_rule, is_leaf, is_constant."""


@dataclass
class Context:
    """What forward saves for backward."""

    no_grad: bool = False
    saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values):
        if not self.no_grad:
            self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values


def topological_sort(variable):
    """Return every variable behind one, constants left out, each before all that it is computed from."""
    order, seen = [], set()
    todo = [(variable, False)]
    while todo:
        current, is_done = todo.pop()
        if is_done:
            order.append(current)
        elif current.unique_id not in seen and not current.is_constant():
            seen.add(current.unique_id)
            todo.append((current, True))
            todo.extend((parent, False) for parent in ([] if current.is_leaf() else current.parents))
    return order[::-1]


def backpropagate(variable, deriv):
    """Send a derivative back. Every leaf adds up what arrives."""
    arrived = {variable.unique_id: deriv}
    for current in topological_sort(variable):
        d = arrived[current.unique_id]
        if current.is_leaf():
            current.accumulate_derivative(d)
            continue
        for parent, share in current.chain_rule(d):
            if not parent.is_constant():
                known = arrived.get(parent.unique_id)
                arrived[parent.unique_id] = share if known is None else known + share
