"""A traced run as pictures for slides: one SVG per step, each on its own, in a slide's shape."""

from __future__ import annotations

import textwrap

from grader.model import Trace
from grader.reports.standalone import shown
from grader.reports.text import clip
from grader.reports.trace_drawing import Drawing, drawing
from grader.reports.trace_text import FIRST_WRONG, sentence

WIDE, HIGH, MARGIN = 1280, 720, 40
HEAD, FOOT = 80, 190
"""Room for the title above the graph, and for what happened below it."""

LARGEST = 2.0
"""How much a small graph is enlarged at most."""

ACROSS, MOST_LINES, LINE = 80, 5, 34

STYLE = """
text { font: 14px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b1f24 }
text.title { font: bold 30px "DejaVu Sans", Verdana, sans-serif }
text.says { font: 25px "DejaVu Sans", Verdana, sans-serif }
text.why, text.mark { fill: #b23a08; font-weight: bold }
text.head { font-weight: bold }
text.derivative, text.place { fill: #0b5cad }
text.number { fill: #59626d; text-anchor: middle }
.under { fill: #fff }
text.number.now { fill: #0b5cad; font-weight: bold }
.box { fill: #f3f5f8; stroke: #59626d; stroke-width: 1.5px }
.box.extra { stroke-dasharray: 5 4 }
.box.now { fill: #dcebfa; stroke: #0b5cad; stroke-width: 3px }
.box.off { stroke: #b23a08; stroke-width: 4px; stroke-dasharray: 9 4 }
.edge { fill: none; stroke: #8b949e; stroke-width: 1.5px }
.edge.back { stroke: #59626d }
.edge.now { stroke: #0b5cad; stroke-width: 4px }
.edge.back.head { fill: #59626d }
.edge.now.head { fill: #0b5cad }
"""
"""Light, as slides mostly are. Plain rules and no variables: programs for slides know few of them."""


def frames(trace: Trace) -> dict[str, str]:
    """Return an SVG per step by its file's name; none for a graph that is too large to draw."""
    drawn = drawing(trace)
    if drawn is None:
        return {}
    digits = max(len(str(len(trace.steps))), 2)
    return {f"step-{i + 1:0{digits}}.svg": _frame(trace, drawn, i) for i in range(len(trace.steps))}


def _frame(trace: Trace, drawn: Drawing, number: int) -> str:
    step = trace.steps[number]
    said = f"{number + 1}/{len(trace.steps)}: {sentence(trace, step)}"
    lines = [(line, "says") for line in textwrap.wrap(said, ACROSS)]
    if step.wrong:
        lines += [(line, "says why") for line in textwrap.wrap(f"✗ {FIRST_WRONG}: {step.wrong}", ACROSS)]
    texts = "".join(
        f'<text class="{kind}" x="{MARGIN}" y="{HIGH - FOOT + 40 + LINE * i}">{shown(line)}</text>'
        for i, (line, kind) in enumerate(lines[:MOST_LINES])
    )
    room = (WIDE - 2 * MARGIN, HIGH - HEAD - FOOT)
    scale = min(room[0] / drawn.wide, room[1] / drawn.high, LARGEST)
    left, top = (WIDE - scale * drawn.wide) / 2, HEAD + (room[1] - scale * drawn.high) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
        f'role="img" aria-label="{shown(said)}">\n<style>{STYLE}</style>\n<rect width="{WIDE}" height="{HIGH}" '
        f'fill="#fff"/>\n<text class="title" x="{MARGIN}" y="58">{shown(clip(trace.title, 66))}</text>\n'
        f'<g transform="translate({left:.1f} {top:.1f}) scale({scale:.3f})">{drawn.at(number)}</g>\n{texts}\n</svg>\n'
    )
