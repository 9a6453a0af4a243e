"""Traces made up for the pages: h(x, y) = log(z) + exp(z) with z = x * y, by the book and with a mistake."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from grader.model import Trace, TraceEnd, TraceNode, TraceStep

PLACE = "minitorch/autodiff.py:104"

NODES = (
    TraceNode("x", "", (), "2", total="1210.786"),
    TraceNode("y", "", (), "3", total="807.1909"),
    TraceNode("z", "x * y", (0, 1), "6", total="403.5955"),
    TraceNode("log(z)", "log(z)", (2,), "1.791759", total="1"),
    TraceNode("exp(z)", "exp(z)", (2,), "403.4288", total="1"),
    TraceNode("h", "log(z) + exp(z)", (3, 4), "405.2206", total="1"),
)


def call(node: int, function: str, d_out: str, *returned: tuple[int, str]) -> TraceStep:
    """Return the call of a backward."""
    return TraceStep("call", node, function, d_out, returned, place=PLACE)


def write(node: int, after: str, before: str = "0") -> TraceStep:
    """Return a write to a derivative."""
    return TraceStep("write", node, before=before, after=after, place=PLACE)


STEPS = (
    *(TraceStep("forward", i) for i in range(6)),
    TraceStep("order", listed=(5, 4, 3, 2, 1, 0), function="topological_sort", place=PLACE),
    TraceStep("send", 5, d_out="1"),
    call(5, "Add", "1", (3, "1"), (4, "1")),
    call(4, "Exp", "1", (2, "403.4288")),
    call(3, "Log", "1", (2, "0.166667")),
    call(2, "Mul", "403.5955", (0, "1210.786"), (1, "807.1909")),
    write(0, "1210.786"),
    write(1, "807.1909"),
)
ENDS = (
    TraceEnd(0, "1210.786", "1210.786", "1210.786289", True),
    TraceEnd(1, "807.1909", "807.1909", "807.190859", True),
)
RIGHT = Trace("h(x, y) = log(z) + exp(z), z = x * y", NODES, 5, "1", STEPS, ENDS)

WRONG = msgspec.structs.replace(
    RIGHT,
    steps=(
        *STEPS[:11],
        msgspec.structs.replace(
            call(2, "Mul", "403.4288", (0, "1210.286"), (1, "806.8576")),
            wrong="z is taken with 403.4288, and 0.166667 from log(z) has not been added: it should be 403.5955",
        ),
        write(0, "1210.286"),
        write(1, "806.8576"),
    ),
    ends=(
        TraceEnd(0, "1210.286", "1210.786", "1210.786289", False),
        TraceEnd(1, "806.8576", "807.1909", "807.190859", False),
    ),
    notes=("The queue of this backpropagate has no name, so it is not shown.",),
)


def row(count: int) -> Trace:
    """Return a trace of a row of so many nodes, each made of the one before."""
    nodes = tuple(TraceNode(f"a{i}", f"-a{i - 1}" if i else "", (i - 1,) if i else (), "1") for i in range(count))
    steps = tuple(call(i, "Neg", "1", (i - 1, "-1")) for i in range(count - 1, 0, -1))
    return Trace(f"a row of {count}", nodes, count - 1, "1", steps, ())


def evil(text: str) -> Trace:
    """Return a trace with the same text in every field that has one."""
    nodes = (TraceNode(text, "", (), text, text, text), TraceNode(text, f"-{text}", (0,), text, text, text, True))
    kinds = ("forward", "send", "call", "write", "order", "raised", "stopped")
    steps: Iterable[TraceStep] = (
        TraceStep(kind, 1, text, text, ((0, text), (-1, text)), text, text, (1, 0), text, text, text) for kind in kinds
    )
    return Trace(text, nodes, 1, text, tuple(steps), (TraceEnd(0, text, text, text, False),), (text,))
