"""Act out well-known wrong ways to go back through a graph: what each would leave at the leaves, or as an order.

They show a right walk as well, so no handout has this module (`graph_mistakes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.diagnosis.graph_mistakes import About, Foreseen, Left, Way, as_order, is_acted_out
from grader.diagnosis.graph_sorts import (
    BREADTH_FIRST,
    MARKED_EARLY,
    PREORDERS,
    RIGHT,
    Sort,
    State,
    Steps,
    Walk,
    post_order_by_value,
)
from grader.model import Diagnosis, Graph

Mistake = Callable[[Walk, int, float, State, State], None]
"""(walk, output, d, leaves' derivatives to change, what is left of earlier calls)"""


def _in_order(
    walk: Walk, sort: Sort, output: int, d: float, arrived: State, at_leaf: Callable[[int, float], None]
) -> None:
    arrived[output] = arrived.get(output, 0.0) + d
    for node in walk.order(sort, output):
        if node not in arrived:
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


def _in_wrong_order(sort: Sort, leaves_last: bool) -> Mistake:
    """Return the walk that passes sums on in a wrong order. A leaf adds at its turn, or after all others."""

    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        arrived: State = {}
        if not leaves_last:
            _in_order(walk, sort, output, d, arrived, _add(leaves))
            return
        _in_order(walk, sort, output, d, arrived, lambda _, __: None)
        for leaf in walk.leaves:
            if leaf in arrived:
                _add(leaves)(leaf, arrived[leaf])

    return walked


def _seed_ignored(sort: Sort) -> Mistake:
    def walked(walk: Walk, output: int, _: float, leaves: State, __: State) -> None:
        _in_order(walk, sort, output, 1.0, {}, _add(leaves))

    return walked


def _not_multiplied(sort: Sort) -> Mistake:
    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        arrived = {output: d}
        for node in walk.order(sort, output):
            if node in walk.leaves and node in arrived:
                _add(leaves)(node, arrived[node])
                continue
            for parent, share in walk.shares(node, 1.0):
                arrived[parent] = arrived.get(parent, 0.0) + share

    return walked


def _leaf_assigned(sort: Sort) -> Mistake:
    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        _in_order(walk, sort, output, d, {}, leaves.__setitem__)

    return walked


def _stale(sort: Sort, leaves_too: bool, started_anew: bool) -> Mistake:
    """Return the walk that keeps what has arrived. `started_anew`: at the output alone it does not."""

    def walked(walk: Walk, output: int, d: float, leaves: State, earlier: State) -> None:
        arrived = {node: value for node, value in earlier.items() if leaves_too or node not in walk.leaves}
        if started_anew:
            arrived.pop(output, None)
        _in_order(walk, sort, output, d, arrived, _add(leaves))
        earlier.update(arrived)

    return walked


def _overwritten(sort: Sort) -> Mistake:
    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        arrived = {output: d}
        for node in walk.order(sort, output):
            if node in walk.leaves and node in arrived:
                _add(leaves)(node, arrived[node])
            elif node in arrived:
                arrived.update(walk.shares(node, arrived[node]))

    return walked


def _parents_once(sort: Sort) -> Mistake:
    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        arrived = {output: d}
        for node in walk.order(sort, output):
            if node in walk.leaves and node in arrived:
                _add(leaves)(node, arrived[node])
                continue
            first = dict(reversed(walk.shares(node, arrived.get(node, 0.0))))
            for parent, share in first.items():
                arrived[parent] = arrived.get(parent, 0.0) + share

    return walked


def _visited_once(queue: bool, last_first: bool, each_at_leaf: bool, when_pushed: bool = True) -> Mistake:
    """Return the walk that passes through each variable once, with what came first.

    `queue`: breadth first, else depth first. `each_at_leaf`: a leaf adds all that comes. `when_pushed`: a variable
    counts as visited once it waits, not only at its turn.
    """

    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        waiting: Steps = [(output, d)]
        seen = {output} if when_pushed else set()
        while waiting:
            node, d_out = waiting.pop(0 if queue else -1)
            if each_at_leaf and node in walk.leaves:
                _add(leaves)(node, d_out)
                continue
            if not when_pushed and node in seen:
                continue
            seen.add(node)
            if node in walk.leaves:
                _add(leaves)(node, d_out)
            shares = walk.shares(node, d_out)
            for parent, share in reversed(shares) if last_first else shares:
                if not when_pushed or parent not in seen or (each_at_leaf and parent in walk.leaves):
                    waiting.append((parent, share))
                    if when_pushed:
                        seen.add(parent)

    return walked


def _by_value(sort: Sort, only_reached: bool) -> Mistake:
    """Return the walk that takes equal numbers for one variable. `only_reached`: what got nothing passes nothing on."""

    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        arrived = {walk.values[output]: d}
        done: set[float] = set()
        for node in walk.order(sort, output):
            value = walk.values[node]
            if value in done or (only_reached and value not in arrived):
                continue
            done.add(value)
            if node in walk.leaves:
                _add(leaves)(node, arrived.get(value, 0.0))
                continue
            for parent, share in walk.shares(node, arrived.get(value, 0.0)):
                arrived[walk.values[parent]] = arrived.get(walk.values[parent], 0.0) + share

    return walked


class GraphMistake(msgspec.Struct, frozen=True):
    """What is said, the walks that make it, why it is wrong, and what `audit.mutants.machinery` calls the code."""

    sentence: str
    walks: tuple[Mistake, ...]
    why: str
    planted: tuple[str, ...] = ()


class OrderMistake(msgspec.Struct, frozen=True):
    """The same of a topological sort: what is said, the sorts that make it, and why it is wrong."""

    sentence: str
    sorts: tuple[Sort, ...]
    why: str
    planted: tuple[str, ...] = ()


def _each_right(mistake: Callable[[Sort], Mistake]) -> tuple[Mistake, ...]:
    return tuple(map(mistake, RIGHT))


def _each_wrong(sorts: Sequence[Sort]) -> tuple[Mistake, ...]:
    return tuple(_in_wrong_order(sort, leaves_last) for sort in sorts for leaves_last in (False, True))


MISTAKES = (
    GraphMistake(
        "the derivative that is sent in is ignored, and 1 sent instead",
        _each_right(_seed_ignored),
        "Start with the derivative that the caller hands over: the output may be a part of something larger.",
        ("seed ignored",),
    ),
    GraphMistake(
        "a variable passes on its local derivative alone, not times what arrived at it",
        _each_right(_not_multiplied),
        "The chain rule multiplies: what a variable passes on is its local derivative times what has arrived at it.",
        ("local derivatives alone",),
    ),
    GraphMistake(
        "a leaf's derivative is overwritten where it should be added to",
        _each_right(_leaf_assigned),
        "A leaf's derivative adds up over all calls, so add what arrives to what is there, and never replace it.",
    ),
    GraphMistake(
        "what arrives over a second way overwrites the first",
        _each_right(_overwritten),
        "The derivative of a variable is the sum over all ways in which it is used, so add what arrives.",
        ("what arrives overwrites",),
    ),
    GraphMistake(
        "a variable that is used twice by one function gets one share only",
        _each_right(_parents_once),
        "In x * x the variable is both inputs, and each input has a share of its own: add the two.",
        ("each parent once",),
    ),
    GraphMistake(
        "each variable is passed through once, with what came first",
        (
            *(_visited_once(True, False, each) for each in (True, False)),
            *(
                _visited_once(False, turned, each, early)
                for turned in (True, False)
                for each in (True, False)
                for early in (True, False)
            ),
        ),
        "More may arrive at a variable over its other ways, so wait until all has arrived and pass on the sum.",
        ("breadth first, each node passed once", "depth first, each node passed once"),
    ),
    GraphMistake(
        "variables pass on in breadth-first order, by their shortest distance from the output",
        _each_wrong(BREADTH_FIRST),
        "A variable that is also reached over a longer way passes on before the share from that way has arrived.",
        ("breadth first, sums passed on early", "by the shortest distance"),
    ),
    GraphMistake(
        "variables pass on in the order in which a depth-first walk first meets them (preorder)",
        _each_wrong(PREORDERS),
        "To be met first is not enough: a variable may pass on only after everything that is computed from it has.",
        ("depth first, before all has arrived",),
    ),
    GraphMistake(
        "variables are marked as visited too early: when they are first seen, not when they are visited",
        _each_wrong(MARKED_EARLY),
        "A variable that is marked before its turn is skipped on its longer way, and passes on before all has arrived.",
        ("marked when put on the stack", "post-order marked at first sight"),
    ),
    GraphMistake(
        "variables between keep their derivative from an earlier call",
        tuple(_stale(sort, leaves, anew) for sort in RIGHT for leaves in (False, True) for anew in (False, True)),
        "Only leaves keep a derivative between calls; what arrives at the others belongs to one call, and starts at 0.",
        ("stale between calls",),
    ),
    GraphMistake(
        "variables are told apart by their value",
        tuple(_by_value(sort, only_reached) for sort in RIGHT for only_reached in (True, False)),
        "Two variables that hold the same number are still two, so tell them apart by who they are, as unique_id does.",
        ("by value",),
    ),
)

LONGEST = 2000
"""Steps of a walk along each path. On a graph with more paths nothing is foreseen."""


def _along_each_path(last_first: bool) -> Mistake:
    """Return the walk over an order that lists a variable once for each path to it, with what has arrived so far."""

    def walked(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
        listed: list[int] = []

        def visit(node: int) -> None:
            for parent in walk.parents[node][:: -1 if last_first else 1]:
                visit(parent)
            listed.append(node)
            if len(listed) > LONGEST:
                raise _TooLong

        visit(output)
        arrived = {output: d}
        for node in reversed(listed):
            for parent, share in walk.shares(node, arrived.get(node, 0.0)):
                arrived[parent] = arrived.get(parent, 0.0) + share
        leaves.update({leaf: arrived[leaf] for leaf in walk.leaves if leaf in arrived})

    return walked


class _TooLong(Exception):
    """A walk that nobody acts out to its end."""


def _leaves_first(walk: Walk, output: int, d: float, leaves: State, _: State) -> None:
    """Let leaves pass on first: only where 1 is sent itself does anything arrive, at the output's own inputs."""
    if output in walk.leaves:
        leaves[output] = d
    elif d == 1.0:
        for parent, share in walk.shares(output, d):
            if parent in walk.leaves:
                leaves[parent] = leaves.get(parent, 0.0) + share


CLOSURE_MISTAKES = (
    GraphMistake(
        "a variable passes on once for each path that leads to it: what has been visited is not remembered",
        (_along_each_path(False), _along_each_path(True)),
        "Put each variable into the order once: look whether it is there already before you visit it.",
    ),
    GraphMistake(
        "variables pass on before anything has arrived: the order is not turned round",
        (_leaves_first,),
        "Begin at the output, whose derivative is 1, and go down: what a variable passes on must have arrived before.",
    ),
)
"""Mistakes of a backward that runs the closures of its variables."""

ORDER_MISTAKES = (
    OrderMistake(
        "this is breadth-first order, by the shortest distance from the output",
        BREADTH_FIRST,
        "A variable can be near the output on one way and far on another: it belongs after all that comes from it.",
        ("breadth-first order", "an order by the shortest distance"),
    ),
    OrderMistake(
        "this is the order in which a depth-first walk first meets the variables (preorder)",
        PREORDERS,
        "To be met first is not enough: a variable belongs after everything that is computed from it.",
        ("pre-order",),
    ),
    OrderMistake(
        "variables are marked as visited too early: when they are first seen, not when they are visited",
        MARKED_EARLY,
        "A variable that is marked before its turn is skipped on its longer way, and gets a wrong place in the order.",
        ("an order marked when put on the stack", "an order marked at first sight"),
    ),
    OrderMistake(
        "variables are told apart by their value",
        tuple(post_order_by_value(turned, numbers) for turned in (False, True) for numbers in (False, True)),
        "Two variables that hold the same number are still two, so tell them apart by who they are, as unique_id does.",
        ("visited by value",),
    ),
)


def foresee(graphs: Sequence[Graph], about: About) -> Foreseen:
    """Return what each known mistake would leave on each of some graphs; nothing on a large one."""
    walks = [Walk(graph) if is_acted_out(graph) else None for graph in graphs]
    left: list[dict[Left, int]] = [{} for _ in graphs]
    mistakes, ways = [], []
    for number, (known, results) in enumerate(_acted_out(walks, about)):
        mistakes.append(known)
        for result in results:
            at = (-1 if one is None else seen.setdefault(one, len(seen)) for one, seen in zip(result, left))
            ways.append(Way(number, tuple(at)))
    return Foreseen(tuple(mistakes), tuple(dict.fromkeys(ways)), tuple(map(tuple, left)))


def _left(walk: Walk, way: Mistake) -> Left | None:
    try:
        return left_at_leaves(walk, way)
    except _TooLong:
        return None


def _acted_out(walks: Sequence[Walk | None], about: About) -> Iterator[tuple[Diagnosis, list[list[Left | None]]]]:
    if about != "order":
        for one in MISTAKES if about == "derivatives" else (*MISTAKES, *CLOSURE_MISTAKES):
            acted = [[_left(walk, way) if walk else None for walk in walks] for way in one.walks]
            yield Diagnosis(one.sentence, one.why), acted
    else:
        for other in ORDER_MISTAKES:
            ordered = [[_ordered(walk, sort) if walk else None for walk in walks] for sort in other.sorts]
            yield Diagnosis(other.sentence, other.why), ordered


def _ordered(walk: Walk, sort: Sort) -> Left:
    return as_order(walk.graph, sort(walk, len(walk.graph.nodes) - 1))


def left_at_leaves(walk: Walk, mistake: Mistake) -> Left:
    """Return each leaf's derivative after each send, where a mistake is made."""
    leaves: State = {}
    earlier: State = {}
    after = []
    for output, d in walk.graph.sends:
        mistake(walk, output, d, leaves, earlier)
        after.append(tuple(leaves.get(leaf) for leaf in walk.leaves))
    return tuple(after)
