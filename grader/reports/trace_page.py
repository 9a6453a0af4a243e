"""A traced run as a page that stands alone: it runs no script but ours, and needs no network."""

from __future__ import annotations

from grader.model import Trace
from grader.reports import standalone, trace_view


def html(trace: Trace) -> str:
    """Return a trace as a page."""
    view = trace_view.html(trace, "graph")
    body = f"<header>\n<h1>Backpropagation, step by step</h1>\n</header>\n<main>\n{view}\n</main>"
    styles = ("base.css", *trace_view.STYLES)
    return standalone.document(f"{trace.title}: step by step", body, styles, trace_view.SCRIPTS)
