"""Say of each variable of a run what it was computed from, and its exact derivative by each of those.

The expression says it of its own nodes. A student's operators may make variables on the way, as `a - b` does by
`a + (-b)`: what such a variable is, its value tells, where one operation alone gives that value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from grader.model import Interval
from grader.oracle import dual
from grader.oracle.dual import Dual, Undefined
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.building import UNKNOWN
from grader.sandbox.probes.trace import Met
from grader.selfcheck.trace_plan import Plan
from grader.selfcheck.trace_shares import Edge, same

GUESSED: dict[int, tuple[tuple[str, Callable[..., Dual]], ...]] = {
    1: (("-{}", dual.negate), ("1 / {}", dual.inv), ("exp({})", dual.exp), ("log({})", dual.log)),
    2: (
        ("{} + {}", dual.add),
        ("{} * {}", dual.multiply),
        ("{} - {}", dual.subtract),
        ("{} / {}", dual.divide),
        ("{} ** {}", dual.constant_power),
    ),
}
"""What a variable may be that the expression does not name, and how it reads, by how many inputs it has."""


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


def cut_off(plan: Plan, met: Sequence[Met]) -> tuple[int, int] | None:
    """Return the first node with an input that nothing in it leads back to, though a derivative should go there."""
    for i, node in enumerate(plan.nodes):
        direct = set(met[i].inputs)
        is_direct = all(0 <= one < len(plan.nodes) for one in direct)  # nothing in between leads anywhere else
        behind = direct if is_direct else _behind(met, i)
        for one, slope in zip(node.inputs, plan.locals[i]):
            if UNKNOWN not in behind and one not in behind and plan.nodes[one].op != "number" and any(slope):
                return i, one
    return None


def _behind(met: Sequence[Met], i: int) -> set[int]:
    """Return what a variable says it was made of, and what that was made of; with -1 where that is not known."""
    found: set[int] = set()
    todo = [i]
    while todo:
        new = set(met[todo.pop()].inputs) - found
        found |= new
        todo.extend(one for one in new if one >= 0)
    return found


def _aligned(plan: Plan, met: Sequence[Met], named: Sequence[int], inputs: Sequence[int]) -> tuple[int, ...] | None:
    """Return a variable's inputs in the expression's order, where they are the expression's; None where not."""
    if len(inputs) != len(named):
        return tuple(named) if set(inputs) == set(named) else None  # x * x, told as a set
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
    return (
        one >= len(plan.nodes) and not met[one].inputs and isinstance(value, float) and same(value, plan.values[named])
    )


def _guessed(met: Sequence[Met], inputs: Sequence[int], value: float | NonNumeric) -> tuple[Interval | None, ...]:
    fitting = _fitting(met, inputs, value)
    told = [{slopes[k] for _, slopes in fitting} for k in range(len(inputs))]
    return tuple(one.pop() if len(one) == 1 else None for one in told)


def reads(one: Met, met: Sequence[Met], names: Sequence[str]) -> str:
    """Return how a variable reads that the expression does not name; blank where several operations give its value."""
    fitting = _fitting(met, one.inputs, one.value)
    return fitting[0][0].format(*names) if len(fitting) == 1 else ""


def _fitting(
    met: Sequence[Met], inputs: Sequence[int], value: float | NonNumeric
) -> list[tuple[str, tuple[Interval, ...]]]:
    """Return the operations of a variable's inputs that give its value, with their exact derivatives."""
    values = [met[i].value for i in inputs if i >= 0]
    point = [one for one in values if isinstance(one, float)]
    if len(point) < len(inputs) or not isinstance(value, float):
        return []
    units = [Dual(x, tuple((float(i == j),) * 2 for j in range(len(point)))) for i, x in enumerate(point)]
    found = []
    for how, operation in GUESSED.get(len(point), ()):
        try:
            made = operation(*units)
        except (Undefined, ArithmeticError, ValueError):
            continue
        if same(made.value, value):
            found.append((how, made.partials))
    return found
