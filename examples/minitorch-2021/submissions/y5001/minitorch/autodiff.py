"""Variables, their histories, and the way back through them, in the interface of 2021."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

_ids = itertools.count(1)


def wrap_tuple(x: Any) -> tuple[Any, ...]:
    """Return a tuple: what is none becomes one of one."""
    return x if isinstance(x, tuple) else (x,)


def unwrap_tuple(x: tuple[Any, ...]) -> Any:
    """Return the one thing in a tuple of one, any other tuple as it is."""
    return x[0] if len(x) == 1 else x


class Variable:
    """Something that remembers how it was computed, and keeps the derivative that arrives.

    `history` is None for a constant.
    """

    data: Any

    def __init__(self, history: History | None, name: str | None = None) -> None:
        self.history = history
        self.unique_id = f"Variable{next(_ids)}"
        self.name = name or self.unique_id
        self.used = 0
        self._derivative: float | None = None

    @property
    def derivative(self) -> float | None:
        """Return what has arrived so far; None before anything has."""
        return self._derivative

    def requires_grad_(self, val: bool) -> None:
        """Make this a leaf, or a constant."""
        self.history = History() if val else None

    def is_leaf(self) -> bool:
        """Say whether this was created from scratch, not by a function. Not to be asked of a constant."""
        assert self.history is not None
        return self.history.last_fn is None

    def accumulate_derivative(self, val: float) -> None:
        """Add to this leaf's derivative."""
        assert self.is_leaf(), "only leaves have derivatives"
        self._derivative = (self.zeros() if self._derivative is None else self._derivative) + val

    def backward(self, d_output: float | None = None) -> None:
        """Send `d_output` back from here; 1 if none is given."""
        backpropagate(self, 1.0 if d_output is None else d_output)

    def zero_derivative_(self) -> None:
        """Forget what has arrived."""
        self._derivative = self.zeros()

    def zero_grad_(self) -> None:
        """Forget what has arrived, by its other name."""
        self.zero_derivative_()

    def get_data(self) -> Any:
        """Return what is inside."""
        return self.data

    def zeros(self) -> float:
        """Return the derivative to start from."""
        return 0.0

    def expand(self, x: float) -> float:
        """Return a derivative in this variable's shape; a scalar has none."""
        return x

    def __radd__(self, b: Any) -> Any:
        """b + self."""
        return self + b

    def __rmul__(self, b: Any) -> Any:
        """b · self."""
        return self * b


class Context:
    """What a function's forward saves for its backward. A single saved value comes back bare."""

    def __init__(self, no_grad: bool = False) -> None:
        self.no_grad = no_grad
        self._saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep `values`, unless no gradient is wanted."""
        if not self.no_grad:
            self._saved_values = values

    @property
    def saved_values(self) -> Any:
        """Return what was saved: one value as it is, several as a tuple."""
        return unwrap_tuple(self._saved_values)

    @property
    def saved_tensors(self) -> Any:
        """Return what was saved, by its other name."""
        return self.saved_values


class History:
    """How a variable came about: the function, its context, and its inputs. Without a function: a leaf."""

    def __init__(self, last_fn: Any = None, ctx: Context | None = None, inputs: Sequence[Any] | None = None) -> None:
        self.last_fn = last_fn
        self.ctx = ctx
        self.inputs = inputs

    def is_leaf(self) -> bool:
        """Say whether there is no function behind this."""
        return self.last_fn is None

    def backprop_step(self, d_output: float) -> Any:
        """Return what the last function's chain rule gives."""
        return self.last_fn.chain_rule(self.ctx, self.inputs, d_output)


class FunctionBase:
    """What every function has: apply, and the chain rule through itself. Never instantiated."""

    @staticmethod
    def variable(raw: Any, history: History | None) -> Any:
        """Wrap a value with its history."""
        raise NotImplementedError

    @classmethod
    def apply(cls, *vals: Any) -> Any:
        """Unwrap the arguments, call forward, and wrap its value with the history of how it came about.

        Without an argument that has a history, the result is a constant.
        """
        # TODO: call forward with plain numbers and a new Context; wrap the value with its history
        raise NotImplementedError("call forward with plain numbers and a new Context; wrap the value with its history")

    @classmethod
    def chain_rule(cls, ctx: Context, inputs: Sequence[Any], d_output: float) -> list[tuple[Any, float]]:
        """Return each input that is no constant with its derivative times `d_output`, in order."""
        # TODO: call backward, and pair every input that is no constant with its derivative
        raise NotImplementedError("call backward, and pair every input that is no constant with its derivative")


def is_constant(val: Any) -> bool:
    """Say whether a value takes no part in differentiation: a number, or a variable without history."""
    return not isinstance(val, Variable) or val.history is None


def topological_sort(variable: Variable) -> list[Any]:
    """Return the graph behind `variable`, each after everything computed from it: outputs first, leaves last.

    Constants are left out.
    """
    # TODO: visit inputs before adding a variable, each variable once, and turn the order round
    raise NotImplementedError("visit inputs before adding a variable, each variable once, and turn the order round")


def backpropagate(variable: Variable, deriv: float) -> None:
    """Send `deriv` back from `variable`, and add what arrives at every leaf to its derivative.

    A variable passes its derivative on only once everything computed from it has added its share.
    """
    # TODO: go through the topological order; leaves accumulate, others pass on by the chain rule
    raise NotImplementedError("go through the topological order; leaves accumulate, others pass on by the chain rule")
