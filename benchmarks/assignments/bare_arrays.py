"""Make the calls that a question about arrays makes: leaves, the formula, and the gradients."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.assignments.own import Own
from grader.sandbox.probes.arrays import ArraysRequest, AskedArrays
from grader.sandbox.probes.dialect import Spoken
from grader.sandbox.probes.function import in_turn


class _Asker:
    """One question, asked of one submission."""

    def __init__(self, ask: ArraysRequest, own: Own) -> None:
        self._spoken = Spoken(own, ask.how, ask.needed)  # type: ignore[arg-type] # as much of a package as it asks for
        self._ask = ask
        space = {name: self._spoken.operation(name) for name in ask.operations}
        self._evaluate: list[Callable[..., Any]] = [
            eval(f"lambda {', '.join(f'_{i}' for i in range(len(row.shapes)))}: {row.formula}", space)
            for row in ask.rows
        ]
        if ask.backward:
            self._spoken.prepare()

    def forward(self, one: AskedArrays) -> Any:
        """Make the leaves and evaluate."""
        row, args, _ = one
        shapes = self._ask.rows[row].shapes
        leaf: Any = self._spoken.leaf
        leaves = [leaf(np.array(x, np.float64).reshape(s)) for x, s in zip(args, shapes)]
        return self._evaluate[row](*leaves)

    def backward(self, one: AskedArrays, out: Any) -> None:
        """Send back what is to be sent."""
        if self._ask.backward:
            back: Any = np.array(one[2], np.float64).reshape(self._spoken.value(out).shape)
            self._spoken.backward(out, back)


def arrays(ask: ArraysRequest, own: Own) -> None:
    """Evaluate at every input and send back; of a run in the middle all forwards come first."""
    asker = _Asker(ask, own)
    start, stop = ask.together
    with contextlib.suppress(Exception):
        for one in ask.inputs[:start]:
            asker.backward(one, asker.forward(one))
        run = ask.inputs[start:stop]
        outs = [asker.forward(one) for one in run]
        for i in in_turn(len(run)):
            asker.backward(run[i], outs[i])
        for one in ask.inputs[stop:]:
            asker.backward(one, asker.forward(one))
