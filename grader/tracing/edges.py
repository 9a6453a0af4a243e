"""Say of each variable of a run what it was computed from, and its exact derivative by each of those.

The expression says it of its own nodes. A student's operators may make variables on the way, as `a - b` does by
`a + (-b)`: what such a variable is, its value tells, where one operation alone gives that value.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from grader.model import Interval
from grader.oracle import dual
from grader.oracle.dual import Dual, Undefined
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.trace import Met
from grader.tracing.flow import Edge, same
from grader.tracing.plan import Plan

GUESSED = {
    1: (dual.negate, dual.inv, dual.exp, dual.log),
    2: (dual.add, dual.multiply, dual.subtract, dual.divide, dual.constant_power),
}
"""What a variable may be that the expression does not name, by how many inputs it has."""


def edges_of(plan: Plan, met: Sequence[Met]) -> list[Edge]:
    """Return one edge record per variable."""
    found = []
    for i, one in enumerate(met):
        named = plan.nodes[i].inputs if i < len(plan.nodes) else ()
        inputs = one.inputs or named
        aligned = _aligned(plan, met, named, inputs) if named else None
        if aligned is not None:
            found.append(Edge(aligned, plan.locals[i]))
        else:
            found.append(Edge(inputs, _guessed(met, inputs, one.value)))
    return found


def _aligned(plan: Plan, met: Sequence[Met], named: Sequence[int], inputs: Sequence[int]) -> tuple[int, ...] | None:
    """Return a variable's inputs in the expression's order, where they are the expression's; None where not."""
    if len(inputs) != len(named):
        return named if set(inputs) == set(named) else None  # x * x, told as a set  # type: ignore[return-value]
    for order in permutations(inputs) if len(inputs) == 2 else (tuple(inputs),):
        if all(_stands_for(plan, met, one, other) for one, other in zip(order, named)):
            return tuple(order)
    return None


def _stands_for(plan: Plan, met: Sequence[Met], one: int, named: int) -> bool:
    if one == named:
        return True
    if plan.nodes[named].op != "number":
        return False
    if one < 0:
        return one == -2
    value = met[one].value
    return one >= len(plan.nodes) and not met[one].inputs and isinstance(value, float) and same(value, plan.values[named])


def _guessed(met: Sequence[Met], inputs: Sequence[int], value: float | NonNumeric) -> tuple[Interval | None, ...]:
    unknown: tuple[Interval | None, ...] = (None,) * len(inputs)
    values = [met[i].value for i in inputs if i >= 0]
    if len(values) < len(inputs) or not isinstance(value, float):
        return unknown
    point = [one for one in values if isinstance(one, float)]
    if len(point) < len(inputs):
        return unknown
    units = [Dual(x, tuple((float(i == j),) * 2 for j in range(len(point)))) for i, x in enumerate(point)]
    fitting = []
    for operation in GUESSED.get(len(point), ()):
        try:
            made = operation(*units)  # type: ignore[operator]
        except (Undefined, ArithmeticError, ValueError):
            continue
        if same(made.value, value):
            fitting.append(made.partials)
    alike = fitting and all(one == fitting[0] for one in fitting)
    return fitting[0] if alike else unknown
