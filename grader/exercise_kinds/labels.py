"""Ask of a graph by labels that mean nothing, and read what comes back by the graph's own nodes.

A question that listed nodes in an order in which they can be computed would hold the answer to what it asks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from grader.model import Graph
from grader.reports.remembered import remembered
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.building import UNKNOWN, Step, Steps
from grader.sandbox.probes.graph import GraphRow, Seen

KEPT = ("leaf", "constant")
T = TypeVar("T")


class NodeRow(msgspec.Struct, frozen=True):
    """What came of one graph, by its nodes; only what was wanted is filled in.

    `derivatives` has, after each send, one for each leaf and constant; where one node's was asked, its own alone.
    """

    values: tuple[float | NonNumeric, ...] = ()
    seen: tuple[Seen, ...] = ()
    output: int = UNKNOWN
    pairs: tuple[tuple[int, float | NonNumeric], ...] | NonNumeric = ()
    order: tuple[int, ...] | NonNumeric = ()
    derivatives: tuple[tuple[float | NonNumeric, ...], ...] = ()
    calls: int = 0
    steps: int = 0
    allowed: int = 0
    backwards: dict[str, int] = {}
    fault: Fault | None = None
    again: bool = False


@remembered(2_000)
def labels_of(graph: Graph) -> tuple[int, ...]:
    """Return each node's label: the same whenever the graph is asked, and in no order of its nodes."""
    labels = list(range(len(graph.nodes)))
    random.Random(repr(graph)).shuffle(labels)
    return tuple(labels)


def steps(graph: Graph) -> Steps:
    """Return a graph as it is asked."""
    labels = labels_of(graph)
    made = (
        Step(labels[i], node.op, tuple(labels[j] for j in node.inputs), node.value)
        for i, node in enumerate(graph.nodes)
    )
    return Steps(tuple(made), tuple((labels[node], d) for node, d in graph.sends))


def row(graph: Graph, told: GraphRow, one_each: bool = False) -> NodeRow:
    """Return what was told by the graph's nodes. `one_each`: after each send the derivative of the node it went to."""
    labels = labels_of(graph)
    node_of = {label: node for node, label in enumerate(labels)}

    def node(label: int) -> int:
        return node_of.get(label, label)  # what was met besides, and what is no node, stays as it is

    def seen(one: Seen) -> Seen:
        return msgspec.structs.replace(one, inputs=tuple(map(node, one.inputs)))

    kept = [i for i, one in enumerate(graph.nodes) if one.op in KEPT]
    found = []
    for after, (sent, _) in zip(told.derivatives, graph.sends):
        at = {node(label): value for label, value in after}
        found.append(tuple(at.get(i, NonNumeric("None")) for i in ([sent] if one_each else kept)))
    return NodeRow(
        values=_by_node(told.values, labels),
        seen=tuple(map(seen, _by_node(told.seen, labels))),
        output=node(told.output),
        pairs=told.pairs if isinstance(told.pairs, NonNumeric) else tuple((node(label), d) for label, d in told.pairs),
        order=told.order if isinstance(told.order, NonNumeric) else tuple(map(node, told.order)),
        derivatives=tuple(found),
        calls=told.calls,
        steps=told.steps,
        allowed=told.allowed,
        backwards=told.backwards,
        fault=told.fault,
        again=told.again,
    )


def rows(graphs: Sequence[Graph], told: Sequence[GraphRow], one_each: bool = False) -> tuple[NodeRow, ...]:
    """Return all that was told of some graphs, as far as it goes."""
    return tuple(row(graph, one, one_each) for graph, one in zip(graphs, told))


def _by_node(told: tuple[T, ...], labels: Sequence[int]) -> tuple[T, ...]:
    if len(told) < len(labels):
        return ()
    return (*(told[label] for label in labels), *told[len(labels) :])
