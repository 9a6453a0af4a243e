"""Work out what each exercise runs through, from what it asks of a worker: the table that blame follows.

Every exercise has one layer, and may be blamed on parts of the layers below only. So no two exercises blame each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:  # who checks has the table already
    from grader.sandbox.probes.building import Steps
    from grader.sandbox.probes.graph import GraphRequest

Layer = Literal[
    "number",
    "context",
    "function",
    "built",
    "leaves",
    "operators",
    "order",
    "chain",
    "derivatives",
    "of scalars",
    "everything",
]

NUMBERS: tuple[Layer, ...] = ("number", "context", "function")
BUILT: tuple[Layer, ...] = (*NUMBERS, "built")

BELOW: dict[Layer, tuple[Layer, ...]] = {
    "number": ("number",),
    "context": ("number",),
    "function": ("number",),
    "built": BUILT,
    "leaves": BUILT,
    "operators": BUILT,
    "order": (*BUILT, "leaves"),
    "chain": (*BUILT, "leaves"),
    "derivatives": (*BUILT, "leaves", "operators", "order", "chain"),
    "of scalars": (*BUILT, "operators"),
    "everything": (*BUILT, "leaves", "operators", "order", "chain", "derivatives"),
}
"""Layer -> the layers below it. One that is below itself has parts that use each other; a circle blames nobody."""

MADE_OF: dict[str, tuple[str, ...]] = {"Sub": ("Add", "Neg"), "Div": ("Mul", "Inv"), "GT": ("LT",)}
"""Operator -> the functions that it is made of, where it is not one itself."""

SCALAR = ("scalar", "Scalar")
BY_METHOD = ("scalar", "Scalar.backward")
"""Sends derivatives back where an exercise names no function for it."""


class Runs(msgspec.Struct, frozen=True):
    """What an exercise runs through besides what it asks for: the layer it is in, and (module, name) where it starts.

    `functions` is the module of the functions that operators lead to; blank where no graph is built. `by_operators`:
    graphs are built with Python's operators.
    """

    layer: Layer = "number"
    starts: tuple[tuple[str, str], ...] = ()
    functions: str = ""
    by_operators: bool = False


def runs(with_class: bool, everything: bool, asks: Sequence[object]) -> Runs:
    """Return what an exercise runs through, from its questions.

    `with_class`: it asks for a class with forward and backward; `everything`: all of a student's files run with each
    other.
    """
    from grader.sandbox.probes.context import ContextRequest
    from grader.sandbox.probes.function import FunctionRequest
    from grader.sandbox.probes.graph import GraphRequest

    graphs = [ask for ask in asks if isinstance(ask, GraphRequest)]
    if graphs:
        return _through_a_machine(graphs, everything)
    if any(isinstance(ask, ContextRequest) for ask in asks):
        return Runs("context")
    return Runs("function") if with_class or any(isinstance(ask, FunctionRequest) for ask in asks) else Runs()


def _through_a_machine(asks: Sequence[GraphRequest], everything: bool) -> Runs:
    starts = {SCALAR}
    for ask in asks:
        starts |= {(ask.functions, name) for name in _functions(ask.graphs)}
        if ask.want == "derivatives":
            starts.add(ask.entry if ask.entry[1] else BY_METHOD)
    layers = [_layer(ask) for ask in asks]
    top = max(layers, key=list(BELOW).index)
    by_operators = any(ask.build == "operators" or ask.function for ask in asks)
    return Runs("everything" if everything else top, tuple(sorted(starts)), asks[0].functions, by_operators)


def _layer(ask: GraphRequest) -> Layer:
    if ask.function:
        return "of scalars"
    wanted: dict[str, Layer] = {
        "accumulated": "leaves",
        "order": "order",
        "chain": "chain",
        "derivatives": "derivatives",
    }
    return wanted.get(ask.want, "operators" if ask.build == "operators" else "built")


def _functions(graphs: Iterable[Steps]) -> set[str]:
    """Return the functions that some graphs run through, of operators those that they are made of."""
    named = {name for graph in graphs for name in graph.functions()}
    return {part for name in named for part in MADE_OF.get(name, (name,))}
