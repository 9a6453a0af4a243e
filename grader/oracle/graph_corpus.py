"""The graphs that machinery is judged on: the smallest that show each wrong algorithm, and random ones.

Random graphs are drawn by `random.Random(seed).random()` alone, as inputs are, so a seed gives the same graphs on every
version of everything.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from grader.model import Graph, Node
from grader.oracle.graphs import Derivatives, evaluate

T = TypeVar("T")

PATHS_CAP = 1_000
TAMEST, WILDEST = 1e-3, 50.0
"""Values stay inside: a graph is to be judged on how it is walked, not on overflow."""

VALUES: dict[str, Callable[..., float]] = {
    "Add": operator.add,
    "Mul": operator.mul,
    "Neg": operator.neg,
    "Sigmoid": lambda x: 1.0 / (1.0 + math.exp(-x)),
    "ReLU": lambda x: max(x, 0.0),
    "Tanh": math.tanh,
    "Exp": math.exp,
    "Log": math.log,
    "Inv": lambda x: 1.0 / x,
}
"""Enough to steer a random graph by; what it is judged by is the oracle's."""

BINARY = ("Add", "Mul", "Add", "Mul")
UNARY = ("Neg", "Sigmoid", "ReLU", "Exp", "Log", "Inv")


class Drawing:
    """A graph in the making. Every method returns the new node's index."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def leaf(self, value: float) -> int:
        """Add a leaf."""
        return self._add(Node("leaf", (), value))

    def constant(self, value: float) -> int:
        """Add a scalar that takes no part in differentiation."""
        return self._add(Node("constant", (), value))

    def number(self, value: float) -> int:
        """Add a bare number."""
        return self._add(Node("number", (), value))

    def apply(self, op: str, *inputs: int) -> int:
        """Add a function of earlier nodes."""
        return self._add(Node(op, inputs))

    def graph(self, *sends: tuple[int, float]) -> Graph:
        """Return the graph, with what is to be sent back."""
        return Graph(tuple(self.nodes), sends)

    def _add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1


def twice(op: str, value: float = 3.0, d: float = 2.0) -> Graph:
    """x + x or x · x: the same variable on both sides."""
    made = Drawing()
    x = made.leaf(value)
    return made.graph((made.apply(op, x, x), d))


def skip(length: int, d: float = 3.0) -> Graph:
    """h + z · h, with z `length` operations above h: a short and a long way to the same node."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(3.0)
    h = made.apply("Mul", x, y)
    z = h
    for _ in range(length):
        z = made.apply("Neg", z)
    return made.graph((made.apply("Add", h, made.apply("Mul", z, h)), d))


def diamonds(count: int, d: float = 2.0) -> Graph:
    """Diamonds in a row: 2 to the `count` paths."""
    made = Drawing()
    node = made.leaf(1.5)
    for _ in range(count):
        node = made.apply("Sigmoid", made.apply("Add", node, made.apply("Neg", made.apply("Sigmoid", node))))
    return made.graph((node, d))


def fan(width: int, d: float = 2.0) -> Graph:
    """One leaf used `width` times."""
    made = Drawing()
    x, y = made.leaf(1.5), made.leaf(0.5)
    total = made.apply("Mul", x, y)
    for _ in range(width):
        total = made.apply("Add", total, x)
    return made.graph((total, d))


def chain(length: int, d: float = 2.0) -> Graph:
    """A long way: `length` operations one after the other."""
    made = Drawing()
    node = made.leaf(0.7)
    for _ in range(length):
        node = made.apply("Neg", node)
    return made.graph((node, d))


def equal_leaves(d: float = 2.0) -> Graph:
    """Two leaves of one value: variables are told apart by who they are, not by what they hold."""
    made = Drawing()
    x, y = made.leaf(3.0), made.leaf(3.0)
    a = made.apply("Mul", x, y)
    return made.graph((made.apply("Add", a, made.apply("Mul", a, x)), d))


