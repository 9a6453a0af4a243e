"""Exact values and derivatives on a graph, by forward mode: each node carries its derivative by every leaf.

There is no reverse mode here, so nothing that gives backpropagation away, and nothing in common with it to be wrong in
the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.oracle import dual
from grader.oracle.dual import Dual

Spec = tuple[str, tuple[int, ...], float]
"""(op, inputs, value) of a node: `leaf`, `constant` and `number` have a value, functions have inputs."""

FUNCTIONS: dict[str, Callable[..., Dual]] = {
    "Add": dual.add,
    "Sub": dual.subtract,
    "Mul": dual.multiply,
    "Div": dual.divide,
    "Neg": dual.negate,
    "Inv": dual.inv,
    "Log": dual.log,
    "Exp": dual.exp,
    "Sigmoid": dual.sigmoid,
    "ReLU": dual.relu,
    "Tanh": dual.ONE_ARGUMENT["tanh"],
    "Square": lambda a: dual.multiply(a, a),
    "TimesFive": lambda a: a.through(5.0 * a.value, 5.0),
    "LT": lambda a, b: _step(a, a.value < b.value),
    "GT": lambda a, b: _step(a, a.value > b.value),
    "EQ": lambda a, b: _step(a, a.value == b.value),
}


class Derivatives(msgspec.Struct, frozen=True):
    """One node: its value, its derivative by each leaf, and how large the terms were that each was summed from."""

    value: float
    partials: tuple[float, ...]
    sizes: tuple[float, ...]


def evaluate(nodes: Sequence[Spec]) -> tuple[Derivatives, ...]:
    """Return every node's value and derivatives by the leaves, in the leaves' order. Raises Undefined."""
    leaves = [i for i, (op, _, _) in enumerate(nodes) if op == "leaf"]
    zeros = ((0.0, 0.0),) * len(leaves)
    duals: list[Dual] = []
    found: list[Derivatives] = []
    for i, (op, inputs, value) in enumerate(nodes):
        if op in ("leaf", "constant", "number"):
            own = tuple((1.0, 1.0) if leaf == i else (0.0, 0.0) for leaf in leaves)
            duals.append(Dual(value, own if op == "leaf" else zeros))
            sizes = tuple(abs(lo) for lo, _ in duals[-1].partials)
        else:
            duals.append(FUNCTIONS[op](*(duals[j] for j in inputs)))
            sizes = _sizes(op, inputs, duals, found)
        partials = tuple(lo for lo, _ in duals[-1].partials)
        found.append(Derivatives(duals[-1].value, partials, sizes))
    return tuple(found)


def local(op: str, values: Sequence[float]) -> tuple[float, ...]:
    """Return a function's derivative by each of its inputs at a point. Raises Undefined."""
    count = len(values)
    unit = [Dual(x, tuple((1.0, 1.0) if i == j else (0.0, 0.0) for j in range(count))) for i, x in enumerate(values)]
    return tuple(lo for lo, _ in FUNCTIONS[op](*unit).partials)


def _sizes(op: str, inputs: Sequence[int], duals: Sequence[Dual], found: Sequence[Derivatives]) -> tuple[float, ...]:
    slopes = local(op, [duals[j].value for j in inputs])
    count = len(duals[-1].partials)
    return tuple(sum(abs(s) * found[j].sizes[k] for s, j in zip(slopes, inputs)) for k in range(count))


def _step(a: Dual, holds: bool) -> Dual:
    """A comparison: no derivative goes through it."""
    return Dual(float(holds), ((0.0, 0.0),) * len(a.partials))
