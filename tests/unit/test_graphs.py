"""Graphs and their exact answers: against central differences, on every named graph and on random ones."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from grader.diagnosis import graph_mistakes, graph_sorts, graph_walks
from grader.exercise_kinds.graph_checks import GRAPH_CHECKS, trials
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
    values = (1.5, 0.7)[
        : 1 if op in ("Neg", "Inv", "Log", "Exp", "Sigmoid", "ReLU", "Tanh", "Square", "TimesFive") else 2
    ]
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


def drawn(seed: str) -> tuple[Graph, ...]:
    source = random.Random(seed)
    named = [make() for make in (*graph_corpus.SMALL, *graph_corpus.LOCAL, *graph_corpus.REPEATED)]
    return (*named, *(graph_corpus.random_graph(source, 4, 24)[0] for _ in range(20)))


@pytest.mark.parametrize("about", ["derivatives", "order"])
def test_a_mistake_acted_out_is_named_and_no_other(about: graph_mistakes.About) -> None:
    graphs = drawn(about)
    known = graph_mistakes.foreseen(graphs, about)
    for way in known.ways:
        came = [left[i] if i >= 0 else None for left, i in zip(known.left, way.results)][: len(graphs)]
        assert graph_mistakes.named(known, came, about).diagnosis == (known.mistakes[way.mistake],)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_show_each_mistake_that_one_send_can_show(seed: int) -> None:
    graphs = tuple(one.graph for one in trials(GRAPH_CHECKS["gradients"], 50, str(seed), False))
    known = graph_mistakes.foreseen(graphs, "derivatives")
    right = list(map(right_derivatives, graphs))
    for way in known.ways:
        left = [results[i] if i >= 0 else None for results, i in zip(known.left, way.results)]
        shows = [
            one is None or not graph_mistakes.matches(one, exact, "derivatives") for one, exact in zip(left, right)
        ]
        assert any(shows) or known.mistakes[way.mistake].name in SEVERAL_SENDS


SEVERAL_SENDS = {
    mistake.sentence
    for mistake in graph_walks.MISTAKES
    if mistake.sentence.startswith(("a leaf's", "variables between"))
}
"""What a graph that is sent back through once cannot show; the named graphs do."""


def test_every_known_mistake_shows_at_one_of_the_examples() -> None:
    known = graph_mistakes.foreseen((), "derivatives")
    right = [right_derivatives(graph) for graph in graph_mistakes.EXAMPLES]
    for way in known.ways:
        left = [results[i] for results, i in zip(known.left, way.results)]
        assert any(not graph_mistakes.matches(one, exact, "derivatives") for one, exact in zip(left, right)), way


def right_derivatives(graph: Graph) -> graph_mistakes.Left:
    exact = answers(graph)
    totals = (0.0,) * len(exact[-1].partials)
    rows = []
    for node, d in graph.sends:
        totals = tuple(total + d * partial for total, partial in zip(totals, exact[node].partials))
        rows.append(totals)
    return tuple(rows)


def test_right_derivatives_and_right_orders_have_no_name() -> None:
    graphs = drawn("right")
    known = graph_mistakes.foreseen(graphs, "derivatives")
    assert graph_mistakes.named(known, list(map(right_derivatives, graphs)), "derivatives").diagnosis == ()
    known = graph_mistakes.foreseen(graphs, "order")
    for sort in graph_sorts.RIGHT:
        orders = [sort(graph_sorts.Walk(graph), len(graph.nodes) - 1) for graph in graphs]
        came = [graph_mistakes.as_order(graph, order) for graph, order in zip(graphs, orders)]
        assert graph_mistakes.named(known, came, "order").diagnosis == ()


@pytest.mark.parametrize("known", [*graph_walks.MISTAKES, *graph_walks.ORDER_MISTAKES], ids=lambda one: one.sentence)
def test_every_name_has_one_plain_sentence_of_why(
    known: graph_walks.GraphMistake | graph_walks.OrderMistake,
) -> None:
    assert 15 <= len(known.why.split()) <= 25
    assert known.why.endswith(".")
    assert ". " not in known.why
