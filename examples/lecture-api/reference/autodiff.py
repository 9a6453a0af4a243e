"""Variables, their histories, and the way back through them, as the lecture has it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

_ids = itertools.count(1)


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
        return self._saved_values[0] if len(self._saved_values) == 1 else self._saved_values


class History:
    """How a variable came about: the function, its context, and its inputs. Without a function: a leaf."""

    def __init__(self, last_fn: Any = None, ctx: Context | None = None, inputs: Sequence[Any] = ()) -> None:
        self.last_fn = last_fn
        self.ctx = ctx
        self.inputs = inputs

    @property
    def context(self) -> Context | None:
        """Return the context, by the lecture's name for it."""
        return self.ctx

    def is_leaf(self) -> bool:
        """Say whether there is no function behind this."""
        return self.last_fn is None

    def backprop_step(self, d_output: float) -> list[VariableWithDeriv]:
        """Return the inputs that are variables, each with its share of `d_output`."""
        return self.last_fn.chain_rule(self.ctx, self.inputs, d_output)  # type: ignore[no-any-return] # any function


class Variable:
    """Something that remembers how it was computed, and keeps the derivative that arrives."""

    def __init__(self, history: History | None, name: str | None = None) -> None:
        self.history = history
        self.derivative: float | None = None
        self.unique_id = next(_ids)
        self.name = name or str(self.unique_id)

    def backward(self, d_output: float = 1.0) -> None:
        """Send `d_output` back from here."""
        backpropagate(VariableWithDeriv(self, d_output))

    def accumulate_derivative(self, val: float) -> None:
        """Add to this leaf's derivative."""
        self.derivative = (self.derivative or 0.0) + val


class VariableWithDeriv:
    """A variable and what is sent to it."""

    def __init__(self, variable: Any, deriv: float) -> None:
        self.variable = variable
        self.deriv = deriv


def is_constant(val: Any) -> bool:
    """Say whether a value takes no part in differentiation."""
    return not isinstance(val, Variable) or val.history is None


def is_leaf(val: Any) -> bool:
    """Say whether a value was created from scratch."""
    return isinstance(val, Variable) and val.history is not None and val.history.is_leaf()


class FunctionBase:
    """What every function has: apply, and the chain rule through itself."""

    @staticmethod
    def variable(raw: Any, history: History) -> Any:
        """Wrap a value with its history."""
        raise NotImplementedError

    @classmethod
    def apply(cls, *vals: Any) -> Any:
        """Unwrap the arguments, call forward, and wrap its value again."""
        ctx = Context(all(is_constant(val) for val in vals))
        raw = [val.data if isinstance(val, Variable) else val for val in vals]
        return cls.variable(cls.forward(ctx, *raw), History(cls, ctx, vals))  # type: ignore[attr-defined] # subclasses have it

    @classmethod
    def chain_rule(cls, ctx: Context, inputs: Sequence[Any], d_output: float) -> list[VariableWithDeriv]:
        """Return each input that is no constant with its derivative times `d_output`, in order."""
        gradients = cls.backward(ctx, d_output)  # type: ignore[attr-defined] # subclasses have it
        if not isinstance(gradients, tuple):
            gradients = (gradients,)
        return [VariableWithDeriv(one, d) for one, d in zip(inputs, gradients) if not is_constant(one)]


def backpropagate(final_variable_with_deriv: VariableWithDeriv) -> None:
    """Send a derivative back, and add what arrives at every leaf; each variable passes on once all of it has come."""
    final = final_variable_with_deriv.variable
    order: list[Any] = []
    seen: set[int] = set()
    stack = [(final, False)]
    while stack:
        current, expanded = stack.pop()
        if expanded:
            order.append(current)
        elif not is_constant(current) and current.unique_id not in seen:
            seen.add(current.unique_id)
            stack.append((current, True))
            stack.extend((one, False) for one in current.history.inputs)
    arrived = {final.unique_id: final_variable_with_deriv.deriv}
    for current in reversed(order):
        d = arrived.get(current.unique_id, 0.0)
        if is_leaf(current):
            current.accumulate_derivative(d)
            continue
        for step in current.history.backprop_step(d):
            arrived[step.variable.unique_id] = arrived.get(step.variable.unique_id, 0.0) + step.deriv
