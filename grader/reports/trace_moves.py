"""What travels along each edge of a traced run, and when: what a backward returned, or what it added itself."""

from __future__ import annotations

import math

from grader.model import Trace, TraceStep

Along = dict[tuple[int, int], str]
"""What went along edges, by the node that it came from and the number of that node's input."""

Moves = list[tuple[Along, Along]]
"""Step by step: what last went along each edge, and what goes along it now."""


def moves(trace: Trace) -> Moves:
    """Return what went along each edge by each step, and in it; what is sent once more begins anew."""
    along: Along = {}
    left: list[tuple[int, int]] = []
    caller = -1
    found = []
    for step in trace.steps:
        now: Along = {}
        if step.kind == "send":
            along, left = {}, []
        elif step.kind == "call":
            caller, left = step.node, _inputs(trace, step.node)
            now = _returned(step, left)
            left = [] if step.returned else left
        elif step.kind == "write":
            now = _added(step, caller, left)
        along = along | now
        found.append((along, now))
    return found or [({}, {})]


def _inputs(trace: Trace, node: int) -> list[tuple[int, int]]:
    return list(enumerate(trace.nodes[node].inputs)) if 0 <= node < len(trace.nodes) else []


def _returned(step: TraceStep, inputs: list[tuple[int, int]]) -> Along:
    """Return what a call returned for each input; one that is used twice gets its gradients in order."""
    left, found = list(inputs), {}
    for index, text in step.returned:
        side = next((side for side, i in left if i == index), None)
        if side is not None:
            left.remove((side, index))
            found[(step.node, side)] = text
    return found


def _added(step: TraceStep, caller: int, left: list[tuple[int, int]]) -> Along:
    """Return by how much the last call that returned nothing changed the derivative of one of its inputs."""
    side = next((side for side, i in left if i == step.node), None)
    if side is None:
        return {}
    left.remove((side, step.node))
    return {(caller, side): change(step.before, step.after)}


def change(before: str, after: str) -> str:
    """Return how much a number changed, with its sign; what it became, where that cannot be told.

    >>> change("3", "4"), change("None", "2.5"), change("1", "a list")
    ('+1', '+2.5', 'a list')
    """
    try:
        by = float(after) - (0.0 if before in ("", "None") else float(before))
    except ValueError:
        return after
    return f"{by:+.6g}" if math.isfinite(by) else after
