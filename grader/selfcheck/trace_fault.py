"""Find the first wrong step of what goes back, by the reading of a run that explains it best."""

from __future__ import annotations

from collections.abc import Sequence

from grader.sandbox.probes.watching import Event
from grader.selfcheck.trace_flow import Fault, Flow, Reading, sends_by_writing
from grader.selfcheck.trace_inferred import with_calls
from grader.selfcheck.trace_shares import Edge
from grader.selfcheck.trace_sums import is_right_walk


def first_fault(
    names: Sequence[str],
    edges: Sequence[Edge],
    leaves: Sequence[int],
    output: int,
    resets: bool,
    events: Sequence[Event],
) -> Fault | None:
    """Return the first wrong step of what goes back; None where every step is right, or it cannot be told."""
    numbered, is_whole = list(enumerate(events)), True
    is_inferred = not any(one.kind == "call" for one in events)
    if is_inferred:
        numbered, is_whole = with_calls(edges, output, events)
    readings: tuple[Reading, ...] = ("sums", "asking")
    if sends_by_writing(numbered):
        readings = ("sums",)
    elif is_right_walk(edges, leaves, resets, events):
        faults = Flow(names, edges, leaves, resets, "functions").follow(numbered)
        if faults:
            return faults[0]
    ways = []
    for reading in readings:
        flow = Flow(names, edges, leaves, resets, reading)
        faults = flow.follow(numbered, is_whole)
        ways.append((flow.misread, len(faults), faults))
    fewest = min(ways, key=lambda one: one[:2])[2]
    seen = [one for one in fewest if not one.by_absence]
    return next(iter(seen if seen and is_inferred else fewest), None)
