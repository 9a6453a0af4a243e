"""What a question holds: nothing that tells an input from its repetition, and no order of nodes."""

from __future__ import annotations

import itertools
import random

import pytest

from grader.exercise_kinds import frames, labels
from grader.model import Graph, Input
from grader.oracle import graph_corpus
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.building import NUMBER, UNKNOWN
from grader.sandbox.probes.function import Evaluation
from grader.sandbox.probes.graph import GraphRow, Seen

INPUTS = [Input((float(i), 0.5), 1.0 + i) for i in range(50)]
SEEDS = [f"frame {i}" for i in range(10)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_frame_asks_every_input_once_and_the_first_ones_three_times_more(seed: str) -> None:
    frame = frames.with_contract(50, 12, seed)
    asked = frame.inputs(INPUTS)
    assert len(asked) == 50 + 3 * 12
    assert [asked[i] for i in frame.plain] == [(one.args, one.d_out) for one in INPUTS]
    assert [asked[i] for i in frame.again] == [(one.args, one.d_out) for one in INPUTS[:12]]
    assert [asked[i] for i in frame.scaled] == [(one.args, -2.0 * one.d_out) for one in INPUTS[:12]]
    assert [asked[i] for i in frame.together] == [(one.args, one.d_out) for one in INPUTS[:12]]
    start, stop = frame.run()
    assert frame.together == tuple(range(start, stop))
    assert sorted({*frame.plain, *frame.again, *frame.scaled, *frame.together}) == list(range(len(asked)))


@pytest.mark.parametrize("seed", SEEDS)
def test_repetitions_are_strewn_among_the_others(seed: str) -> None:
    frame = frames.with_contract(50, 12, seed)
    assert frame.plain[: frames.FIRST_PLAIN] == tuple(range(frames.FIRST_PLAIN))
    strewn = (*frame.again, *frame.scaled)
    assert min(strewn) < frame.plain[-1]
    assert len({place // 17 for place in strewn}) >= 3
    assert frame != frames.with_contract(50, 12, f"{seed} else")


def test_rows_come_back_to_their_inputs_and_what_was_unasked_is_no_answer() -> None:
    frame = frames.with_contract(8, 4, "s")
    rows = [Evaluation(float(i), (factor,)) for i, factor in frame.asked]
    assert [row.forward for row in frame.rows(rows)] == [float(i) for i in range(8)]
    assert [[row.forward for row in part] for part in frame.contract(rows)] == [[0.0, 1.0, 2.0, 3.0]] * 3
    short = frame.rows(rows[:3])
    assert len(short) == 8
    assert short[3:] == (frames.UNASKED,) * 5


def drawn() -> list[Graph]:
    source = random.Random(7)
    return [graph_corpus.random_graph(source, 12, 24)[0] for _ in range(20)]


@pytest.mark.parametrize("graph", drawn(), ids=lambda graph: str(len(graph.nodes)))
def test_labels_are_in_no_order_of_the_nodes(graph: Graph) -> None:
    given = labels.labels_of(graph)
    assert sorted(given) == list(range(len(graph.nodes)))
    assert given == labels.labels_of(graph)
    rising = sum(a < b for a, b in itertools.pairwise(given))
    assert 0.2 * len(given) < rising < 0.8 * len(given)
    asked = labels.steps(graph)
    made: set[int] = set()
    for step in asked.steps:  # they can be made as they come
        assert set(step.inputs) <= made
        made.add(step.label)


def test_what_is_told_by_label_is_read_by_node() -> None:
    graph = drawn()[0]
    given, count = labels.labels_of(graph), len(graph.nodes)
    by_label = sorted(range(count), key=given.__getitem__)
    met = count  # one scalar that is not of the graph
    told = GraphRow(
        values=(*(float(node) for node in by_label), -1.0),
        seen=(*(Seen("Add", (given[node], met), (0.0, 0.0), 0, 0) for node in by_label), Seen("", (), (), 1, 0)),
        output=given[3],
        pairs=((given[2], 0.5), (NUMBER, 1.0)),
        order=(given[5], given[1], UNKNOWN),
        derivatives=(((given[0], 4.0),),),
    )
    row = labels.row(graph, told)
    assert row.values == (*map(float, range(count)), -1.0)
    assert [one.inputs for one in row.seen[:count]] == [(i, met) for i in range(count)]
    assert (row.output, row.pairs, row.order) == (3, ((2, 0.5), (NUMBER, 1.0)), (5, 1, UNKNOWN))
    kept = [i for i, node in enumerate(graph.nodes) if node.op in labels.KEPT]
    assert row.derivatives[0] == tuple(4.0 if i == 0 else NonNumeric("None") for i in kept)
