"""One result as a page of HTML that stands alone: no script, no network, and nothing of a student's but text."""

from __future__ import annotations

from pathlib import Path

import jinja2
from markupsafe import Markup

from grader.model import Result
from grader.reports import drawing, feedback, plotting
from grader.reports.text import inert, points

TEMPLATE = Path(__file__).with_name("page.html")


def html(result: Result) -> str:
    """Return a result as HTML: all that is in it, so that what students are not to read is taken out before."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "inert": inert,
        "points": points,
        "svg": lambda picture: Markup(drawing.svg(picture)),  # escaped there
        "curve": lambda plot: Markup(plotting.svg(plot)),  # escaped there
        "lines": feedback.shown_counterexample,
        "raised": feedback.raised,
        "explained": feedback.explained,
    }
    lost = [
        exercise
        for exercise in result.exercises
        if any(check.outcome.verdict != "accepted" or check.outcome.reason for check in exercise.checks)
    ]
    kept = [exercise for exercise in result.exercises if exercise not in lost]
    total = "withheld" if result.withheld else f"{points(result.earned)} of {points(result.possible)} points"
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    return template.render(result=result, total=total, lost=lost, kept=kept, unshown=feedback.UNSHOWN)