def equal_inner(d: float = 2.0) -> Graph:
    """Two inner nodes of one value."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(-2.0)
    a, b = made.apply("Mul", x, x), made.apply("Mul", y, y)
    return made.graph((made.apply("Mul", a, made.apply("Add", b, a)), d))


def with_constants(d: float = 2.0) -> Graph:
    """A constant and a bare number among the inputs: neither gets a derivative."""
    made = Drawing()
    x, c = made.leaf(3.0), made.constant(4.0)
    a = made.apply("Mul", x, c)
    return made.graph((made.apply("Add", made.apply("Mul", a, made.number(2.0)), made.apply("Neg", c)), d))


def lone_leaf(d: float = 2.5) -> Graph:
    """A leaf that is itself the output."""
    made = Drawing()
    return made.graph((made.leaf(3.0), d))


AT: dict[str, tuple[float, float]] = {"Exp": (-0.7, 2.0), "Inv": (0.5, 4.0)}
"""Where a function can be applied four times over; the others can at (3, 4)."""


def over(op: str, d: float = -1.5) -> Graph:
    """One function over a leaf, over another function, over itself and last of all: a slip may be in any one place."""
    made = Drawing()
    x, y = (made.leaf(value) for value in AT.get(op, (3.0, 4.0)))
    inner = made.apply(op, made.apply("Mul", x, y))
    return made.graph((made.apply(op, made.apply(op, made.apply("Add", made.apply(op, x), inner))), d))


def shared(uses: int, d: float = 2.0) -> Graph:
    """One inner node that is used so many times, each time by another function and from further away."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(0.5)
    node = total = made.apply("Mul", x, y)
    for i in range(uses - 1):
        total = made.apply("Mul" if i % 2 else "Add", total, made.apply("Sigmoid" if i % 3 else "Neg", node))
    return made.graph((total, d))


def staircase(steps: int, d: float = 2.0) -> Graph:
    """Each node is computed from the two before it: the shortest way to a node says nothing about the longest."""
    made = Drawing()
    before, node = made.leaf(0.5), made.leaf(0.25)
    for i in range(steps):
        before, node = node, made.apply("Mul" if i % 3 == 2 else "Add", *((before, node) if i % 2 else (node, before)))
    return made.graph((node, d))


def twice_inner(op: str, d: float = 2.0) -> Graph:
    """An inner node on both sides of one function, beside a leaf on both sides of another."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(3.0)
    a = made.apply("Mul", x, y)
    return made.graph((made.apply("Mul", made.apply(op, a, a), made.apply("Add", x, x)), d))


def bouquet(leaves: int, d: float = 2.0) -> Graph:
    """Many leaves, some of one value, summed as products of two."""
    made = Drawing()
    values = [made.leaf(0.5 + 0.25 * (i % 7) * (-1) ** i) for i in range(leaves)]
    total = made.apply("Mul", values[0], values[1])
    for one, other in itertools.pairwise(values[2:]):
        total = made.apply("Add", total, made.apply("Mul", one, other))
    return made.graph((total, d))


def numbers(d: float = 2.0) -> Graph:
    """Bare numbers on the left and on the right, at leaves and between."""
    made = Drawing()
    x, y = made.leaf(3.0), made.leaf(2.0)
    left = made.apply("Mul", made.number(2.0), made.apply("Add", made.number(1.0), x))
    right = made.apply("Add", made.apply("Mul", y, made.number(-0.5)), made.number(4.0))
    return made.graph((made.apply("Mul", left, made.apply("Mul", right, made.number(1.5))), d))


def scales(d: float = 1.0) -> Graph:
    """Derivatives of very different size, a large and a small one, and 1 sent back."""
    made = Drawing()
    large, small = made.leaf(3.0), made.leaf(2.0)
    one, other = made.apply("Mul", large, large), made.apply("Mul", small, small)
    for _ in range(4):
        one, other = made.apply("Mul", made.number(20.0), one), made.apply("Mul", other, made.number(0.01))
    return made.graph((made.apply("Add", one, other), d))


def cancelling(d: float = 2.0) -> Graph:
    """A leaf whose derivatives add up to 0, a node whose value is 0, and others that they have nothing to do with."""
    made = Drawing()
    x, y, z = made.leaf(3.0), made.leaf(3.0), made.leaf(2.0)
    zero = made.apply("Add", y, made.apply("Neg", made.apply("Mul", z, made.number(1.5))))
    gone = made.apply("Add", made.apply("Neg", x), x)
    return made.graph((made.apply("Add", gone, made.apply("Mul", zero, made.apply("Add", y, z))), d))


def dead(d: float = 2.0) -> Graph:
    """A way over which nothing arrives, and another one to the same leaf."""
    made = Drawing()
    x, y = made.leaf(3.0), made.leaf(2.0)
    off = made.apply("ReLU", made.apply("Neg", x))
    return made.graph((made.apply("Add", made.apply("Mul", off, y), made.apply("Mul", y, x)), d))


def equal_to_a_leaf(d: float = 2.0) -> Graph:
    """An inner node that holds what a leaf holds."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(1.0)
    a = made.apply("Mul", x, y)
    return made.graph((made.apply("Mul", a, made.apply("Add", x, made.apply("Neg", made.apply("Neg", a)))), d))


