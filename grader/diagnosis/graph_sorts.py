"""Orders in which people's own code goes through a graph: right ones, and well-known wrong ones.

They show a right order as well, so no handout has this module (`graph_mistakes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from grader.model import Graph
from grader.oracle import graphs as oracle

State = dict[int, float]
Steps = list[tuple[int, float]]


class Walk:
    """A graph with its values and local derivatives, for acting out mistakes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        specs = [(node.op, node.inputs, node.value) for node in graph.nodes]
        self.values = [one.value for one in oracle.evaluate(specs)]
        self.leaves = [i for i, node in enumerate(graph.nodes) if node.op == "leaf"]
        self._slopes = [tuple(self._of_node(i)) for i in range(len(graph.nodes))]
        self.parents = [tuple(j for j, _ in slopes) for slopes in self._slopes]
        self._orders: dict[tuple[Sort, int], list[int]] = {}

    def _of_node(self, i: int) -> Iterator[tuple[int, float]]:
        node = self.graph.nodes[i]
        slopes = oracle.local(node.op, [self.values[j] for j in node.inputs]) if node.inputs else ()
        for j, slope in zip(node.inputs, slopes):
            if self.graph.nodes[j].op not in ("constant", "number"):
                yield j, slope

    def shares(self, node: int, d: float) -> Steps:
        """Return one step of the chain rule: what each variable among the inputs gets."""
        return [(j, d * slope) for j, slope in self._slopes[node]]

    def order(self, sort: Sort, output: int) -> list[int]:
        """Return the variables behind an output, and itself, as a sort orders them."""
        if (sort, output) not in self._orders:
            self._orders[sort, output] = sort(self, output)
        return self._orders[sort, output]

    def behind(self, output: int) -> set[int]:
        """Return the variables that an output is computed from, and itself."""
        found: set[int] = set()
        todo = [output]
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo.extend(self.parents[node])
        return found


Sort = Callable[[Walk, int], list[int]]


def _turned(parents: Sequence[int], last_first: bool) -> Sequence[int]:
    return parents[::-1] if last_first else parents


def _newest_first(walk: Walk, output: int) -> list[int]:
    return sorted(walk.behind(output), reverse=True)


def _post_order(last_first: bool) -> Sort:
    """Return a depth-first sort, outputs first."""
    return _depth_first(last_first, lambda _, node: node, lambda walk, node: walk.parents[node])


def post_order_by_value(last_first: bool, numbers: bool) -> Sort:
    """Return the same sort where equal numbers are one variable. `numbers`: bare numbers were made variables, too."""
    return _depth_first(
        last_first,
        lambda walk, node: walk.values[node],
        lambda walk, node: walk.graph.nodes[node].inputs if numbers else walk.parents[node],
    )


def _depth_first(
    last_first: bool, key_of: Callable[[Walk, int], float], inputs_of: Callable[[Walk, int], Sequence[int]]
) -> Sort:
    def sort(walk: Walk, output: int) -> list[int]:
        done: list[int] = []
        seen: set[float] = set()

        def visit(node: int) -> None:
            key = key_of(walk, node)
            if key in seen:
                return
            seen.add(key)
            for parent in _turned(inputs_of(walk, node), last_first):
                visit(parent)
            done.append(node)

        visit(output)
        return [node for node in reversed(done) if walk.graph.nodes[node].op != "number"]

    return sort


RIGHT: tuple[Sort, ...] = (_newest_first, _post_order(False), _post_order(True))
"""Right orders that people's own code comes to. Some mistakes leave something else in each."""


def _breadth_first(last_first: bool) -> Sort:
    def sort(walk: Walk, output: int) -> list[int]:
        order = [output]
        for node in order:
            order += dict.fromkeys(one for one in _turned(walk.parents[node], last_first) if one not in order)
        return order

    return sort


def _preorder(last_first: bool) -> Sort:
    def sort(walk: Walk, output: int) -> list[int]:
        order: list[int] = []
        todo = [output]
        while todo:
            node = todo.pop()
            if node not in order:
                order.append(node)
                todo += _turned(walk.parents[node], not last_first)
        return order

    return sort


def _by_distance(ties: Sort) -> Sort:
    """Return a sort by the shortest distance from the output; variables at the same distance as in another order."""

    def sort(walk: Walk, output: int) -> list[int]:
        distance = {output: 0}
        queue = [output]
        for node in queue:
            for parent in walk.parents[node]:
                if parent not in distance:
                    distance[parent] = distance[node] + 1
                    queue.append(parent)
        return sorted(ties(walk, output), key=distance.__getitem__)

    return sort


def _marked_when_pushed(last_first: bool) -> Sort:
    """Return a walk with a stack, in the order of its visits; what is put on the stack counts as visited."""

    def sort(walk: Walk, output: int) -> list[int]:
        order, stack, seen = [], [output], {output}
        while stack:
            node = stack.pop()
            order.append(node)
            for parent in _turned(walk.parents[node], last_first):
                if parent not in seen:
                    seen.add(parent)
                    stack.append(parent)
        return order

    return sort


def _post_order_marked_early(last_first: bool) -> Sort:
    """Return a depth-first sort where all of a variable's inputs count as visited before the first of them is."""

    def sort(walk: Walk, output: int) -> list[int]:
        done: list[int] = []
        seen = {output}

        def visit(node: int) -> None:
            fresh = [one for one in dict.fromkeys(_turned(walk.parents[node], last_first)) if one not in seen]
            seen.update(fresh)
            for parent in fresh:
                visit(parent)
            done.append(node)

        visit(output)
        return done[::-1]

    return sort


BREADTH_FIRST: tuple[Sort, ...] = (
    *map(_breadth_first, (False, True)),
    *map(_by_distance, (_newest_first, lambda walk, output: sorted(walk.behind(output)), _preorder(False))),
)
PREORDERS: tuple[Sort, ...] = tuple(map(_preorder, (False, True)))
MARKED_EARLY: tuple[Sort, ...] = (
    *map(_marked_when_pushed, (False, True)),
    *map(_post_order_marked_early, (False, True)),
)
