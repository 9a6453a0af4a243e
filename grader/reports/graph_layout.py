"""Place a graph from left to right: leaves in the first column, each node behind all that it is made of.

Columns are ordered so that few edges cross, and centred. An edge over several columns has a place of its own in each,
so that it runs between boxes and never behind one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import msgspec

ROUNDS = 4
"""How often the columns are ordered by their neighbours, each time there and back."""

LANE = 14
"""How high the place of an edge is in a column that it only runs through."""

Point = tuple[float, float]


class Boxes(msgspec.Struct, frozen=True):
    """How high a node's box is, and how much is left free between boxes and around the graph."""

    high: int
    gap_x: int
    gap_y: int
    margin: int


class Edge(msgspec.Struct, frozen=True):
    """The way from a node to one that is made of it, as its input number `side`: two points per gap that it crosses."""

    start: int
    end: int
    side: int
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """Return the way as an SVG path."""
        (x, y), *rest = self.points
        path = f"M{x:g} {y:g}"
        for i, (x2, y2) in enumerate(rest):
            if i % 2:
                path += f" L{x2:g} {y2:g}"
            else:
                bend = (self.points[i][0] + x2) / 2
                path += f" C{bend:g} {self.points[i][1]:g} {bend:g} {y2:g} {x2:g} {y2:g}"
        return path

    @property
    def middle(self) -> Point:
        """Return the middle of the first gap that it crosses, beside the node that it comes from."""
        (x1, y1), (x2, y2) = self.points[:2]
        return (x1 + x2) / 2, (y1 + y2) / 2


class Layout(msgspec.Struct, frozen=True):
    """Where each box begins, top left, how wide it is, and each edge's way, in order of the nodes that they lead to."""

    wide: float
    high: float
    places: tuple[Point, ...]
    widths: tuple[int, ...]
    edges: tuple[Edge, ...]


_Item = tuple[int, int]
"""A node's index and -1; or an edge's number and the column that it runs through."""


def laid_out(inputs: Sequence[tuple[int, ...]], widths: Sequence[int], boxes: Boxes) -> Layout:
    """Return where to draw nodes that are made of others; a column is as wide as its widest node needs.

    An input that is no node has no edge.

    >>> laid_out([(), (0, 0)], [100, 100], Boxes(50, 40, 20, 10)).places
    ((10.0, 10.0), (150.0, 10.0))
    """
    levels = _levels(inputs)
    ways = [(j, i, side) for i, one in enumerate(inputs) for side, j in enumerate(one) if 0 <= j < len(inputs)]
    ways = [(j, i, side) for j, i, side in ways if levels[j] < levels[i]]
    chains = [
        ((j, -1), *((number, level) for level in range(levels[j] + 1, levels[i])), (i, -1))
        for number, (j, i, _) in enumerate(ways)
    ]
    columns: list[list[_Item]] = [[] for _ in range(max(levels, default=0) + 1)]
    for i, level in enumerate(levels):
        columns[level].append((i, -1))
    for chain in chains:
        for lane in chain[1:-1]:
            columns[lane[1]].append(lane)
    _order(columns, chains, [_port(side, inputs[i]) for _, i, side in ways])
    wide = [
        max((widths[i] for i, level in enumerate(levels) if level == column), default=0)
        for column in range(len(columns))
    ]
    lefts = [float(boxes.margin + sum(wide[:k]) + k * boxes.gap_x) for k in range(len(columns))]
    middles, tallest = _middles(columns, boxes)
    return Layout(
        lefts[-1] + wide[-1] + boxes.margin,
        2 * boxes.margin + tallest,
        tuple((lefts[level], middles[(i, -1)] - boxes.high / 2) for i, level in enumerate(levels)),
        tuple(wide[level] for level in levels),
        tuple(_edges(ways, inputs, chains, levels, middles, list(zip(lefts, wide)), boxes.high)),
    )


