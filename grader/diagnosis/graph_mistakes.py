"""Name a wrong way through a graph by what it leaves: at the leaves, or as an order.

What each known mistake would leave on the graphs of a question is foreseen by `graph_walks`, which acts them out. Those
walks show a right one, so a handout has none of them; there a question brings what was foreseen as numbers.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from grader.judging.tolerance import GRAPH_MATCH_RTOL
from grader.model import Diagnosis, Graph, Node

MOST_NAMES = 2
WALKS = "grader.diagnosis.graph_walks"

NAMED_UNDER = 60
"""Nodes. Acting mistakes out on a larger graph costs more than it says."""

Left = tuple[tuple[float | None, ...], ...]
"""After each send what is left at each leaf; or an order: the nodes that functions made, and all."""

About = Literal["derivatives", "order", "closures"]


class Way(msgspec.Struct, frozen=True, array_like=True):
    """One way to make a mistake: which of the mistakes it is, and for each graph which of the results there it has."""

    mistake: int
    results: tuple[int, ...]


class Foreseen(msgspec.Struct, frozen=True, array_like=True):
    """What each known mistake would leave on each of some graphs, `EXAMPLES` after them.

    `left` has for each graph the different results; for a graph that nothing was acted out on it is empty.
    """

    mistakes: tuple[Diagnosis, ...] = ()
    ways: tuple[Way, ...] = ()
    left: tuple[tuple[Left, ...], ...] = ()


class Named(msgspec.Struct, frozen=True):
    """The mistakes that explain all that came back, and what they would leave on each of `EXAMPLES`."""

    diagnosis: tuple[Diagnosis, ...] = ()
    examples: tuple[tuple[Left, ...], ...] = ()


def _graph(*nodes: tuple[str, tuple[int, ...]], sends: tuple[float, ...] = (2.0,)) -> Graph:
    made = (Node("leaf", (), 3.0), *(Node(op, inputs) for op, inputs in nodes))
    return Graph(made, tuple((len(made) - 1, d) for d in sends))


EXAMPLES: tuple[Graph, ...] = (
    _graph(("Neg", (0,))),
    _graph(("Mul", (0, 0))),
    Graph((Node("leaf", (), 3.0), Node("leaf", (), 3.0), Node("Mul", (0, 1))), ((2, 2.0),)),
    _graph(("Neg", (0,)), sends=(2.0, 1.0)),
    Graph(
        (Node("leaf", (), 3.0), Node("leaf", (), 3.0), *(Node("Neg", (i,)) for i in (0, 1)), Node("Mul", (2, 3))),
        ((4, 2.0),),
    ),
    _graph(("Neg", (0,)), ("Neg", (1,)), sends=(2.0, 1.0)),
    _graph(("Neg", (0,)), ("Mul", (0, 1))),
    _graph(("Neg", (0,)), ("Mul", (1, 0))),
    _graph(("Neg", (0,)), ("Mul", (1, 1))),
    _graph(("Neg", (0,)), ("Neg", (1,)), ("Mul", (1, 2))),
    _graph(("Neg", (0,)), ("Neg", (1,)), ("Mul", (2, 1))),
    _graph(("Neg", (0,)), ("Neg", (1,)), ("Neg", (2,)), ("Mul", (1, 3))),
    _graph(("Neg", (0,)), ("Neg", (1,)), ("Neg", (2,)), ("Mul", (3, 1))),
)
"""Graphs to show a mistake at, the simplest first. Each known mistake is seen at one of them."""


def is_acted_out(graph: Graph) -> bool:
    """Say whether a mistake on this graph is foreseen: it is not large, and has no constants."""
    return len(graph.nodes) <= NAMED_UNDER and not any(node.op == "constant" for node in graph.nodes)


@functools.lru_cache(32)
def foreseen(graphs: tuple[Graph, ...], about: About) -> Foreseen:
    """Return what the known mistakes would leave on some graphs. Where there are no walks, as in a handout, nothing."""
    try:
        walks = importlib.import_module(WALKS)  # by its name alone: no part of a handout
    except ModuleNotFoundError as error:
        if error.name != WALKS:  # a fault of ours, not a handout
            raise
        return Foreseen()
    found: Foreseen = walks.foresee((*graphs, *EXAMPLES), about)
    return found


def named(known: Foreseen, came: Sequence[Left | None], about: About, before: Collection[str] = ()) -> Named:
    """Return the mistakes that leave just what came back on every graph; None stands for a graph that says nothing.

    Where nothing came back there is nothing to name. Of several, those are meant that have been named `before`.
    """
    told = [i for i, got in enumerate(came) if got is not None and known.left[i : i + 1] not in ((), ((),))]
    if not any(value for i in told for after in came[i] or () for value in after):
        return Named()
    fits = {i: [matches(left, got, about) for left in known.left[i]] for i in told if (got := came[i]) is not None}
    ways = [way for way in known.ways if all(fits[i][way.results[i]] for i in told)]
    mistakes = list(dict.fromkeys(way.mistake for way in ways))
    mistakes = [one for one in mistakes if known.mistakes[one].name in before] or mistakes
    if not mistakes or len(mistakes) > MOST_NAMES:
        return Named()
    first = len(known.left) - len(EXAMPLES)
    examples = (
        dict.fromkeys(left[way.results[i]] for way in ways if way.mistake in mistakes)
        for i, left in enumerate(known.left)
        if i >= first
    )
    return Named(tuple(known.mistakes[i] for i in mistakes), tuple(map(tuple, examples)))


def matches(left: Left, came: Left, about: About) -> bool:
    """Say whether what came back is what was foreseen."""
    return _is_order(left, came) if about == "order" else _explains(left, came)


def _explains(left: Left, came: Left) -> bool:
    """Compare derivatives; none at all is as good as 0."""
    for expected, got in zip(left, came):
        for predicted, derivative in zip(expected, got):
            if not predicted and not derivative:
                continue
            if predicted is None or derivative is None:
                return False
            if abs(predicted - derivative) > GRAPH_MATCH_RTOL * max(1.0, abs(predicted)):
                return False
    return True


def _is_order(left: Left, came: Left) -> bool:
    """Compare orders, in either direction; the leaves may have been left out."""
    inner, whole = left
    return came[0] in (inner, inner[::-1]) and came[1] in (whole, whole[::-1], inner, inner[::-1])


def as_order(graph: Graph, order: Sequence[int]) -> Left:
    """Return an order of a graph's variables as mistakes are told by it: the ones that functions made, and all."""
    return tuple(i for i in order if graph.nodes[i].inputs), tuple(order)
