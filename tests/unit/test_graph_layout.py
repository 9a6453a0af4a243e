"""Where a graph is drawn: leaves left, everything behind what it is made of, nothing on top of anything."""

from __future__ import annotations

import random

import pytest

from grader.reports.graph_layout import Boxes, Layout, laid_out

BOXES = Boxes(high=50, gap_x=40, gap_y=20, margin=10)


def of(inputs: list[tuple[int, ...]]) -> Layout:
    return laid_out(inputs, [100 + 7 * i for i in range(len(inputs))], BOXES)


def random_graph(seed: int) -> list[tuple[int, ...]]:
    source = random.Random(seed)
    count = source.randrange(3, 25)
    return [() if i < 2 else tuple(source.randrange(i) for _ in range(source.choice((1, 2)))) for i in range(count)]


@pytest.mark.parametrize("seed", range(40))
def test_boxes_do_not_overlap_and_stand_behind_their_inputs(seed: int) -> None:
    inputs = random_graph(seed)
    layout = of(inputs)
    boxes = [(x, y, x + 100 + 7 * i, y + 50) for i, (x, y) in enumerate(layout.places)]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= layout.wide
        assert 0 <= top < bottom <= layout.high
        for j, other in enumerate(boxes[:i]):
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top, (i, j)
        assert all(boxes[j][2] < left for j in inputs[i])


@pytest.mark.parametrize("seed", range(40))
def test_an_edge_runs_from_box_to_box_and_through_none(seed: int) -> None:
    inputs = random_graph(seed)
    layout = of(inputs)
    assert [(edge.start, edge.end, edge.side) for edge in layout.edges] == [
        (j, i, side) for i, one in enumerate(inputs) for side, j in enumerate(one)
    ]
    for edge in layout.edges:
        first, last = edge.points[0], edge.points[-1]
        assert first[0] == layout.places[edge.start][0] + layout.widths[edge.start]
        assert layout.places[edge.start][1] < first[1] < layout.places[edge.start][1] + 50
        assert last[0] == layout.places[edge.end][0]
        assert layout.places[edge.end][1] < last[1] < layout.places[edge.end][1] + 50
        for (x1, y), (x2, _) in zip(edge.points[1:-1:2], edge.points[2:-1:2]):  # straight through a column
            for i, (left, top) in enumerate(layout.places):
                assert x2 <= left or left + layout.widths[i] <= x1 or not top <= y <= top + 50, (edge, i)


def test_an_input_that_is_used_twice_has_two_edges_apart() -> None:
    one, two = of([(), (0, 0)]).edges
    assert one.points != two.points
    assert one.middle != two.middle


def test_nodes_may_come_in_any_order_and_even_in_a_circle() -> None:
    assert of([(2,), (0,), ()]).places[2][0] == BOXES.margin
    assert len(of([(1,), (0,)]).places) == 2
    assert [(edge.start, edge.end) for edge in of([(), (0, -1, 9)]).edges] == [(0, 1)]


def test_few_edges_cross_where_none_has_to() -> None:
    layout = of([(), (), (), (2,), (1,), (0,)])
    heights = [layout.places[i][1] for i in range(6)]
    assert [heights[5 - i] for i in range(3)] == heights[:3]


def test_inputs_stand_in_the_order_of_what_is_made_of_them() -> None:
    layout = of([(), (), (0,), (0, 1), (3, 2)])  # x · y + relu(x), with relu(x) made first
    assert layout.places[3][1] < layout.places[2][1]