def _middles(columns: Sequence[Sequence[_Item]], boxes: Boxes) -> tuple[dict[_Item, float], float]:
    """Return how far down the middle of everything is, and how high the highest column."""
    tall = [sum(_high(one, boxes) for one in column) + boxes.gap_y * (len(column) - 1) for column in columns]
    middles: dict[_Item, float] = {}
    for column, height in zip(columns, tall):
        y = boxes.margin + (max(tall) - height) / 2
        for one in column:
            middles[one] = y + _high(one, boxes) / 2
            y += _high(one, boxes) + boxes.gap_y
    return middles, max(tall)


def _edges(
    ways: Sequence[tuple[int, int, int]],
    inputs: Sequence[tuple[int, ...]],
    chains: Sequence[Sequence[_Item]],
    levels: Sequence[int],
    middles: dict[_Item, float],
    columns: Sequence[tuple[float, float]],
    high: float,
) -> Iterator[Edge]:
    """Yield each edge's way; those that leave a node do so in the order in which they go on, those into it by side."""
    leaving: dict[_Item, list[Sequence[_Item]]] = {}
    for chain in chains:
        leaving.setdefault(chain[0], []).append(chain)
    for together in leaving.values():
        together.sort(key=lambda chain: middles[chain[1]])
    for chain, (j, i, side) in zip(chains, ways):
        together = leaving[chain[0]]
        out = next(k for k, one in enumerate(together) if one is chain) + 1
        left, wide = columns[levels[j]]
        points = [(left + wide, middles[chain[0]] + high * (out / (len(together) + 1) - 0.5))]
        for lane in chain[1:-1]:
            left, wide = columns[lane[1]]
            points += [(left, middles[lane]), (left + wide, middles[lane])]
        points.append((columns[levels[i]][0], middles[chain[-1]] + high * _port(side, inputs[i])))
        yield Edge(j, i, side, tuple(points))


def _port(side: int, inputs: tuple[int, ...]) -> float:
    return (side + 1) / (len(inputs) + 1) - 0.5


def _levels(inputs: Sequence[tuple[int, ...]]) -> list[int]:
    """Return how far each node is from the leaves. What goes round in a circle ends where it began."""
    levels: dict[int, int] = {}

    def level(i: int) -> int:
        if i not in levels:
            levels[i] = 0  # met again on the way: a circle
            levels[i] = max((1 + level(j) for j in inputs[i] if 0 <= j < len(inputs)), default=0)
        return levels[i]

    return [level(i) for i in range(len(inputs))]


def _high(one: _Item, boxes: Boxes) -> float:
    return boxes.high if one[1] == -1 else LANE


def _order(columns: list[list[_Item]], chains: Sequence[Sequence[_Item]], ports: Sequence[float]) -> None:
    """Order each column by where its neighbours in the one before stand, then in the one behind, a few times.

    `ports` say where within its last node's height a chain ends: -0.5 is the top, 0.5 the bottom.
    """
    before: dict[_Item, list[tuple[_Item, float]]] = {}
    behind: dict[_Item, list[tuple[_Item, float]]] = {}
    for chain, port in zip(chains, ports):
        for one, other in itertools.pairwise(chain):
            behind.setdefault(one, []).append((other, port if other is chain[-1] else 0.0))
            before.setdefault(other, []).append((one, 0.0))
    size = {one: len(column) for column in columns for one in column}
    for _ in range(ROUNDS):
        for order, neighbours in ((columns[1:], before), (columns[-2::-1], behind)):
            place = {one: at for column in columns for one, at in _shares(column)}
            for column in order:
                wanted = {
                    one: _mean([place[near] + port / size[near] for near, port in neighbours.get(one, [(one, 0.0)])])
                    for one in column
                }
                column.sort(key=wanted.__getitem__)
                place |= dict(_shares(column))


def _shares(column: Sequence[_Item]) -> list[tuple[_Item, float]]:
    return [(one, (k + 0.5) / len(column)) for k, one in enumerate(column)]


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
