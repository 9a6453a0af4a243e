"""Well-known wrong ways to go back through a graph, acted out: what each would leave at the leaves.

A mistake is named when it explains everything that came back, on every graph; two that explain it equally are both
said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.judging.tolerance import GRAPH_MATCH_RTOL
from grader.model import Diagnosis, Graph
from grader.oracle import graphs as oracle

MOST_NAMES = 2

State = dict[int, float]
Steps = list[tuple[int, float]]


Order = Callable[[Graph], list[int]]


def _as_numbered(graph: Graph) -> list[int]:
    return list(range(len(graph.nodes) - 1, -1, -1))


def _depth_first(graph: Graph, first_to_last: bool) -> list[int]:
    """Return the order that a depth-first walk from the last node gives, turned round."""
    done: list[int] = []
    seen: set[int] = set()
    stack = [(len(graph.nodes) - 1, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            done.append(node)
        elif node not in seen:
            seen.add(node)
            inputs = graph.nodes[node].inputs
            stack.append((node, True))
            stack += [(i, False) for i in (reversed(inputs) if first_to_last else inputs)]
    return [*reversed(done), *(i for i in _as_numbered(graph) if i not in seen)]


ORDERS: tuple[Order, ...] = (
    _as_numbered,
    lambda graph: _depth_first(graph, True),
    lambda graph: _depth_first(graph, False),
)
"""Right orders that people's own code comes to. Some mistakes leave something else in each."""


class Walk:
    """A graph with its values and local derivatives, for acting out mistakes."""

    def __init__(self, graph: Graph, order: Order) -> None:
        self.graph = graph
        self._order = order(graph)
        specs = [(node.op, node.inputs, node.value) for node in graph.nodes]
        self.values = [one.value for one in oracle.evaluate(specs)]
        self.leaves = [i for i, node in enumerate(graph.nodes) if node.op == "leaf"]

    def shares(self, node: int, d: float) -> Steps:
        """Return one step of the chain rule: what each variable among the inputs gets."""
        spec = self.graph.nodes[node]
        slopes = oracle.local(spec.op, [self.values[i] for i in spec.inputs]) if spec.inputs else ()
        return [
            (i, d * slope)
            for i, slope in zip(spec.inputs, slopes)
            if self.graph.nodes[i].op not in ("constant", "number")
        ]

    def behind(self, output: int) -> set[int]:
        """Return the nodes that `output` is computed from, and itself."""
        found: set[int] = set()
        todo = [output]
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo.extend(self.graph.nodes[node].inputs)
        return found

    def order(self) -> list[int]:
        """Return a right order, outputs first."""
        return self._order


Mistake = Callable[[Walk, int, float, State, State], None]
"""(walk, output, d, leaves' derivatives to change, what is left of earlier calls)"""


def _in_order(walk: Walk, output: int, d: float, arrived: State, at_leaf: Callable[[int, float], None]) -> None:
    arrived[output] = arrived.get(output, 0.0) + d
    behind = walk.behind(output)
    for node in walk.order():
        if node not in behind or node not in arrived:
            continue
        if node in walk.leaves:
            at_leaf(node, arrived[node])
            continue
        for parent, share in walk.shares(node, arrived[node]):
            arrived[parent] = arrived.get(parent, 0.0) + share


def _add(leaves: State) -> Callable[[int, float], None]:
    def add(node: int, d: float) -> None:
        leaves[node] = leaves.get(node, 0.0) + d

    return add


def _seed_ignored(walk: Walk, output: int, _: float, leaves: State, __: State) -> None:
    _in_order(walk, output, 1.0, {}, _add(leaves))


