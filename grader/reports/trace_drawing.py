"""Draw a traced run as SVG: the graph, and on it what has arrived by each step.

A step changes little. So the drawing is made of parts, each with the steps during which it looks so: a frame is what
there is at one step, and a page holds all parts and shows those of a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from grader.model import Trace, TraceNode, TraceStep
from grader.reports.graph_layout import Boxes, Edge, Layout, laid_out
from grader.reports.standalone import shown
from grader.reports.text import clip
from grader.reports.trace_moves import Moves, moves

MOST_NODES = 40
"""A larger graph is not drawn: nobody finds anything in it."""

SENT, NUMBER, NARROWEST, WIDEST = 76, 9, 8, 24
"""Room for the arrow into the output; characters of a number on an arrow; of a line in a box, at least and at most."""

MARK = "✗ first wrong"

CHARACTER, LINE = 8.5, 19
"""How wide a character is, and how high a line."""


class Part(msgspec.Struct, frozen=True):
    """SVG that is there from step `start` until before step `stop`."""

    start: int
    stop: int
    svg: str


class Drawing(msgspec.Struct, frozen=True):
    """A graph, and all that is drawn on it at some step or other."""

    wide: float
    high: float
    label: str
    parts: tuple[Part, ...]

    def at(self, step: int) -> str:
        """Return what there is at one step."""
        return "".join(part.svg for part in self.parts if part.start <= step < part.stop)


def undrawn(trace: Trace) -> str:
    """Return why a trace is not drawn; blank where it is."""
    count = len(trace.nodes)
    return (
        f"The graph has {count} nodes. That is too large to draw; its steps are listed." if count > MOST_NODES else ""
    )


def first_wrong(trace: Trace) -> int | None:
    """Return the number of the first wrong step, from 0; None where none is."""
    return next((i for i, step in enumerate(trace.steps) if step.wrong), None)


def drawing(trace: Trace) -> Drawing | None:
    """Return a trace's drawing; None where it has no node, or too many. All text in it is inert."""
    if not trace.nodes or undrawn(trace):
        return None
    most = max(len(_lines(trace, i)) for i in range(len(trace.nodes)))
    boxes = Boxes(high=most * LINE + 10, gap_x=int(NUMBER * CHARACTER) + 30, gap_y=34, margin=24)
    widths = [_width(trace, i) for i in range(len(trace.nodes))]
    layout = laid_out([node.inputs for node in trace.nodes], widths, boxes)
    travelling = moves(trace)
    layers = (
        *(_edge(edge, travelling) for edge in layout.edges),
        _sent(trace, layout, boxes),
        *(_box(trace, i, layout, boxes) for i in range(len(trace.nodes))),
        *(_carried(edge, travelling) for edge in layout.edges),
        _unplaced(trace, layout),
    )
    count = max(len(trace.steps), 1)
    return Drawing(
        layout.wide + SENT,
        layout.high,
        f"the graph of {trace.title}: {len(trace.nodes)} nodes, with what had arrived at each",
        tuple(part for layer in layers for part in _runs(layer, count)),
    )


def _runs(looks: Iterable[str], count: int) -> Iterator[Part]:
    """Yield what something looks like step by step as parts, each for as long as it stays so."""
    start, before = 0, ""
    for step, look in enumerate(looks):
        if look != before:
            if before:
                yield Part(start, step, before)
            start, before = step, look
    if before:
        yield Part(start, count, before)


def _steps(trace: Trace) -> tuple[TraceStep, ...]:
    """Return the steps; where there is none, one in which nothing happens."""
    return trace.steps or (TraceStep("stopped"),)


def _edge(edge: Edge, travelling: Moves) -> Iterator[str]:
    """Draw an edge: plain, passed already, or lit with an arrow where a gradient travels along it now."""
    key = (edge.end, edge.side)
    for along, now in travelling:
        kind = "edge now" if key in now else "edge back" if key in along else "edge"
        yield f'<path class="{kind}" d="{edge.path}"/>{_arrow(*edge.points[0], kind) if key in along else ""}'


def _carried(edge: Edge, travelling: Moves) -> Iterator[str]:
    """Write what travels along an edge, or last did."""
    key = (edge.end, edge.side)
    for along, now in travelling:
        yield _number(*edge.middle, along[key], key in now) if key in along else ""


def _arrow(x: float, y: float, kind: str) -> str:
    """Draw the head of an arrow that points left, to where a gradient goes."""
    return f'<path class="{kind} head" d="M{x:g} {y:g} l11 -6 v12 z"/>'


