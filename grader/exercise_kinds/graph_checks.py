"""What machinery is held to: for each check the graphs that are asked, what is wanted of them, and the verdict."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Collection

import msgspec

from grader.exercise_kinds import graph_verdicts as verdicts
from grader.exercise_kinds.graph_verdicts import Judge, Trial
from grader.model import Graph
from grader.oracle import graph_corpus
from grader.oracle.graph_corpus import Drawing
from grader.sandbox.probes.graph import Want

MOST_RANDOM = 15
"""Random graphs in each half. What a slip in one place only shows in is named; these are for what nobody thought of."""

SIZES = ((4, 12), (20, 40), (20, 40))
"""Fewest and most operations of random graphs, in turn: a small one shows what cancels in a large one.

Node for node, a large graph shows more than small ones (docs/decisions/0028).
"""


class GraphCheck(msgspec.Struct, frozen=True):
    """One check: the graphs of the public half, how many random ones, what is wanted, and what is wrong with a row.

    `holds` says it for authors. `wrong` returns None where the row is right. `growth`: calls of backward and steps are
    counted, and more than so many times the steps of the graph before are too many; `graph_cost` judges them.
    """

    holds: str
    want: Want
    named: tuple[Callable[[], Graph], ...]
    wrong: Judge
    random: bool = False
    growth: int = 0


class Restriction(msgspec.Struct, frozen=True):
    """What graphs are made of where a course has not got everything: its functions, and how deep they may be.

    `numbers`: bare numbers may be among them, on the right of a sign; else variables are in their place. `resets`:
    every send begins anew. `once`: only the first of several sends is made.
    """

    operations: tuple[str, ...]
    depth: int
    numbers: bool = True
    resets: bool = False
    once: bool = False


def restricted_trials(check: GraphCheck, count: int, seed: str, public: bool, limits: Restriction) -> tuple[Trial, ...]:
    """Return the graphs of one half, of what a course has alone, with their answers."""
    named = [one() for one in check.named] if public else []
    drawn = [graph_corpus.restricted(one, limits.operations, limits.depth, limits.numbers) for one in named]
    sent = [msgspec.structs.replace(one, sends=one.sends[:1]) for one in drawn] if limits.once else drawn
    made = [Trial(one, graph_corpus.answers(one), limits.resets) for one in dict.fromkeys(sent)]
    if check.random:
        source = random.Random(seed)
        unary = tuple(one for one in graph_corpus.VALUES if one in limits.operations and one not in graph_corpus.BINARY)
        sizes = [SIZES[i % len(SIZES)] for i in range(min(count, MOST_RANDOM))]
        made += [_numbered(graph_corpus.random_graph(source, *size, unary)[0], limits) for size in sizes]
    return tuple(made)


def _numbered(graph: Graph, limits: Restriction) -> Trial:
    made = graph_corpus.restricted(graph, limits.operations, len(graph.nodes), limits.numbers)
    return Trial(made, graph_corpus.answers(made), limits.resets)


def trials(check: GraphCheck, count: int, seed: str, public: bool) -> tuple[Trial, ...]:
    """Return the graphs of one half with their answers."""
    made = [Trial(graph, graph_corpus.answers(graph)) for graph in (one() for one in check.named)] if public else []
    if check.random:
        source = random.Random(seed)
        draw = graph_corpus.random_step if check.want == "chain" else graph_corpus.random_graph
        sizes = [() if check.want == "chain" else SIZES[i % len(SIZES)] for i in range(min(count, MOST_RANDOM))]
        made += [Trial(*draw(source, *size)) for size in sizes]
    return tuple(made)


def _accumulating() -> Graph:
    made = Drawing()
    x, y = made.leaf(3.0), made.leaf(3.0)
    return made.graph((x, 1.5), (y, 8.0), (x, -0.25), (y, 1.0), (x, 2.0))


def _of(
    op: str, first: str, second: str = "", d: float = 2.5, at: tuple[float, float] = (3.0, 2.0)
) -> Callable[[], Graph]:
    def make() -> Graph:
        made = Drawing()
        one = getattr(made, first)(at[0])
        inputs = (one, getattr(made, second)(at[1])) if second else (one,)
        return made.graph((made.apply(op, *inputs), d))

    return make


def _sides(op: str) -> tuple[Callable[[], Graph], ...]:
    return tuple(_of(op, *pair) for pair in (("leaf", "leaf"), ("leaf", "number"), ("number", "leaf")))


def _mixed() -> Graph:
    made = Drawing()
    x, y = made.leaf(3.0), made.leaf(-2.0)
    a = made.apply("Mul", x, y)
    b = made.apply("Add", a, x)
    return made.graph((made.apply("Sigmoid", b), 2.0))


def _below_zero() -> Graph:
    made = Drawing()
    return made.graph((made.apply("ReLU", made.leaf(-3.0)), 1.0))


ARITHMETIC = (*_sides("Add"), *_sides("Sub"), *_sides("Mul"), *_sides("Div"), _of("Neg", "leaf"))
COMPARISONS = (
    *_sides("LT"),
    *_sides("GT"),
    *_sides("EQ"),
    *(_of(op, "leaf", "leaf", at=at) for op in ("LT", "GT", "EQ") for at in ((3.0, 3.0), (2.0, 3.0))),
)
METHODS = (*(_of(op, "leaf") for op in ("Log", "Exp", "Sigmoid", "ReLU")), _below_zero)
APPLIED = (
    *_sides("Mul"),
    _of("Neg", "leaf"),
    _of("Mul", "constant", "leaf"),
    _mixed,
    lambda: graph_corpus.twice("Add"),
)
NETWORKS = tuple(functools.partial(graph_corpus.network, k) for k in range(4))
STEPS = (
    _of("Neg", "leaf"),
    _of("Mul", "leaf", "leaf"),
    _of("Mul", "leaf", "number"),
    _of("Mul", "constant", "leaf"),
    _of("Add", "number", "leaf", -1.5),
    _of("Mul", "leaf", "leaf", at=(0.0, 2.0)),
    *(_of(op, "leaf", d=1.0) for op in ("Exp", "Log", "Inv", "Sigmoid", "ReLU")),
    _of("Mul", "leaf", "leaf", d=0.0),
    _of("Mul", "number", "leaf", d=-1.0),
    _of("Add", "leaf", "leaf", at=(3.0, 3.0)),
    lambda: graph_corpus.twice("Mul"),
    lambda: graph_corpus.twice("Add"),
    lambda: graph_corpus.twice_inner("Mul"),
    _mixed,
)


def _boxes() -> Graph:
    made = Drawing()
    x = made.leaf(3.0)
    return made.graph((made.apply("Square", made.apply("TimesFive", x)), 1.0))


LADDERS = tuple(functools.partial(graph_corpus.diamonds, count) for count in (6, 8, 10, 14))
"""Little more than twice the nodes, 256 times the paths. A slow way ends on three of them, which show how its work
grows."""

DEEP = 1_500
"""Nodes of a chain: half as many again as Python lets a function call itself, and one call is made for each node."""

GROWTH = 8
"""From the third size to the last there are 1.4 times the nodes and 16 times the paths. Work that grows with the square
of the nodes (`in` on a list) doubles, with their fourth power it takes 4 times as much."""

GRAPH_CHECKS: dict[str, GraphCheck] = {
    "arithmetic": GraphCheck(
        "the scalar's operators, numbers on either side, and the history through them",
        "structure",
        ARITHMETIC,
        verdicts.composed,
    ),
    "comparisons": GraphCheck(
        "the scalar's comparisons, numbers on either side", "structure", COMPARISONS, verdicts.composed
    ),
    "methods": GraphCheck("the scalar's methods and the history through them", "structure", METHODS, verdicts.composed),
    "history": GraphCheck("the function, inputs and context that apply leaves", "structure", APPLIED, verdicts.history),
    "boxes": GraphCheck(
        "every function of the module, through apply", "structure", (_of("Square", "leaf"), _boxes), verdicts.history
    ),
    "roles": GraphCheck(
        "leaf, non-leaf and constant are told apart", "structure", (_mixed, graph_corpus.with_constants), verdicts.roles
    ),
    "accumulate": GraphCheck("a leaf's derivative adds up", "accumulated", (_accumulating,), verdicts.accumulated),
    "chain_rule": GraphCheck(
        "the (variable, derivative) pairs of one step, in order", "chain", STEPS, verdicts.pairs, random=True
    ),
    "order": GraphCheck(
        "every node after all that it feeds, or before: either direction",
        "order",
        (*graph_corpus.SMALL, *graph_corpus.LOCAL, graph_corpus.lone_leaf),
        verdicts.order,
        random=True,
    ),
    "gradients": GraphCheck(
        "every leaf's derivative, on small graphs and random ones",
        "derivatives",
        (*graph_corpus.SMALL, *graph_corpus.LOCAL),
        verdicts.derivatives,
        random=True,
    ),
    "again": GraphCheck(
        "the same graph twice, and two outputs over one graph",
        "derivatives",
        graph_corpus.REPEATED,
        verdicts.derivatives,
    ),
    "constants": GraphCheck(
        "constants get no derivative",
        "derivatives",
        (graph_corpus.with_constants, _of("Mul", "leaf", "number"), _of("Mul", "constant", "leaf")),
        verdicts.derivatives,
    ),
    "lone_leaf": GraphCheck(
        "a leaf that is itself the output", "derivatives", (graph_corpus.lone_leaf,), verdicts.derivatives
    ),
    "cost": GraphCheck(
        "work that grows with the nodes and not the paths: calls of backward and steps of Python are counted, never "
        "timed",
        "derivatives",
        LADDERS,
        verdicts.derivatives,
        growth=GROWTH,
    ),
    "depth": GraphCheck(
        f"a chain of {DEEP:,} nodes", "derivatives", (lambda: graph_corpus.chain(DEEP),), verdicts.derivatives
    ),
    "network": GraphCheck(
        "loss, gradients and training steps of a small network", "derivatives", NETWORKS, verdicts.roughly
    ),
}
"""Check name -> what it is. They are judged and shown in this order."""

COST_OF_ORDER = GraphCheck(
    "work that grows with the nodes and not the paths", "order", LADDERS, verdicts.order, growth=GROWTH
)


def rule_of(name: str, others: Collection[str]) -> GraphCheck:
    """Return the rule of a check in an exercise that has these `others`: what `cost` is about depends on them."""
    if name == "cost" and "order" in others and "gradients" not in others:
        return COST_OF_ORDER
    return GRAPH_CHECKS[name]
