"""What goes back through random graphs: no right walk of three kinds is blamed, and a planted slip is found there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.probes.watching import Event
from grader.selfcheck.trace_fault import first_fault
from grader.selfcheck.trace_shares import Edge

SLOPES = (0.5, -2.0, 3.0, 1.0, -1.25, 7.0)


class Graph(msgspec.Struct, frozen=True):
    """Nodes by what they are computed from, with a slope per input; the first ones are leaves, the last the output."""

    leaves: int
    inputs: tuple[tuple[int, ...], ...]
    slopes: tuple[tuple[float, ...], ...]
    d: float

    @property
    def edges(self) -> list[Edge]:
        """Return what `first_fault` is given of it."""
        return [Edge(ins, tuple((s, s) for s in slopes)) for ins, slopes in zip(self.inputs, self.slopes)]

    @property
    def output(self) -> int:
        """Return the last node."""
        return len(self.inputs) - 1


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    leaves = draw(st.integers(1, 3))
    inputs: list[tuple[int, ...]] = [()] * leaves
    slopes: list[tuple[float, ...]] = [()] * leaves
    for i in range(leaves, leaves + draw(st.integers(2, 6))):
        count = draw(st.integers(1, 2))
        chosen = tuple(draw(st.integers(max(0, i - 3), i - 1)) for _ in range(count))
        inputs.append(chosen)
        slopes.append(tuple(draw(st.sampled_from(SLOPES)) for _ in chosen))
    return Graph(leaves, tuple(inputs), tuple(slopes), draw(st.sampled_from((1.0, 2.0, -1.5))))


def sorted_walk(graph: Graph, off: int = -1, by: float = 1.0) -> list[Event]:
    """Go back in topological order. The call number `off` is given `by` times what had arrived."""
    arrived = {graph.output: graph.d}
    events = [Event("send", graph.output, numbers=(graph.d,))]
    calls = 0
    for node in range(graph.output, graph.leaves - 1, -1):
        if node not in arrived:
            continue
        d = arrived[node] * (by if calls == off else 1.0)
        calls += 1
        shares = tuple(d * slope for slope in graph.slopes[node])
        events += [Event("call", node, "F", (d,)), Event("return", node, "F", shares)]
        for one, share in zip(graph.inputs[node], shares):
            arrived[one] = arrived.get(one, 0.0) + share
    return [*events, *(Event("write", i, numbers=(None, arrived[i])) for i in range(graph.leaves) if i in arrived)]


def queue_walk(graph: Graph) -> list[Event]:
    """Pass on every arrival by itself, as the lecture's queue does."""
    events = [Event("send", graph.output, numbers=(graph.d,))]
    todo, kept = [(graph.output, graph.d)], dict[int, float]()
    while todo:
        node, d = todo.pop(0)
        if node < graph.leaves:
            before = kept.get(node)
            kept[node] = (before or 0.0) + d
            if kept[node] != before:
                events.append(Event("write", node, numbers=(before, kept[node])))
            continue
        shares = tuple(d * slope for slope in graph.slopes[node])
        events += [Event("call", node, "F", (d,)), Event("return", node, "F", shares)]
        todo += zip(graph.inputs[node], shares)
    return events


def closures_walk(graph: Graph, assigns: tuple[int, int] = (-1, -1)) -> list[Event]:
    """Let closures add to what their inputs keep. At `assigns`, (node, input), one replaces what was there."""
    kept = dict.fromkeys(range(len(graph.inputs)), 0.0) | {graph.output: graph.d}
    events = [Event("send", graph.output, numbers=(graph.d,))]
    events.append(Event("write", graph.output, numbers=(0.0, graph.d)))
    for node in range(graph.output, graph.leaves - 1, -1):
        d = kept[node]
        events.append(Event("call", node, "", (d,)))
        for k, (one, slope) in enumerate(zip(graph.inputs[node], graph.slopes[node])):
            before = kept[one]
            kept[one] = d * slope if (node, k) == assigns else before + d * slope
            if kept[one] != before:
                events.append(Event("write", one, numbers=(before, kept[one])))
        events.append(Event("return", node, "", ()))
    return events


def fault_of(graph: Graph, events: list[Event]) -> int | None:
    """Return the index of the event that is blamed; None where none is."""
    names = [f"n{i}" for i in range(len(graph.inputs))]
    found = first_fault(names, graph.edges, range(graph.leaves), graph.output, False, events)
    return None if found is None else found.at


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_no_right_walk_is_blamed(graph: Graph) -> None:
    for events in (sorted_walk(graph), queue_walk(graph), closures_walk(graph)):
        assert fault_of(graph, events) is None, events


def calls_in(events: list[Event]) -> Iterator[int]:
    return (at for at, event in enumerate(events) if event.kind == "call" and event.numbers[0])


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_a_share_that_is_off_is_found_at_its_call(graph: Graph, data: st.DataObject) -> None:
    events = sorted_walk(graph)
    at = data.draw(st.sampled_from(list(calls_in(events))))
    back = events[at + 1]
    k = data.draw(st.integers(0, len(back.numbers) - 1))
    shares = [one * 1.01 if i == k and isinstance(one, float) else one for i, one in enumerate(back.numbers)]
    wrong = [*events[: at + 1], msgspec.structs.replace(back, numbers=tuple(shares)), *events[at + 2 :]]
    assert fault_of(graph, wrong) == at


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_a_call_with_another_d_out_is_found(graph: Graph, data: st.DataObject) -> None:
    right = list(calls_in(sorted_walk(graph)))
    number = data.draw(st.integers(0, len(right) - 1))
    events = sorted_walk(graph, number, 1.37)
    assert fault_of(graph, events) == right[number]


def test_a_closure_that_replaces_is_found_at_its_write() -> None:
    """x is used twice; the second closure, that of node 1, replaces what the first one left."""
    graph = Graph(1, ((), (0,), (1, 0)), ((), (3.0,), (1.0, 2.0)), 1.0)
    events = closures_walk(graph, (1, 0))
    at = fault_of(graph, events)
    assert at is not None
    assert (events[at].kind, events[at].node, events[at].numbers) == ("write", 0, (2.0, 3.0))


@pytest.mark.parametrize("probing", [1, 2])
def test_a_call_that_only_asks_is_no_step_of_the_walk(probing: int) -> None:
    """Some walks call a backward with 1 to learn what a node was computed from."""
    graph = Graph(1, ((), (0,), (1, 0)), ((), (3.0,), (1.0, 2.0)), 2.0)
    asked = [Event("call", 2, "F", (1.0,)), Event("return", 2, "F", (1.0, 2.0))]
    send, *rest = sorted_walk(graph)
    assert fault_of(graph, [send, *asked * probing, *rest]) is None
