"""Make the calls that a question makes of a submission, and nothing else: no counting, no labels, no judging."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.assignments.bare_arrays import arrays
from benchmarks.assignments.bare_graphs import graphs
from benchmarks.assignments.own import Own
from grader.sandbox.probes import difference
from grader.sandbox.probes.context import SCENES, ContextRequest
from grader.sandbox.probes.dialect import Spoken
from grader.sandbox.probes.difference import DifferenceRequest
from grader.sandbox.probes.expression import ExpressionRequest
from grader.sandbox.probes.function import FunctionRequest, in_turn
from grader.sandbox.probes.values import ValuesRequest


def _values(ask: ValuesRequest, own: Own) -> None:
    function = getattr(own.module(ask.module), ask.name)
    for args in ask.inputs:
        with contextlib.suppress(Exception):
            function(*args)


def _differences(ask: DifferenceRequest, own: Own) -> None:
    function = getattr(own.module(ask.module), ask.name)
    for one in ask.calls:
        given = {name: x for name, x in (("arg", one.arg), ("epsilon", one.epsilon)) if x is not None}
        function(difference.FUNCTIONS[one.function], *one.vals, **given)


def _contexts(ask: ContextRequest, own: Own) -> None:
    make = getattr(own.module(ask.module), ask.name)
    for scene in ask.scenes:
        SCENES[scene](make, ask.shift)


def _functions(ask: FunctionRequest, own: Own) -> None:
    function = getattr(own.module(ask.module), ask.name)
    context = own.module(ask.context_module).Context
    _forwards_and_backwards(ask, context, function.forward, function.backward)


class _Held:
    """What an expression keeps from forward to backward."""

    leaves: list[Any]
    out: Any


def _expressions(ask: ExpressionRequest, own: Own) -> None:
    spoken = Spoken(own, ask.how, ask.needed)  # type: ignore[arg-type] # as much of a package as it asks for
    space = {name: spoken.operation(name) for name in ask.operations}
    evaluate: Any = eval(f"lambda {', '.join(f'_{i}' for i in range(ask.arity))}: {ask.formula}", space)
    if ask.backward:
        spoken.prepare()
    leaf, backward = spoken.leaf, spoken.backward

    def there(held: _Held, *args: float) -> None:
        held.leaves = [leaf(x) for x in args]
        held.out = evaluate(*held.leaves)

    def back(held: _Held, d: float) -> None:
        backward(held.out, d)

    _forwards_and_backwards(ask, _Held, there, back)


def _forwards_and_backwards(
    ask: FunctionRequest | ExpressionRequest,
    context: Callable[[], Any],
    forward: Callable[..., Any],
    backward: Callable[[Any, float], Any],
) -> None:
    """Call forward and backward at every input; of a run in the middle all forwards come first."""
    start, stop = ask.together
    _in_pairs(ask.inputs[:start], ask.backward, context, forward, backward)
    run = ask.inputs[start:stop]
    held = [context() for _ in run]
    for each, (args, _) in zip(held, run):
        forward(each, *args)
    for i in in_turn(len(run)):
        backward(held[i], run[i][1])
    _in_pairs(ask.inputs[stop:], ask.backward, context, forward, backward)


def _in_pairs(
    inputs: Sequence[tuple[tuple[float, ...], float]],
    back: bool,
    context: Callable[[], Any],
    forward: Callable[..., Any],
    backward: Callable[[Any, float], Any],
) -> None:
    for args, d in inputs:
        try:
            each = context()
            forward(each, *args)
            if back:
                backward(each, d)
        except Exception:
            continue


CALLS: dict[str, Callable[[Any, Own], None]] = {
    "values": _values,
    "difference": _differences,
    "context": _contexts,
    "function": _functions,
    "expression": _expressions,
    "graph": graphs,
    "arrays": arrays,
}
"""How the questions of each probe are called."""
