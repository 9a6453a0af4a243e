"""Say whether a walk is right by the numbers that its backwards returned, however it went about it.

What a backward returns, divided by the d_out that it was given, is the slope that the student's own function says.
These slopes make sums at the leaves. A walk that comes to the same sums, by a matrix or along each path or by a memo,
is right, and what is wrong is a function.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from grader.sandbox.probes.watching import Event
from grader.selfcheck.trace_shares import Edge, reaching, same

Slopes = dict[int, tuple[float, ...]]
"""What each variable's backward says of its inputs, per unit of d_out."""


def is_right_walk(edges: Sequence[Edge], leaves: Sequence[int], resets: bool, events: Sequence[Event]) -> bool:
    """Say whether the leaves have what comes of the slopes that backwards returned; not where these contradict."""
    slopes = _slopes(edges, events)
    sends = [(one.node, one.numbers[0]) for one in events if one.kind == "send"]
    if slopes is None or not sends or not all(isinstance(d, float) for _, d in sends):
        return False
    output = sends[-1][0]
    numbers = [d for _, d in sends if isinstance(d, float)]
    d = numbers[-1] if resets else math.fsum(numbers)
    sums = _sums(edges, leaves, output, d, slopes)
    final = {one.node: one.numbers[1] for one in events if one.kind == "write"}
    return sums is not None and all(
        isinstance(got := final.get(leaf, 0.0), float) and same(got, sums[leaf]) for leaf in leaves
    )


def _slopes(edges: Sequence[Edge], events: Sequence[Event]) -> Slopes | None:
    """Return what backwards returned per unit of d_out; None where two calls of one say different."""
    found: Slopes = {}
    open_calls: list[Event] = []
    for event in events:
        if event.kind == "call":
            open_calls.append(event)
        elif event.kind == "return" and open_calls:
            called = open_calls.pop()
            d = called.numbers[0] if called.numbers else None
            numbers = [one for one in event.numbers if isinstance(one, float)]
            if not isinstance(d, float) or not d or len(numbers) != len(edges[called.node].inputs):
                continue
            told = tuple(one / d for one in numbers)
            known = found.setdefault(called.node, told)
            if not all(map(same, known, told)):
                return None
    return found


def _sums(
    edges: Sequence[Edge], leaves: Sequence[int], output: int, d: float, slopes: Slopes
) -> dict[int, float] | None:
    """Return what arrives at each leaf; None where something arrives at a variable whose backward was never called."""
    varying = reaching(edges, leaves)
    users: dict[int, list[tuple[int, int]]] = {}
    for i, edge in enumerate(edges):
        for k, one in enumerate(edge.inputs):
            users.setdefault(one, []).append((i, k))

    @functools.cache
    def total(node: int) -> float:
        arrived = [d] if node == output else []
        for user, k in users.get(node, ()):
            came = total(user)
            if came:
                arrived.append(came * slopes[user][k])
        return math.fsum(arrived)

    try:
        found = {leaf: total(leaf) for leaf in leaves}
    except (KeyError, ValueError, OverflowError, RecursionError):  # no slope, an infinite one, or a circle
        return None
    return found if output in varying else None
