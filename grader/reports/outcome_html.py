"""How a check came out, as HTML: for the pages of results, and for the page of a self-check, which has no templates."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import msgspec

from grader.model import CheckResult, Counterexample, ExerciseResult, Outcome
from grader.reports import arrays, drawing, feedback, plotting
from grader.reports.feedback import NO_CALLS, Said, once, reason_once
from grader.reports.standalone import lines, shown
from grader.reports.text import inert, number, points, sentence, verdict

WITHHELD = "withheld"


def told(check: CheckResult, name: str, where: str, said: Said, plotted: bool = True, scored: bool = True) -> str:
    """Tell how a check came out. `said` is what was said of its exercise already, and is not said again.

    `where` tells pictures apart for those who cannot see them. Not `plotted`: the curves of examples are left out. Not
    `scored`: points are not mentioned.
    """
    outcome = check.outcome
    sign, tone = mark(outcome.verdict, check.earned > 0, not check.possible)
    counts = scored and check.possible and not name.startswith("everything")
    earned = f' <span class="worth">{worth(check)}</span>' if counts else ""
    said_of = f"{shown(name)}: {verdict(outcome.verdict)}{earned}"
    head = f'<h3><span class="sign" aria-hidden="true">{sign}</span> {said_of}</h3>'
    return "\n".join([f'<div class="check {tone}">', head, *_told(check, f"{where}, {name}", said, plotted), "</div>"])


def _told(check: CheckResult, where: str, said: Said, plotted: bool) -> Iterator[str]:
    outcome = check.outcome
    if outcome.verdict == "accepted":
        yield from _sentence(outcome.reason)
        return
    if outcome.reason:
        yield from _sentence(reason_once(check.name, outcome.reason, said))
    for line in feedback.explained(outcome, said):
        yield from _sentence(line, ' class="diagnosis"')
    yield from _sentence(once(outcome.detail, said))
    if outcome.place or outcome.said:
        raised = feedback.raised(msgspec.structs.replace(outcome, call=""))  # that is shown apart
        yield f'<pre class="said">{lines(list(raised))}</pre>'
    yield from tried(outcome.call)
    yield from _examples(outcome, where, plotted)
    for hint in check.hints:
        yield f'<p class="hint"><strong>Hint:</strong> {shown(hint.say)}</p>'


def _examples(outcome: Outcome, where: str, plotted: bool) -> Iterator[str]:
    if outcome.counterexample:
        yield from _example(outcome.counterexample, where, plotted)
    if outcome.second:
        yield "<p>Also:</p>"
        yield from _example(feedback.without_repeats(outcome.second, outcome), f"{where}, also", plotted)


def _sentence(text: str, attribute: str = "") -> Iterator[str]:
    if text:
        yield f"<p{attribute}>{shown(sentence(text))}</p>"


def tried(code: str) -> Iterator[str]:
    """Show code that shows it again, to paste and run: a line per statement."""
    if code:
        statements = lines(code.split("; "))
        yield '<div class="try">\n<p class="label">Try it</p>'
        yield f'<pre class="paste"><code>{statements}</code></pre>\n</div>'


def _example(one: Counterexample, where: str, plotted: bool) -> Iterator[str]:
    if one.picture:
        label = shown(f"picture for {where}")
        yield f'<div class="wide" role="region" tabindex="0" aria-label="{label}">{drawing.svg(one.picture)}</div>'
        yield f"<pre>{lines(list(feedback.drawn(one.picture)))}</pre>"
    else:
        yield from _compared(one)
        yield from _slopes(one)
    yield from tried(one.snippet)
    if one.plot and plotted:
        yield f'<figure class="plot">{plotting.svg(one.plot)}</figure>'


def _compared(one: Counterexample) -> Iterator[str]:
    returned = "".join(f"<mark>{escape(text)}</mark>" if off else escape(text) for text, off in arrays.parts(one))
    yield f'<table class="compared">\n<caption>At <code>{escape(at(one))}</code></caption>\n<tbody>'
    yield _row(f"your {called(one)}", f"<code>{returned}</code>", "off")
    yield _row("expected", f"<code>{_grid(one.expected)}</code>", "right")
    if arrays.holds_arrays(one) and arrays.same_as_expected(one):
        yield _row("central differences of your own value", "the same as what is expected")
    elif one.estimate:
        yield _row("central difference of your own forward", f"<code>{_grid(one.estimate)}</code>")
    yield "</tbody>\n</table>"


def _grid(text: str) -> str:
    return escape(arrays.grid(inert(text)))


def _row(head: str, cell: str, kind: str = "") -> str:
    tone = f' class="{kind}"' if kind else ""
    return f'<tr><th scope="row">{shown(head)}</th><td{tone}>{cell}</td></tr>'


def _slopes(one: Counterexample) -> Iterator[str]:
    if not one.slopes:
        return
    x = shown(one.slopes_of)
    yield '<table class="slopes">\n<caption>Your own forward around it</caption>\n<thead><tr><th scope="col">'
    yield f'<code>h</code></th><th scope="col"><code>(f({x} + h) − f({x} − h)) / 2h</code></th></tr></thead>\n<tbody>'
    for slope in one.slopes:
        yield f"<tr><td><code>{shown(slope.step)}</code></td><td><code>{shown(slope.slope)}</code></td></tr>"
    yield "</tbody>\n</table>"


def mark(verdict: str, partly: bool = False, advice: bool = False) -> tuple[str, str]:
    """Return a sign for how something came out, and what colour goes with it; mere `advice` has none."""
    if verdict == "accepted":
        return "✓", "right"
    if advice:
        return "·", "none"
    if verdict in ("not attempted", "skipped"):
        return "·", "none"
    if verdict == "judge error":
        return "?", "none"
    return ("½", "part") if partly else ("✗", "off")


def worth(one: ExerciseResult | CheckResult) -> str:
    """Return what was earned of what could be, or that it is withheld."""
    withheld = one.withheld if isinstance(one, ExerciseResult) else one.outcome.verdict == "judge error"
    return WITHHELD if withheld else f"{points(one.earned)} / {points(one.possible)}"


def at(one: Counterexample) -> str:
    """Return the input of a counterexample as a student would write it; arrays in rows."""
    if arrays.holds_arrays(one):
        return arrays.given(one)
    shown = [f"{name} = {number(value)}" for name, value in one.args.items()]
    return ", ".join(shown + ([] if one.d_out is None else [f"d_out = {number(one.d_out)}"]))


def called(one: Counterexample) -> str:
    """Return which function of the student's returned what is shown, and for which argument."""
    what = one.what or ("forward" if one.d_out is None else "backward")
    of = f" for {one.argument}" if one.argument else ""
    return f"{what}{of}" if what in NO_CALLS else f"{what} returned{of}"