def _leaf_assigned(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    _in_order(walk, output, d, {}, leaves.__setitem__)


def _stale(walk: Walk, output: int, d: float, leaves: State, earlier: State) -> None:
    kept = {node: value for node, value in earlier.items() if node not in walk.leaves}
    arrived = dict(kept)
    _in_order(walk, output, d, arrived, _add(leaves))
    earlier.update(arrived)


def _overwritten(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    arrived = {output: d}
    for node in walk.order():
        if node not in arrived:
            continue
        if node in walk.leaves:
            leaves[node] = leaves.get(node, 0.0) + arrived[node]
            continue
        arrived.update(walk.shares(node, arrived[node]))


def _parents_once(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    arrived = {output: d}
    for node in walk.order():
        if node not in arrived:
            continue
        if node in walk.leaves:
            leaves[node] = leaves.get(node, 0.0) + arrived[node]
            continue
        seen: set[int] = set()
        for parent, share in walk.shares(node, arrived[node]):
            if parent not in seen:
                seen.add(parent)
                arrived[parent] = arrived.get(parent, 0.0) + share


def _visited_once(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    queue: Steps = [(output, d)]
    seen = {output}
    while queue:
        node, d_out = queue.pop(0)
        if node in walk.leaves:
            leaves[node] = leaves.get(node, 0.0) + d_out
            continue
        for parent, share in walk.shares(node, d_out):
            if parent in walk.leaves or parent not in seen:
                seen.add(parent)
                queue.append((parent, share))


def _breadth_first(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    """Sums that arrive, in breadth-first order: a node passes on what has come so far."""
    order: list[int] = []
    queue = [output]
    while queue:
        node = queue.pop(0)
        if node in order:
            continue
        order.append(node)
        queue.extend(parent for parent, _ in walk.shares(node, 1.0))
    _pass_on(walk, order, output, d, leaves)


def _preorder(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    """Sums that arrive, depth first from the output down: a node passes on what has come so far."""
    order: list[int] = []

    def visit(node: int) -> None:
        if node not in order:
            order.append(node)
            for parent, _ in walk.shares(node, 1.0):
                visit(parent)

    visit(output)
    _pass_on(walk, order, output, d, leaves)


def _pass_on(walk: Walk, order: Sequence[int], output: int, d: float, leaves: State) -> None:
    arrived = {output: d}
    for node in order:
        if node in walk.leaves:
            continue
        for parent, share in walk.shares(node, arrived.get(node, 0.0)):
            arrived[parent] = arrived.get(parent, 0.0) + share
    for leaf in walk.leaves:
        if leaf in arrived:
            leaves[leaf] = leaves.get(leaf, 0.0) + arrived[leaf]


def _by_value(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    arrived = {walk.values[output]: d}
    done: set[float] = set()
    for node in walk.order():
        value = walk.values[node]
        if value not in arrived or value in done:
            continue
        done.add(value)
        if node in walk.leaves:
            leaves[node] = leaves.get(node, 0.0) + arrived[value]
            continue
        for parent, share in walk.shares(node, arrived[value]):
            arrived[walk.values[parent]] = arrived.get(walk.values[parent], 0.0) + share


class GraphMistake(msgspec.Struct, frozen=True):
    """What is said, the walk that makes it, why it is wrong, and what `audit.mutants.machinery` calls it."""

    sentence: str
    walk: Mistake
    why: str = ""
    planted: str = ""


MISTAKES = (
    GraphMistake("the derivative that is sent in is ignored, and 1 sent instead", _seed_ignored, "", "seed ignored"),
    GraphMistake("a leaf's derivative is overwritten where it should be added to", _leaf_assigned),
    GraphMistake(
        "what arrives over a second way overwrites the first: it should be summed",
        _overwritten,
        "",
        "what arrives overwrites",
    ),
    GraphMistake(
        "a variable that is used twice by one function gets one share only", _parents_once, "", "each parent once"
    ),
    GraphMistake(
        "each node is passed through once, with what came first: wait until all of it has arrived",
        _visited_once,
        "",
        "breadth first, each node passed once",
    ),
    GraphMistake(
        "breadth-first order is not a topological order: a node passes on before all has arrived",
        _breadth_first,
        "",
        "breadth first, sums passed on early",
    ),
    GraphMistake(
        "depth first from the output is no topological order: a node passes on before all has arrived",
        _preorder,
        "",
        "depth first, before all has arrived",
    ),
    GraphMistake("nodes between keep their derivative from an earlier call", _stale, "", "stale between calls"),
    GraphMistake(
        "variables are told apart by their value; two that hold the same number are two", _by_value, "", "by value"
    ),
)


def names(graphs: Sequence[Graph], came: Sequence[Sequence[Sequence[float | None]]]) -> tuple[Diagnosis, ...]:
    """Return the mistakes that leave just what came back: for each graph, after each send, each leaf's derivative.

    Where nothing came back there is nothing to name.
    """
    if not any(derivative for got in came for after in got for derivative in after):
        return ()
    walks = [[Walk(graph, order) for graph in graphs] for order in ORDERS]
    found = [
        Diagnosis(mistake.sentence, mistake.why)
        for mistake in MISTAKES
        if any(all(_explains(mistake.walk, walk, got) for walk, got in zip(ordered, came)) for ordered in walks)
    ]
    return tuple(found) if len(found) <= MOST_NAMES else ()


def _explains(mistake: Mistake, walk: Walk, came: Sequence[Sequence[float | None]]) -> bool:
    leaves: State = {}
    earlier: State = {}
    for (output, d), got in zip(walk.graph.sends, came):
        mistake(walk, output, d, leaves, earlier)
        for leaf, derivative in zip(walk.leaves, got):
            predicted = leaves.get(leaf)
            if (predicted or 0.0) == 0.0 and not derivative:
                continue
            if predicted is None or derivative is None:
                return False
            if abs(predicted - derivative) > GRAPH_MATCH_RTOL * max(1.0, abs(predicted)):
                return False
    return True
