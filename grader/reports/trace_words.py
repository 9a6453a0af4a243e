"""What happened in each step of a traced run, in a sentence."""

from __future__ import annotations

from grader.model import Trace, TraceNode, TraceStep

FIRST_WRONG = "The first wrong step"
"""What stands before the step from which on it is wrong, wherever it is marked."""


def happened(trace: Trace, step: TraceStep) -> str:
    """Say what happened in one step."""
    name = _name(trace, step.node)
    if step.kind == "forward":
        node = trace.nodes[step.node]
        return f"{defined(node)} is {node.value}{f', expected {node.expected}' if node.expected else ''}"
    if step.kind == "call":
        what = f"{step.function} of {name}" if step.function else f"The backward of {name}"
        return f"{what} gets d_out = {step.d_out}, and returns {_returned(trace, step)}"
    if step.kind == "write":
        return f"The derivative of {name} goes from {step.before or 'nothing'} to {step.after}"
    if step.kind == "order":
        return f"The order is {', '.join(_name(trace, i) for i in step.listed) or 'empty'}"
    if step.kind == "raised":
        return f"{f'At {name} it' if step.node >= 0 else 'It'} raised {step.said}"
    return f"It ended here: {step.said}"


def defined(node: TraceNode) -> str:
    """Return a node as it came about: `x`, `z = x * y`, `log(z)`."""
    return node.name if node.formula in ("", node.name) else f"{node.name} = {node.formula}"


def first_wrong(trace: Trace) -> int | None:
    """Return the number of the first wrong step, from 0; None where none is."""
    return next((i for i, step in enumerate(trace.steps) if step.wrong), None)


def _returned(trace: Trace, step: TraceStep) -> str:
    return ", ".join(f"{text} for {_name(trace, i)}" if i >= 0 else text for i, text in step.returned) or "nothing"


def _name(trace: Trace, index: int) -> str:
    return trace.nodes[index].name if 0 <= index < len(trace.nodes) else "something else"
