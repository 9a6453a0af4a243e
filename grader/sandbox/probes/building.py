"""Build one graph with the student's machine, from steps that are gone once it stands.

What is asked of a graph is asked while nothing here says in which order its nodes came about, or what each of them is.
Nodes have labels that mean nothing, and are kept by label.
"""

from __future__ import annotations

from typing import Any

import msgspec

from grader.sandbox.probes.machine import Present
from grader.sandbox.worker.loading import Package

UNKNOWN, NUMBER = -1, -2
"""Stand for a variable that is not of this graph, and for a bare number, where a label is told."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """A node to make: `leaf`, `constant` (a scalar) or `number` (a bare float) with a value, or a function of others.

    `label` and `inputs` are labels.
    """

    label: int
    op: str
    inputs: tuple[int, ...] = ()
    value: float = 0.0


class Steps(msgspec.Struct, frozen=True, array_like=True):
    """A graph's nodes in an order in which they can be made, and (label, d) to be sent back, one after the other."""

    steps: tuple[Step, ...]
    sends: tuple[tuple[int, float], ...] = ()

    def functions(self) -> set[str]:
        """Return the functions that it takes."""
        return {one.op for one in self.steps} - {"leaf", "constant", "number"}


class Build:
    """One graph, built. `nodes` has what was made, by label; `met` what else turned up."""

    def __init__(self, machine: Present, by_apply: bool, graphs: list[Steps]) -> None:
        """Take the last of `graphs` off, and build it."""
        self.machine = machine
        self.nodes: dict[int, Any] = {}
        self.met: list[Any] = []
        self.sends = graphs[-1].sends
        todo = list(reversed(graphs.pop().steps))
        make = machine.apply if by_apply else machine.operate
        while todo:
            self._make(todo.pop(), make)
        self._in_turn = [*self.nodes.values()]
        self.nodes = {label: self.nodes[label] for label in sorted(self.nodes)}  # no order but that of the labels
        self.note()

    def _make(self, step: Step, make: Any) -> None:
        label, op, inputs, value = step.label, step.op, step.inputs, step.value
        del step
        if op == "number":
            self.nodes[label] = value
        elif op in ("leaf", "constant"):
            self.nodes[label] = getattr(self.machine, op)(value)
        else:
            self.nodes[label] = make(op, *[self.nodes[i] for i in inputs])

    def note(self) -> None:
        """Take note of who is who."""
        is_scalar = self.machine.is_scalar
        self._scalars = {label: one for label, one in self.nodes.items() if is_scalar(one)}
        self._labels = {id(one): label for label, one in self._scalars.items()}

    def let_go(self) -> None:
        """Let go of the newest first: each holds on to older ones, and one that ends a long chain would end all of it.

        That takes a stack as deep as the chain, which not every Python has.
        """
        self.nodes.clear()
        self._scalars.clear()
        while self._in_turn:
            self._in_turn.pop()

    def scalars(self) -> dict[int, Any]:
        """Return the nodes that are scalars, by label."""
        return dict(self._scalars)

    def label(self, one: Any) -> int:
        """Return the label of a value, by identity."""
        label = self._labels.get(id(one))
        if label is not None:
            return label
        return UNKNOWN if self.machine.is_scalar(one) else NUMBER

    def meet(self, one: Any) -> int:
        """Return the label of a value; a scalar that has none gets the next."""
        label = self.label(one)
        if label == UNKNOWN:
            label = len(self.nodes) + len(self.met)
            self._labels[id(one)] = label
            self.met.append(one)
        return label

    def replaced_by(self, package: Package, module: str, function: str) -> Any:
        """Let a function of the student's make one more node out of all that there is, and return it."""
        named = package.asked(module, function, "function")
        if named is None:
            raise NotImplementedError
        last = named(*self.nodes.values())
        if not any(one is last for one in self.nodes.values()):  # what it was given is known already
            self.nodes[len(self.nodes)] = last
            self.note()
        return last
