"""Show a traced run within a page: the graph, controls to step through it, each step in words, and the ends.

Without script the graph is as it was at the end, and all steps are listed. `trace.js` adds the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import Trace, TraceEnd, TraceStep
from grader.reports.standalone import shown
from grader.reports.trace_drawing import Drawing, drawing, first_wrong, undrawn
from grader.reports.trace_text import FIRST_WRONG, sentence

STYLES, SCRIPTS = ("trace.css",), ("trace.js",)
"""What a page needs for this, of the files beside it."""

FITTING = 960
"""A graph of this width is made to fit a wide page; a wider one can be scrolled."""

LEGEND = (
    "In a box: a name, its value, and ∂, the derivative that is there. On an arrow: what a backward returned, or with "
    "a sign how much it changed that derivative."
)


def html(trace: Trace, name: str, level: int = 2, before: str = "") -> str:
    """Return a trace as a section of a page.

    `name` tells it from others there; its heading is of a `level`, and starts with
    `before`.
    """
    return "\n".join(_section(trace, name, f"h{level}", before))


def _section(trace: Trace, name: str, heading: str, before: str) -> Iterator[str]:
    wrong = first_wrong(trace)
    yield f'<section class="trace" aria-labelledby="{name}" data-wrong="{-1 if wrong is None else wrong}">'
    title = shown(before + trace.title)
    yield f'<{heading} id="{name}">{title}</{heading}>'
    for note in trace.notes:
        yield f'<p class="notice">{shown(note)}</p>'
    yield '<div class="side">'
    yield '<div class="stage">'
    yield from _graph(trace, title)
    yield _controls(len(trace.steps)) if trace.steps else '<p class="notice">No step could be seen.</p>'
    if trace.ends:
        yield from _ends(trace, title)
    yield "</div>"
    if trace.steps:
        yield f'<ol class="steps" aria-label="steps of {title}">'
        yield from (_step(trace, step) for step in trace.steps)
        yield "</ol>"
    yield "</div>\n</section>"


def _graph(trace: Trace, title: str) -> Iterator[str]:
    if undrawn(trace):
        yield f'<p class="notice">{undrawn(trace)}</p>'
    drawn = drawing(trace)
    if drawn is not None:
        yield f'<div class="wide" role="region" tabindex="0" aria-label="graph of {title}">'
        yield _svg(drawn, max(len(trace.steps), 1) - 1)
        yield f'</div>\n<p class="legend">{LEGEND}</p>'


def _svg(drawn: Drawing, last: int) -> str:
    """Return a drawing with all its parts, those of the last step in sight."""
    parts = "".join(
        f'<g class="part{" last" if part.start <= last < part.stop else ""}" data-start="{part.start}" '
        f'data-stop="{part.stop}">{part.svg}</g>'
        for part in drawn.parts
    )
    fits = "fits" if drawn.wide <= FITTING else "long"
    return (
        f'<svg class="{fits}" role="img" aria-label="{shown(drawn.label)}" viewBox="0 0 {drawn.wide:g} {drawn.high:g}" '
        f'width="{drawn.wide:g}" height="{drawn.high:g}">{parts}</svg>'
    )


def _controls(count: int) -> str:
    """Return the controls; they are hidden until a script makes them work."""
    buttons = (("first", "First"), ("back", "Back"), ("play", "Play"), ("next", "Next"), ("last", "Last"))
    row = "".join(f'<button type="button" data-do="{do}">{text}</button>' for do, text in buttons)
    return (
        f'<div class="controls" hidden role="group" aria-label="step through it">{row}'
        f'<label>Step <input type="range" min="1" max="{count}" value="{count}"></label> '
        f'<span class="count">{count} of {count}</span></div>\n<p class="says" role="status"></p>'
    )


def _step(trace: Trace, step: TraceStep) -> str:
    place = f' <code class="at">{shown(step.place)}</code>' if step.place else ""
    line = f'<span class="what">{shown(sentence(trace, step))}</span>{place}'
    if not step.wrong:
        return f'<li class="{step.kind}">{line}</li>'
    return f'<li class="{step.kind} off">{line} <strong class="why">✗ {FIRST_WRONG}: {shown(step.wrong)}</strong></li>'


def _ends(trace: Trace, title: str) -> Iterator[str]:
    yield f'<div class="wide" role="region" tabindex="0" aria-label="derivatives at the end of {title}">'
    yield '<table class="ends">\n<caption>At the end</caption>\n<thead><tr>'
    heads = ("leaf", "its derivative", "exact", "central difference of your own forward")
    yield "".join(f'<th scope="col">{head}</th>' for head in heads)
    yield "</tr></thead>\n<tbody>"
    yield from (_end(trace, one) for one in trace.ends)
    yield "</tbody>\n</table>\n</div>"


def _end(trace: Trace, one: TraceEnd) -> str:
    kind, sign, said = ("right", "✓", "right") if one.right else ("off", "✗", "wrong")
    mark = f'<span class="sign" aria-hidden="true">{sign}</span><span class="vh"> {said}</span>'
    cells = "".join(f"<td><code>{shown(text or 'none')}</code></td>" for text in (one.expected, one.difference))
    return (
        f'<tr class="{kind}"><th scope="row"><code>{shown(trace.nodes[one.node].name)}</code></th>'
        f"<td><code>{shown(one.derivative or 'none')}</code> {mark}</td>{cells}</tr>"
    )