def _number(x: float, y: float, text: str, now: bool) -> str:
    kind, text = "number now" if now else "number", clip(text, NUMBER)
    wide = CHARACTER * len(text) + 4
    return (
        f'<rect class="under" x="{x - wide / 2:g}" y="{y - 9:g}" width="{wide:g}" height="18"/>'
        f'<text class="{kind}" x="{x:g}" y="{y + 5:g}">{shown(text)}</text>'
    )


def _sent(trace: Trace, layout: Layout, boxes: Boxes) -> Iterator[str]:
    """Draw what is sent back into the output, from the step in which it is sent."""
    if not 0 <= trace.output < len(trace.nodes):
        return
    x, y = layout.places[trace.output]
    x, y = x + layout.widths[trace.output], y + boxes.high / 2
    sent = ""
    for step in _steps(trace):
        now = step.kind == "send" and step.node == trace.output
        sent = step.d_out if now else sent
        kind = "edge now" if now else "edge back"
        line = f'<path class="{kind}" d="M{x + SENT - 8:g} {y:g} H{x:g}"/>{_arrow(x, y, kind)}'
        yield f"{line}{_number(x + SENT / 2, y - 14, sent, now)}" if sent else ""


def _width(trace: Trace, index: int) -> int:
    """Return how wide a node's box must be for all that will stand in it."""
    return int(CHARACTER * min(max(NARROWEST, *map(len, _lines(trace, index))), WIDEST)) + 20


def _lines(trace: Trace, index: int) -> list[str]:
    """Return what will stand in a node's box, with the longest derivatives that are ever there."""
    node = trace.nodes[index]
    there = [_derivatives(trace, step) for step in trace.steps if step.node == index]
    longest = max(there, key=lambda lines: (len(lines), max(map(len, lines), default=0)), default=[])
    return [*_head(node), _value(node), *longest]


def _head(node: TraceNode) -> list[str]:
    return [node.name] if node.formula in ("", node.name) else [node.name, f"= {node.formula}"]


def _value(node: TraceNode) -> str:
    return f"{node.value}, not {node.expected}" if node.expected else node.value


def _derivatives(trace: Trace, step: TraceStep) -> list[str]:
    """Return what a step says of its node's derivative; in forward mode of the derivative by each argument."""
    if step.kind == "write":
        return [f"∂ {step.after}"]
    return [f"∂ by {trace.nodes[i].name}: {text}" for i, text in step.returned] if step.kind == "forward" else []


def _box(trace: Trace, index: int, layout: Layout, boxes: Boxes) -> Iterator[str]:
    """Draw a node with its value, and the derivative that is there; marked where it is its turn, or wrong."""
    node, (x, y), wide = trace.nodes[index], layout.places[index], layout.widths[index]
    wrong_from = first_wrong(trace)
    waits = any(step.kind == "forward" and step.node == index for step in trace.steps)
    derivatives: list[str] = []
    order = ""
    for number, step in enumerate(_steps(trace)):
        if step.node == index:
            waits = waits and step.kind != "forward"
            derivatives = _derivatives(trace, step) or derivatives
        if step.kind == "order":
            order = ", ".join(str(place + 1) for place, i in enumerate(step.listed) if i == index)
        now = step.node == index or index in step.listed
        wrong = wrong_from is not None and number >= wrong_from and trace.steps[wrong_from].node == index
        kind = " ".join(["box", *["extra"] * node.extra, *["now"] * now, *["off"] * wrong])
        lines = [(text, "head") for text in _head(node)] + ([] if waits else [(_value(node), "value")])
        lines += [(text, "derivative") for text in derivatives]
        yield (
            f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{wide}" height="{boxes.high}" rx="7"/>'
            + "".join(_line(text, of, x + 10, y + LINE * (i + 1)) for i, (text, of) in enumerate(lines))
            + (_line(MARK, "mark", x, y - 8) if wrong else "")
            + (_line(f"no. {order}", "place", x, y + boxes.high + 16) if order else "")
        )


def _line(text: str, kind: str, x: float, y: float) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{shown(clip(text, WIDEST))}</text>'


def _unplaced(trace: Trace, layout: Layout) -> Iterator[str]:
    """Mark a first wrong step that is at no node, as a wrong order, in a corner."""
    wrong_from = first_wrong(trace)
    somewhere = wrong_from is not None and not 0 <= trace.steps[wrong_from].node < len(trace.nodes)
    for number, _ in enumerate(_steps(trace)):
        marked = somewhere and wrong_from is not None and number >= wrong_from
        yield _line(MARK, "mark", 8, layout.high - 4) if marked else ""
