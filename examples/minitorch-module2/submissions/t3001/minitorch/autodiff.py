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
    # TODO: depth first, a variable once all that it is computed from is listed
    raise NotImplementedError("to do")


def backpropagate(variable, deriv):
    """Send a derivative back. Every leaf adds up what arrives."""
    # TODO: from the output on, each variable once the sum of all that arrives is known
    raise NotImplementedError("to do")
