"""A self-check as a page that stands alone: the words of the terminal, with curves, graphs and traces beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from grader.model import Plot, Trace
from grader.reports import outcome_html, plotting, standalone, trace_view
from grader.reports.feedback import Said
from grader.reports.standalone import lines, shown
from grader.sandbox.fresh import Printed
from grader.selfcheck import words
from grader.selfcheck.checking import Checked, Status
from grader.selfcheck.prepared import AssignmentBundle

TONES: dict[Status, str] = {"done": "right", "wrong": "off", "not written": "none", "waiting": "none", "ours": "none"}
STYLES, SCRIPTS = ("base.css", "page.css", "check.css"), ("page.js", "check.js")
STYLES_FROM = "'self' file:"
"""Where the stamp of a page that is watched may come from: a style sheet beside it, which runs nothing."""


class Seen(msgspec.Struct, frozen=True):
    """All that a page shows: what was found, in the assignment's order, and pictures by exercise.

    `notes` were noted of the student's files, and `loading` is what they printed while they were loaded. `hand_in` says
    what to do once everything is done. `commands`: there is a command line to name.
    """

    assignment: AssignmentBundle
    found: Sequence[Checked]
    notes: Sequence[str] = ()
    loading: Printed = Printed()
    hand_in: str = ""
    curves: Mapping[str, Sequence[Plot]] = {}
    traces: Mapping[str, Trace] = {}
    commands: bool = True


def html(seen: Seen, watched: str = "", stamp: str = "") -> str:
    """Return the page. `watched` is the address of its stamp, if it is to load itself anew when that changes."""
    styles = (*STYLES, *(trace_view.STYLES if seen.traces else ()))
    scripts = (*SCRIPTS, *(trace_view.SCRIPTS if seen.traces else ()))
    attributes = f' data-watched="{shown(watched)}" data-stamp="{shown(stamp)}"' if watched else ""
    said = words.progress(_by_id(seen))
    parts = [*_header(seen, said), f"<main{attributes}>", body(seen), "</main>"]
    title = f"{said}: {seen.assignment.title}"
    parts.append(f'<p class="vh" role="status" id="said" data-progress="{shown(said)}"></p>')
    return standalone.document(title, "\n".join(parts), styles, scripts, styles_from=STYLES_FROM if watched else "")


def _by_id(seen: Seen) -> dict[str, Checked]:
    return {one.exercise.id: one for one in seen.found}


def _header(seen: Seen, said: str) -> Iterator[str]:
    done = sum(one.status == "done" for one in seen.found)
    yield f"<header>\n<h1>{shown(seen.assignment.title)}</h1>"
    yield f'<p class="course">Self-check of your own files</p>\n<p class="total"><strong>{shown(said)}</strong></p>'
    share = 100 * done / max(len(seen.found), 1)
    yield '<svg class="meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
    yield f'<rect class="rest" width="100" height="1"/><rect class="got" width="{share:.2f}" height="1"/></svg>'
    yield "</header>"


def body(seen: Seen) -> str:
    """Return what a page has below its heading: notes, what is next, a row per exercise, and what is wrong in full."""
    return "\n".join(_body(seen))


def _body(seen: Seen) -> Iterator[str]:
    yield from (f'<p class="notice">Note: {shown(note)}.</p>' for note in seen.notes)
    if words.is_complete(_by_id(seen), seen.assignment):
        yield f'<p class="notice good"><strong>Every check here is right.</strong> {shown(seen.hand_in)}</p>'
    following = words.following(_by_id(seen), seen.assignment)
    if following is not None:
        yield f'<section aria-labelledby="next">\n<h2 id="next">Next: {shown(following.title)}</h2>'
        said = words.asked(following, seen.assignment, _by_id(seen)[following.id].file, seen.commands)
        yield f"<p>{shown(said)}</p>\n</section>"
    wrong = words.distinct([one for one in seen.found if one.status == "wrong"])
    numbers = {one.exercise.id: i for i, one in enumerate(wrong)}
    yield '<section aria-labelledby="exercises">\n<h2 id="exercises">Exercises</h2>\n<table class="list">'
    yield '<thead><tr><th scope="col">Exercise</th><th scope="col">How it is</th></tr></thead>\n<tbody>'
    yield from (_row(one, numbers) for one in seen.found)
    yield "</tbody>\n</table>\n</section>"
    printed: dict[Printed, str] = {}
    for i, one in enumerate(wrong):
        yield from _wrong(seen, one, i, printed)
    yield from _other_prints(seen, printed)


def _row(one: Checked, numbers: Mapping[str, int]) -> str:
    title = shown(one.exercise.title)
    if one.exercise.id in numbers:
        title = f'<a href="#e{numbers[one.exercise.id]}">{title}</a>'
    said = words.short(one) or ("right" if one.status == "done" else one.status)
    sign = f'<span class="sign" aria-hidden="true">{words.MARKS[one.status]}</span>'
    return f'<tr class="{TONES[one.status]}"><th scope="row">{title}</th><td>{sign} {shown(said)}</td></tr>'


def _wrong(seen: Seen, one: Checked, number: int, printed: dict[Printed, str]) -> Iterator[str]:
    id, title = one.exercise.id, one.exercise.title
    curves, said = seen.curves.get(id, ()), Said()
    yield f'<section class="exercise" aria-labelledby="e{number}">\n<h2 id="e{number}">{shown(title)}</h2>'
    for check in words.to_tell(one):
        names = words.names_alike(one, check)
        yield outcome_html.told(check, names, title, said, plotted=not curves, scored=False)
    reason = words.because(one)
    yield f'<p class="diagnosis">{shown(reason)}</p>' if reason else ""
    if curves:
        yield f'<div class="curves">{"".join(map(_curve, curves))}</div>'
    if id in seen.traces:
        yield trace_view.html(seen.traces[id], f"trace{number}", level=3, before=f"{title}, step by step: ")
    yield from _printed(one, printed)
    yield "</section>"


def _curve(plot: Plot) -> str:
    hidden, title = plotting.unseen(plot), plotting.title(plot)
    caption = f"<figcaption>{shown(title[:1].upper() + title[1:])}</figcaption>"
    missing = f"<p>{shown(hidden)}</p>" if hidden else ""
    return f'<figure class="plot">{caption}{plotting.svg(plot, titled=False)}{missing}</figure>'


def _printed(one: Checked, printed: dict[Printed, str]) -> Iterator[str]:
    """Show what an exercise printed; what was shown already is told, and not shown twice."""
    title = one.exercise.title
    if one.printed.lines and one.printed in printed:
        yield f"<p>{shown(f'{title} printed the same as {printed[one.printed]}')}</p>"
    elif one.printed.lines:
        printed[one.printed] = title
        yield from _block(one.printed, f"{title}, at all its inputs, printed")


def _block(what: Printed, who: str) -> Iterator[str]:
    head, said = words.printed_by(what, who)
    yield f"<p>{shown(head)}</p>\n<pre>{lines(said)}</pre>"


def _other_prints(seen: Seen, printed: dict[Printed, str]) -> Iterator[str]:
    """Show what printed besides: exercises that are not wrong, and the files while they were loaded."""
    others = [one for one in seen.found if one.status != "wrong" and one.printed.lines]
    if not others and not seen.loading.lines:
        return
    yield '<section aria-labelledby="prints">\n<h2 id="prints">What your code printed</h2>'
    if seen.loading.lines:
        yield from _block(seen.loading, words.WHILE_LOADED)
    for one in others:
        yield from _printed(one, printed)
    yield "</section>"
