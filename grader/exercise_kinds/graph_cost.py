"""Judge how work grows: by what graphs of more and more paths took. What is said of growth was measured."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from grader.exercise_kinds.graph_verdicts import Judge, Trial, Wrong, budget
from grader.exercise_kinds.labels import NodeRow
from grader.model import Diagnosis, Graph
from grader.oracle.graph_corpus import paths

AS_PATHS = 0.75
"""Work grows with the paths where it grows by at least this share of how they grow. From one size of the ladder to the
next there are 4 times the paths, so by 3. Work that grows with the cube of the nodes grows by 2.3."""

STEEP = 3
"""The same from one size to the next. A walk whose steps grow by it over three sizes is let through few more: no work
that grows with the nodes does so, unless with their fifth power."""

CALLS, STEPS = "calls of backward", "steps of Python"
INSTEAD = {
    CALLS: "pass a node on once, when all has arrived",
    STEPS: "what has been visited need not be visited again",
}

EVERY_ARRIVAL = Diagnosis(
    "every arrival is passed on: a variable sends its derivative back once for each path that leads to it",
    "Wait until all of a variable's derivative has arrived, then pass the sum on once; a topological order says when.",
)

PLAINLY = 3
"""So many of a ladder's graphs are asked about first with nothing counted but calls of backward, which costs a quarter
as much. A walk that calls it along every path takes too many on the third, and then the rest is left unasked."""


class Grown(Wrong, frozen=True):
    """What is wrong with the work. `instead`: what to do, where it was seen to grow and the answers were right."""

    instead: str = ""


def wrong(right: Judge, trials: Sequence[Trial], rows: Sequence[NodeRow], known_right: bool) -> Grown | None:
    """Return what is wrong with the work that some graphs took, or None.

    `right` judges the answer for one graph. `known_right`: another check found the answers for small graphs right.
    """
    done = [(trial, row) for trial, row in zip(trials, rows) if not _is_over(trial, row)]
    for trial, row in done:
        found = right(trial, row)
        if found is not None:
            return Grown(f"{found.says}, so how its work grows was not judged")
    over = next(((trial, row) for trial, row in zip(trials, rows) if _is_over(trial, row)), None)
    if over is None:
        return None
    for unit, counts in ((CALLS, [row.calls for _, row in done]), (STEPS, [row.steps for _, row in done])):
        if _grows_as_paths([trial.graph for trial, _ in done], counts):
            claim = "its work grows with the number of paths, not of nodes"
            took = _measured(unit, done, counts, *over)
            return Grown(f"right, but {claim}" if known_right else claim, took, instead=INSTEAD[unit])
    return Grown(f"it was stopped: {_stopped(*over)}")


def telling(graphs: Sequence[Graph], rows: tuple[NodeRow, ...], plain: int) -> tuple[NodeRow, ...]:
    """Return a row for each graph, of those that have one: the plain ones where these tell all there is."""
    first = rows[:plain]
    over = any(row.fault is not None or row.calls > budget(graph) for graph, row in zip(graphs, first))
    return (*first, *rows[2 * plain :]) if over else rows[plain:]


def passes_every_arrival(trials: Sequence[Trial], rows: Sequence[NodeRow]) -> bool:
    """Say whether a walk calls backward once for each way that leads to a node, on every graph that it ended on."""
    done = [(trial.graph, row.calls) for trial, row in zip(trials, rows) if not _is_over(trial, row)]
    return len(done) > 1 and all(calls == arrivals(graph) for graph, calls in done)


def arrivals(graph: Graph) -> int:
    """Return how many derivatives arrive at the nodes that functions made, one for each way to a node."""
    below: list[int] = []
    for node in graph.nodes:
        below.append(1 + sum(below[i] for i in node.inputs) if node.inputs else 0)
    return below[graph.sends[0][0]]


def _is_over(trial: Trial, row: NodeRow) -> bool:
    return row.calls > budget(trial.graph) or row.steps > row.allowed


def _grows_as_paths(graphs: Sequence[Graph], counts: Sequence[int]) -> bool:
    each = [(paths(graph), count) for graph, count in zip(graphs, counts)][-3:]
    grown = [
        count >= AS_PATHS * before * more / fewer
        for (fewer, before), (more, count) in itertools.pairwise(each)
        if before > 0
    ]
    return bool(grown) and all(grown)


def _measured(
    unit: str, done: Sequence[tuple[Trial, NodeRow]], counts: Sequence[int], trial: Trial, row: NodeRow
) -> str:
    (first, _), *_more = done
    took = [f"{len(first.graph.nodes)} nodes took {counts[0]:,} {unit}"]
    took += [f"{len(one.graph.nodes)} took {count:,}" for (one, _), count in zip(done[1:], counts[1:])]
    return f"{', '.join(took)}, and {_stopped(trial, row, unit)}"


def _stopped(trial: Trial, row: NodeRow, unit: str = "") -> str:
    """Say what was let through; in a `unit` that was named before where there is one."""
    nodes = len(trial.graph.nodes)
    if row.calls > budget(trial.graph):
        took, noun = f"over {budget(trial.graph):,}", CALLS
    elif unit == CALLS:  # its steps ended it: so many calls had been made
        took, noun = f"at least {row.calls:,}", CALLS
    else:
        took, noun = f"over {row.allowed:,}", STEPS
    return f"{nodes} took {took}" if unit else f"{nodes} nodes took {took} {noun}"
