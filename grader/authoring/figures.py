"""Figures of the assignment sheet: an expression sent back through step by step, by the course's own solution.

A figure is what a student's own trace looks like. It is drawn from a run of the reference in the box, so no number on
it was typed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

import msgspec

from grader.assignment.exercise import Exercise
from grader.assignment.forms import Problem
from grader.batch import cohort
from grader.errors import JudgeError, UsageError
from grader.grading.config import Assignment
from grader.model import Trace
from grader.reports import trace_frames
from grader.reports.trace_text import sentence
from grader.selfcheck import contained, making, tracing
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.tracing import What

STAFF = "staff"
"""Whose a figure is where no student is named: it has the numbers that staff see, the middle of each parameter."""

SHOWN = ("send", "call")
"""The steps that a figure has a picture of, after the last one forward."""


def traces(assignment: Assignment) -> dict[str, Trace]:
    """Return the trace of each exercise that has a figure, by id. Raises UsageError, JudgeError, ContainmentError."""
    found = {}
    for one, trace in _tried(assignment):
        if not isinstance(trace, Trace):
            raise type(trace)(f"{one.written}: figure: {trace}")
        found[one.id] = trace
    return found


def problems(assignment: Assignment) -> list[Problem]:
    """Return every figure that cannot be drawn, with why. Raises ContainmentError."""
    return [
        Problem(one.source, *one.place, f"figure: {trace}")
        for one, trace in _tried(assignment)
        if not isinstance(trace, Trace)
    ]


def _tried(assignment: Assignment) -> Iterator[tuple[Exercise, Trace | UsageError | JudgeError]]:
    """Yield each exercise that has a figure, with its trace or why there is none."""
    wanted = [one for one in assignment.exercises if one.figure]
    if not wanted:
        return
    bundle = making.prepare(msgspec.structs.replace(assignment, student=assignment.student or STAFF))
    reference = cohort.reference_submission(assignment)
    with contained.of(assignment) as workers:
        checker = SelfCheck(bundle, workers)
        for one in wanted:
            try:
                run = tracing.run_of(bundle, read(one.figure))
            except UsageError as error:
                yield one, error
                continue
            trace = tracing.traced(checker, reference, run)
            if not trace.ends or not all(end.right for end in trace.ends):
                said = trace.steps[-1].said or "its derivatives are wrong"
                yield one, JudgeError(f"the reference does not come through it: {said}")
                continue
            yield one, trace


def read(text: str) -> What:
    """Return what a figure says: an expression, names that stand for others, and the numbers of the rest.

    >>> read("h = exp(z); z = x * y; x = 2; y = 3")
    What(subject='h = exp(z)', where=('z = x * y',), at={'x': 2.0, 'y': 3.0}, d=None, times=1)
    """
    expression, *rest = (part.strip() for part in text.split(";"))
    at: dict[str, float] = {}
    where: list[str] = []
    for part in filter(None, rest):
        name, _, value = part.partition("=")
        try:
            at[name.strip()] = float(value)
        except ValueError:
            where.append(part)
    return What(expression, tuple(where), at)


def pictures(trace: Trace) -> list[tuple[str, str]]:
    """Return (what it shows, SVG) of a figure's pictures: all values, and then each step back."""
    forward = max((i for i, step in enumerate(trace.steps) if step.kind == "forward"), default=0)
    chosen = [forward, *(i for i, step in enumerate(trace.steps) if step.kind in SHOWN)]
    frames = list(trace_frames.frames(trace).values())
    return [(sentence(trace, trace.steps[i]), frames[i]) for i in chosen if i < len(frames)]


def html(trace: Trace) -> str:
    """Return a figure as HTML, its pictures beside each other."""
    images = "".join(
        f'<img src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" alt="{escape(said)}">'
        for said, svg in pictures(trace)
    )
    caption = f"{escape(trace.title)}, sent back step by step by the course's own solution"
    return f'<figure class="steps">{images}<figcaption>{caption}</figcaption></figure>'
