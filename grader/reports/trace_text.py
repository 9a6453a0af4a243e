"""A trace as lines of text: one per step, the first wrong one marked."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import Trace, TraceNode, TraceStep
from grader.reports.text import clip, inert

LONGEST_NAME, LONGEST_LABEL, NARROWEST = 24, 40, 40
MARK = "✗"
FIRST_WRONG = "first wrong step"
"""What stands before why a step is wrong, wherever it is marked."""


def head(trace: Trace) -> str:
    """Return what is traced, in one line."""
    return inert(trace.title)


def steps(trace: Trace, width: int = 80) -> Iterator[str]:
    """Yield each step as a block of text: its heading where one begins, one line, and why where it is wrong."""
    for at in range(len(trace.steps)):
        yield "\n".join(_step(trace, at, width))


def _step(trace: Trace, at: int, width: int) -> Iterator[str]:
    heading = _heading(trace, at)
    if heading:
        yield heading
    step, digits = trace.steps[at], len(str(len(trace.steps)))
    sign = MARK if step.wrong else " "
    yield from _with_place(f"{sign} {at + 1:>{digits}}  {sentence(trace, step)}", step, width, digits + 4)
    if step.wrong and step.wrong != step.said:
        yield from _prose(f"{FIRST_WRONG}: {inert(step.wrong)}", width, " " * (digits + 4))


def _heading(trace: Trace, at: int) -> str:
    step = trace.steps[at]
    before = trace.steps[at - 1].kind if at else ""
    if step.kind == "forward" and before != "forward":
        return "forward"
    if step.kind == "send":
        again = any(one.kind == "send" for one in trace.steps[:at])
        return "\nback, once more" if again else "\nback"
    return ""


def sentence(trace: Trace, step: TraceStep) -> str:
    """Return one step in words, as `Exp.backward of exp(z): d_out 1 → z 403.429`."""
    if step.kind == "forward":
        return _forward(trace, step)
    name = _name(trace, step.node)
    if step.kind == "send":
        return f"{step.d_out} is sent back from {name}"
    if step.kind == "call":
        return _call(trace, step, name)
    if step.kind == "write":
        return f"the derivative of {name}: {step.before} → {step.after}"
    if step.kind == "order":
        return f"the sort returned {_in_order(trace, step)}"
    return inert(step.said)


def _in_order(trace: Trace, step: TraceStep) -> str:
    known = [_name(trace, one) for one in step.listed if one >= 0]
    others = len(step.listed) - len(known)
    unknown = f"{others} that {'is' if others == 1 else 'are'} no variable of these" if others else ""
    return ", ".join(filter(None, (*known, unknown))) or "nothing"


def _forward(trace: Trace, step: TraceStep) -> str:
    node = trace.nodes[step.node]
    along = "".join(f"; by {_name(trace, i)}: {text}" for i, text in step.returned)
    off = f" ({inert(node.expected)} is right)" if node.expected else ""
    return f"{label(node)} = {inert(node.value)}{off}{along}"


def label(node: TraceNode) -> str:
    """Return a node's name with what it is computed from, once."""
    if not node.formula or node.formula == node.name:
        return clip(inert(node.name), LONGEST_LABEL)
    return clip(inert(f"{node.name} = {node.formula}"), LONGEST_LABEL)


def _call(trace: Trace, step: TraceStep, name: str) -> str:
    function = f"{inert(step.function)}.backward of {name}" if step.function else f"the backward of {name}"
    given = [f"{text} for {_name(trace, i)}" if i >= 0 else text for i, text in step.returned]
    returns = f" → {', '.join(map(inert, given))}" if given else ""
    return f"{function}: d_out {inert(step.d_out)}{returns}"


def _name(trace: Trace, i: int) -> str:
    return clip(inert(trace.nodes[i].name), LONGEST_NAME) if 0 <= i < len(trace.nodes) else "something else"


def end(trace: Trace, width: int = 80) -> Iterator[str]:
    """Yield each leaf's derivative beside the exact one and the central difference, and what could not be shown."""
    if trace.ends:
        yield "\nat the end"
    names = max((len(_name(trace, one.node)) for one in trace.ends), default=0)
    for one in trace.ends:
        near = f", central difference {one.difference}" if one.difference else ""
        said = "" if one.right else f"; {inert(one.expected)} is right"
        yield f"{'✓' if one.right else MARK} {_name(trace, one.node):<{names}}  {inert(one.derivative)}{said}{near}"
    for note in trace.notes:
        yield ""
        yield from _prose(inert(note), width, "")


def _with_place(line: str, step: TraceStep, width: int, indent: int) -> Iterator[str]:
    """Yield a step's line, with its place at the right where there is room, else below; a place with code below."""
    lines = list(_prose(line, width, "", " " * indent)) if len(line) > width else [line]
    place = inert(step.place)
    if not place:
        yield from lines
    elif ": " in place:
        yield from lines
        yield clip(f"{' ' * indent}{place}", max(width, NARROWEST))
    elif len(lines[-1]) + len(place) + 2 <= width:
        yield from lines[:-1]
        yield f"{lines[-1]}{place:>{width - len(lines[-1])}}"
    else:
        yield from lines
        yield f"{clip(place, max(width, NARROWEST)):>{width}}"


def _prose(text: str, width: int, first: str, rest: str | None = None) -> list[str]:
    import textwrap

    room = max(width, NARROWEST)
    return textwrap.wrap(text, room, initial_indent=first, subsequent_indent=first if rest is None else rest) or [""]
