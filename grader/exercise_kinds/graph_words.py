"""How a graph reads: its nodes by name, each as a student would type it, and what of the student's own makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.exercise_kinds import wording
from grader.model import Graph
from grader.reports.remembered import remembered

SIGNS = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "LT": "<", "GT": ">", "EQ": "=="}
LEAF_NAMES, INNER_NAMES = "xyzuvwpqrst", "abcdefghijklmno"
METHODS = {"Neg": "__neg__", "Log": "log", "Exp": "exp", "Sigmoid": "sigmoid", "ReLU": "relu", "Tanh": "tanh"}
OPERATORS = {
    "Add": ("__add__", "__radd__"),
    "Sub": ("__sub__", "__rsub__"),
    "Mul": ("__mul__", "__rmul__"),
    "Div": ("__truediv__", "__rtruediv__"),
    "LT": ("__lt__", "__gt__"),
    "GT": ("__gt__", "__lt__"),
    "EQ": ("__eq__", "__eq__"),
}
"""What Python calls for an operator: with a scalar on the left, and with a bare number there."""

MOST_GRAPHS = 2_000
"""Graphs whose names are remembered. An assignment asks about some hundreds."""


@remembered(MOST_GRAPHS)
def names_of(graph: Graph) -> Sequence[str]:
    """Return what each node is called: x, y, … for leaves, a, b, … for others, a number as it is typed.

    >>> from grader.oracle.graph_corpus import twice
    >>> names_of(twice("Mul"))
    ('x', 'a')
    """
    leaves, inner = iter(_endless(LEAF_NAMES)), iter(_endless(INNER_NAMES))
    names = (wording.plain(n.value) if n.op == "number" else next(inner if n.inputs else leaves) for n in graph.nodes)
    return tuple(names)


def _endless(letters: str) -> Iterator[str]:
    yield from letters
    for i in range(1, 1000):
        yield from (f"{letter}{i}" for letter in letters)


SCALAR = "Scalar({})"


def formula(graph: Graph, index: int, names: Sequence[str] = (), applied: bool = False, leaf: str = SCALAR) -> str:
    """Return how a node is made, as a student would type it. `applied`: by `apply`, whatever operators there are.

    `leaf` is how a leaf is made.
    """
    names = names or names_of(graph)
    node = graph.nodes[index]
    if not node.inputs:
        return names[index] if node.op == "number" else leaf.format(repr(node.value))
    given = [names[i] for i in node.inputs]
    if is_applied(node.op, applied):
        return f"{node.op}.apply({', '.join(given)})"
    if node.op in SIGNS:
        return f"{given[0]} {SIGNS[node.op]} {given[1]}"
    return f"-{given[0]}" if node.op == "Neg" else f"{given[0]}.{METHODS[node.op]}()"


def is_applied(op: str, applied: bool) -> bool:
    """Say whether a function is written with `apply`: where it should be, and where no operator leads to it."""
    return applied or (op not in SIGNS and op not in METHODS)


def method_of(graph: Graph, index: int) -> str:
    """Return the method of the student's scalar that Python calls for a node.

    >>> from grader.oracle.graph_corpus import twice
    >>> method_of(twice("Mul"), 1)
    '__mul__'
    """
    node = graph.nodes[index]
    if node.op in METHODS:
        return METHODS[node.op]
    return OPERATORS[node.op][graph.nodes[node.inputs[0]].op == "number"]