def mirrored(graph: Graph) -> Graph:
    """Return the graph with the two inputs of every function exchanged: all that has two can be."""
    return Graph(tuple(Node(one.op, one.inputs[::-1], one.value) for one in graph.nodes), graph.sends)


def again(d: float = 2.0) -> Graph:
    """The same graph sent back through twice: leaves add up, nothing between them remembers."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(3.0)
    a = made.apply("Mul", x, y)
    out = made.apply("Mul", a, a)
    return made.graph((out, d), (out, 1.0))


def two_outputs(d: float = 2.0) -> Graph:
    """Two outputs over one shared part, one after the other."""
    made = Drawing()
    x, y = made.leaf(2.0), made.leaf(3.0)
    a = made.apply("Mul", x, y)
    first, second = made.apply("Neg", a), made.apply("Mul", a, x)
    return made.graph((first, d), (second, -1.0), (first, 0.5))


def network(step: int = 0) -> Graph:
    """The loss of a small network on one point, its weights as after `step` steps of training; sent twice.

    The first hidden value goes on by ways of different lengths, two weights hold the same number, and one is used twice
    by one function, for its decay: what goes wrong in a walk through a graph goes wrong here.
    """
    made = Drawing()
    weights = [0.5, -1.5, 0.8, 1.1, 0.2, -0.4, 1.3, -0.7, 0.3, 0.2]
    inputs, target = [1.2, -0.6], 1.0
    w = [made.leaf(weight - 0.1 * step * (1 if i % 2 else -1)) for i, weight in enumerate(weights)]
    x = [made.number(value) for value in inputs]
    hidden = []
    for j in range(2):
        total = made.apply("Add", made.apply("Mul", w[3 * j], x[0]), made.apply("Mul", w[3 * j + 1], x[1]))
        hidden.append(made.apply("ReLU", made.apply("Add", total, w[3 * j + 2])))
    out = made.apply("Add", made.apply("Mul", w[6], hidden[0]), made.apply("Mul", w[7], hidden[1]))
    gate = made.apply("Sigmoid", made.apply("Add", made.apply("Mul", w[9], hidden[0]), w[4]))
    out = made.apply("Add", out, made.apply("Add", hidden[0], made.apply("Mul", gate, hidden[0])))
    probability = made.apply("Sigmoid", made.apply("Add", out, w[8]))
    right = made.apply("Log", made.apply("Add", probability, made.number(1.0 - target)))
    decay = made.apply("Mul", made.number(0.125), made.apply("Mul", w[6], w[6]))
    loss = made.apply("Add", made.apply("Neg", right), decay)
    return made.graph((loss, 2.0), (loss, -0.5))


def _both_ways(make: Callable[[], Graph]) -> tuple[Callable[[], Graph], Callable[[], Graph]]:
    return make, lambda: mirrored(make())


SMALL: tuple[Callable[[], Graph], ...] = (
    lambda: twice("Mul"),
    lambda: twice("Add"),
    lambda: skip(1),
    lambda: skip(3),
    equal_leaves,
    equal_inner,
    lambda: diamonds(1),
    lambda: diamonds(2),
    lambda: diamonds(5),
    lambda: skip(1, 0.0),
    lambda: fan(100),
    lambda: chain(300),
)
"""Each the smallest that shows some wrong algorithm; d is never only 1."""

LOCAL: tuple[Callable[[], Graph], ...] = (
    *(lambda op=op: over(op) for op in UNARY),
    *(lambda uses=uses: shared(uses) for uses in (3, 4, 6)),
    *(lambda op=op: twice_inner(op) for op in ("Mul", "Add")),
    *(one for each in (skip, staircase) for length in (5, 12) for one in _both_ways(lambda f=each, n=length: f(n))),  # type: ignore[misc]
    *(
        one
        for make in (numbers, scales, cancelling, dead, equal_to_a_leaf, lambda: skip(1), lambda: bouquet(12))
        for one in _both_ways(make)
    ),
    lambda: over("Neg", 1.0),
    lambda: skip(2, -1.0),
)
"""Each shows a slip that is only in one place: in one function, one input, one number of uses, one value."""

REPEATED: tuple[Callable[[], Graph], ...] = (again, two_outputs)


def restricted(graph: Graph, operations: Collection[str], deepest: int, numbers: bool = True) -> Graph:
    """Return a graph like this one, of the functions that there are alone, cut to so many nodes; constants are numbers.

    Bare numbers are on the right of a sign, or, without `numbers`, leaves.

    >>> restricted(diamonds(1), ("Add", "Neg", "Tanh"), 100).nodes[1].op
    'Tanh'
    """
    kept = graph.nodes[:deepest]
    sends = tuple((min(node, len(kept) - 1), d) for node, d in graph.sends)
    bare = "number" if numbers else "leaf"
    made = [Node(bare if n.op in ("constant", "number") else _like(n.op, operations), n.inputs, n.value) for n in kept]
    turned = (
        Node(n.op, n.inputs[::-1], n.value) if n.op in BINARY and made[n.inputs[0]].op == "number" else n for n in made
    )
    return Graph(tuple(turned), sends)


def _like(op: str, operations: Collection[str]) -> str:
    """Return the function itself, or one of as many inputs that there is."""
    if op in operations or op in ("leaf", "number"):
        return op
    return next((one for one in ("Sigmoid", "Tanh") if one in operations), "Neg")


def random_step(source: random.Random) -> tuple[Graph, tuple[Derivatives, ...]]:
    """Return a small random graph, from any one of whose functions something is sent back, and its exact answers."""
    drawn = _drawn(source, 3 + int(source.random() * 6))
    functions = [i for i, node in enumerate(drawn.nodes) if node.inputs]
    graph = pruned(Graph(drawn.nodes, ((_choice(source, functions), _d(source)),)))
    return graph, answers(graph)


def random_graph(
    source: random.Random, fewest: int = 20, most: int = 40, unary: Sequence[str] = UNARY
) -> tuple[Graph, tuple[Derivatives, ...]]:
    """Return a random graph of so many operations, at most 1,000 paths through it, and its exact answers.

    `unary` are the functions of one input that it is made of, beside sums and products.
    """
    while True:
        drawn = _drawn(source, fewest + int(source.random() * (most - fewest + 1)), unary)
        graph = Graph(drawn.nodes, ((len(drawn.nodes) - 1, _d(source)),))
        if paths(graph) <= PATHS_CAP:
            return graph, answers(graph)


def answers(graph: Graph) -> tuple[Derivatives, ...]:
    """Return the exact value and derivatives at every node. Raises Undefined."""
    return evaluate([(node.op, node.inputs, node.value) for node in graph.nodes])


def paths(graph: Graph) -> int:
    """Return how many ways lead from the last node down to leaves."""
    counts: list[int] = []
    for node in graph.nodes:
        counts.append(sum(counts[i] for i in node.inputs) if node.inputs else 1)
    return counts[-1]


def pruned(graph: Graph) -> Graph:
    """Leave out what no send reaches, and number the rest anew."""
    wanted: set[int] = set()
    todo = [node for node, _ in graph.sends]
    while todo:
        i = todo.pop()
        if i not in wanted:
            wanted.add(i)
            todo.extend(graph.nodes[i].inputs)
    kept = sorted(wanted)
    number = {old: new for new, old in enumerate(kept)}
    nodes = tuple(Node(n.op, tuple(number[i] for i in n.inputs), n.value) for n in (graph.nodes[i] for i in kept))
    return Graph(nodes, tuple((number[node], d) for node, d in graph.sends))


def _drawn(source: random.Random, operations: int, unary: Sequence[str] = UNARY) -> Graph:
    made = Drawing()
    mild = _like("Sigmoid", unary)
    values: list[float] = []
    unused: list[int] = []

    def add(op: str, inputs: list[int]) -> None:
        tame, used = _tamed(op, inputs, values, mild)
        unused[:] = [i for i in unused if i not in inputs]
        unused.append(made.apply(tame, *used))
        values.append(_value(tame, [values[i] for i in used]))

    for _ in range(2 + int(source.random() * 3)):
        value = _rounded((0.3 + 2.7 * source.random()) * (1 if source.random() < 0.5 else -1))
        unused.append(made.leaf(value))
        values.append(value)
    for _ in range(operations):
        op = _choice(source, BINARY if source.random() < 0.65 else unary)
        inputs = [_input(source, made, unused) for _ in range(2 if op in BINARY else 1)]
        if op in BINARY and source.random() < 0.1:
            inputs[1] = made.number(_rounded(0.5 + source.random()))
            values.append(made.nodes[-1].value)
        add(op, inputs)
    while len(unused) > 1:  # what nothing used yet is joined, so that little is left out
        add("Add", unused[:2])
    return pruned(made.graph((len(made.nodes) - 1, 1.0)))


def _input(source: random.Random, made: Drawing, unused: Sequence[int]) -> int:
    """Choose what to use next: something unused, something recent, or anything there is."""
    kind = source.random()
    if unused and kind < 0.5:
        return _choice(source, unused)
    recent = range(max(0, len(made.nodes) - 5), len(made.nodes))
    pool = [i for i in (recent if kind < 0.8 else range(len(made.nodes))) if made.nodes[i].op != "number"]
    return _choice(source, pool or list(unused))


def _tamed(op: str, inputs: list[int], values: Sequence[float], mild: str) -> tuple[str, list[int]]:
    """Replace an operation whose value would run away, vanish, be undefined or sit on a kink."""
    for other in (op, "Add", "Mul") if len(inputs) == 2 else (op, mild):
        if _is_tame(other, [values[i] for i in inputs]):
            return other, inputs
    return "Neg", inputs[:1]


def _is_tame(op: str, values: Sequence[float]) -> bool:
    steep = op in ("Log", "Inv") and abs(values[0]) < 0.1
    kinked = op == "ReLU" and values[0] < TAMEST
    try:
        return not steep and not kinked and TAMEST <= abs(_value(op, values)) <= WILDEST
    except (ArithmeticError, ValueError):
        return False


def _value(op: str, values: Sequence[float]) -> float:
    return VALUES[op](*values)


def _d(source: random.Random) -> float:
    return _rounded((0.3 + 2.7 * source.random()) * (1 if source.random() < 0.5 else -1))


def _choice(source: random.Random, items: Sequence[T]) -> T:
    return items[int(source.random() * len(items))]


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")
