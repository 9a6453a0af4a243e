"""Drive a submission's own variables with nothing around them: make leaves, combine them, go back."""

from __future__ import annotations

from typing import Any, Protocol

from benchmarks.assignments.own import Own
from grader.sandbox.probes.dialect import Spoken
from grader.sandbox.probes.graph import GraphRequest
from grader.sandbox.probes.machine import OPERATIONS, OPERATORS


class Machine(Protocol):
    """What a graph is built and asked with."""

    def leaf(self, value: float) -> Any:
        """Make a variable."""

    def constant(self, value: float) -> Any:
        """Make one that takes no part."""

    def apply(self, name: str, *inputs: Any) -> Any:
        """Apply a function by name."""

    def operate(self, name: str, *inputs: Any) -> Any:
        """Apply an operator."""

    def send(self, one: Any, d: float, entry: tuple[str, str]) -> Any:
        """Send a derivative back."""

    def order(self, one: Any) -> Any:
        """Return the order behind a variable."""


class MiniTorch:
    """MiniTorch's own interface."""

    def __init__(self, own: Own, functions: str) -> None:
        self._own, self._functions, self.leaf = own, own.module(functions), own.module("scalar").Scalar

    def constant(self, value: float) -> Any:
        """Make a scalar without history."""
        scalar = self.leaf(value)
        scalar.history = None
        return scalar

    def apply(self, name: str, *inputs: Any) -> Any:
        """Apply a function."""
        return getattr(self._functions, name).apply(*inputs)

    def operate(self, name: str, *inputs: Any) -> Any:
        """Apply an operator."""
        return OPERATORS[name](*inputs)

    def send(self, one: Any, d: float, entry: tuple[str, str]) -> Any:
        """Send a derivative back, by the function named or else the scalar's method."""
        return getattr(self._own.module(entry[0]), entry[1])(one, d) if entry[1] else one.backward(d)

    def order(self, one: Any) -> Any:
        """Return the topological order."""
        return self._own.module("autodiff").topological_sort(one)


class Dialect:
    """Any other course's, by its dialect."""

    def __init__(self, spoken: Spoken) -> None:
        self.leaf = self.constant = spoken.leaf
        self._operations = {name: spoken.operation(word) for name, word in OPERATIONS.items()}
        self._backward, self._order = spoken.backward, spoken.order

    def apply(self, name: str, *inputs: Any) -> Any:
        """Apply an operation."""
        return self._operations[name](*inputs)

    operate = apply

    def send(self, one: Any, d: float, entry: tuple[str, str]) -> Any:  # noqa: ARG002 - as MiniTorch's
        """Send a derivative back."""
        return self._backward(one, d)

    def order(self, one: Any) -> Any:
        """Return the topological order."""
        assert self._order is not None
        return self._order(one)


def machine(ask: GraphRequest, own: Own) -> Machine:
    """Return what drives a submission in a question's interface."""
    if ask.how is None:
        return MiniTorch(own, ask.functions)
    spoken = Spoken(own, ask.how, ask.needed)  # type: ignore[arg-type] # as much of a package as it asks for
    if ask.want in ("derivatives", "accumulated"):
        spoken.prepare()
    return Dialect(spoken)
