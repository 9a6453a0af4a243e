"""Graphs and their exact answers: against central differences, on every named graph and on random ones."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from grader.diagnosis import graph_mistakes
from grader.exercise_kinds.graph_pictures import smaller
from grader.exercise_kinds.shrinking import shrink
from grader.model import Graph, Node
from grader.oracle import graph_corpus
from grader.oracle.graph_corpus import answers, paths, pruned
from grader.oracle.graphs import FUNCTIONS, evaluate, local


def moved(graph: Graph, leaf: int, by: float) -> float:
    node = graph.nodes[leaf]
    nodes = (*graph.nodes[:leaf], Node("leaf", (), node.value + by), *graph.nodes[leaf + 1 :])
    return answers(Graph(nodes, graph.sends))[-1].value


def agrees_with_differences(graph: Graph) -> None:
    exact = answers(graph)[-1]
    leaves = [i for i, node in enumerate(graph.nodes) if node.op == "leaf"]
    for k, leaf in enumerate(leaves):
        h = 1e-6
        estimate = (moved(graph, leaf, h) - moved(graph, leaf, -h)) / (2 * h)
        assert abs(estimate - exact.partials[k]) <= 1e-4 * max(1.0, exact.sizes[k]), (graph, k)
        assert exact.sizes[k] >= abs(exact.partials[k]) * (1 - 1e-12)


@pytest.mark.parametrize(
    "make", [*graph_corpus.SMALL, *graph_corpus.REPEATED, graph_corpus.with_constants, graph_corpus.network]
)
def test_the_oracle_on_named_graphs_agrees_with_differences(make: Callable[[], Graph]) -> None:
    agrees_with_differences(make())


def test_the_oracle_on_random_graphs_agrees_with_differences() -> None:
    source = random.Random("a seed")
    for _ in range(50):
        graph, exact = graph_corpus.random_graph(source)
        assert 20 <= len(graph.nodes) <= 80
        assert paths(graph) <= graph_corpus.PATHS_CAP
        assert all(abs(one.value) <= 2 * graph_corpus.WILDEST for one in exact)
        agrees_with_differences(graph)


def test_a_seed_gives_the_same_graphs() -> None:
    first, second = (graph_corpus.random_graph(random.Random("s"))[0] for _ in range(2))
    assert first == second
    assert graph_corpus.random_graph(random.Random("t"))[0] != first


@pytest.mark.parametrize("op", FUNCTIONS)
def test_local_derivatives_are_the_functions_own(op: str) -> None:
    values = (1.5, 0.7)[: 1 if op in ("Neg", "Inv", "Log", "Exp", "Sigmoid", "ReLU", "Square", "TimesFive") else 2]
    leaves = [("leaf", (), value) for value in values]
    whole = evaluate([*leaves, (op, tuple(range(len(values))), 0.0)])[-1]
    assert local(op, values) == whole.partials


def test_what_no_send_reaches_is_left_out() -> None:
    graph = Graph((Node("leaf", (), 1.0), Node("leaf", (), 2.0), Node("Neg", (1,))), ((2, 1.0),))
    assert pruned(graph) == Graph((Node("leaf", (), 2.0), Node("Neg", (0,))), ((1, 1.0),))


def test_shrinking_finds_the_smallest_graph_that_fails() -> None:
    def fails(candidates: object) -> list[bool]:
        return [any(len(set(n.inputs)) < len(n.inputs) for n in graph.nodes) for graph in candidates]  # type: ignore[attr-defined]

    source = random.Random("shrink")
    graph = next(one for one in (graph_corpus.random_graph(source)[0] for _ in range(50)) if fails([one])[0])
    small = shrink(graph, smaller, fails)
    assert fails([small]) == [True]
    assert len(small.nodes) == 2
    assert small.sends[0][1] in (1.0, 2.0)


def test_a_number_is_shrunk_by_its_neighbours_alone() -> None:
    asked: list[int] = []

    def fails(candidates: object) -> list[bool]:
        asked.extend(candidates)  # type: ignore[arg-type]
        return [one >= 7 for one in candidates]  # type: ignore[attr-defined]

    assert shrink(100, lambda n: (n // 2, n - 1), fails) == 7
    assert len(asked) < 30


@pytest.mark.parametrize("known", graph_mistakes.MISTAKES, ids=lambda known: known.sentence)
def test_a_mistake_acted_out_is_named_and_right_answers_are_not(known: graph_mistakes.GraphMistake) -> None:
    text, mistake = known.sentence, known.walk
    source = random.Random(text)
    drawn = [graph_corpus.random_graph(source)[0] for _ in range(60)] + [
        graph_corpus.again(),
        graph_corpus.equal_leaves(),
    ]
    came = []
    for graph in drawn:
        walk = graph_mistakes.Walk(graph, graph_mistakes.ORDERS[0])
        leaves: dict[int, float] = {}
        earlier: dict[int, float] = {}
        after = []
        for output, d in graph.sends:
            mistake(walk, output, d, leaves, earlier)
            after.append([leaves.get(leaf) for leaf in walk.leaves])
        came.append(after)
    assert text in [one.name for one in graph_mistakes.names(drawn, came)]
    right = []
    for graph in drawn:
        exact, totals = answers(graph), [0.0] * len(answers(graph)[-1].partials)
        rows = []
        for node, d in graph.sends:
            totals = [total + d * partial for total, partial in zip(totals, exact[node].partials)]
            rows.append(list(totals))
        right.append(rows)
    assert graph_mistakes.names(drawn, right) == ()
