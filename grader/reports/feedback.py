"""What one student reads: their score, and for every check that was lost the reason and a way to see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from grader.model import CheckResult, Counterexample, ExerciseResult, Outcome, Picture, Result
from grader.reports import arrays
from grader.reports.remembered import remembered
from grader.reports.text import inert, inline, number, points, verdict

ALIKE = "these functions equal the solution's but for comments and the names of locals"
UNSHOWN = "Part of this is not shown here"


def markdown(result: Result) -> str:
    """Return a result as Markdown: all that is in it, so that what students are not to read is taken out before."""
    return f"{_joined(_head(result))}\n\n{'' if result.problem else _body(*result.exercises)}".strip() + "\n"


def _joined(lines: Iterable[str]) -> str:
    """Put lines under each other, with one empty line at most between two."""
    each = list(lines)
    return "\n".join([line for line, before in zip(each, ["", *each]) if line or before]).strip()


@remembered(500)
def _body(*exercises: ExerciseResult) -> str:
    common = common_loss(exercises)
    if common is not None:
        return _joined(_check(common, "everything"))
    return _joined(line for exercise in exercises for line in _exercise(exercise))


def _head(result: Result) -> Iterator[str]:
    total = "withheld" if result.withheld else f"{points(result.earned)} of {points(result.possible)} points"
    yield f"# {inline(result.submission)}: {total}"
    yield ""
    if result.problem:
        yield f"This submission could not be used: {inline(result.problem)}."
        yield ""
    if result.withheld:
        yield "Part of this could not be graded, through no fault of yours. Your course will see to it."
        yield ""
    if result.unshown:
        yield f"{UNSHOWN}; the points are of what is."
        yield ""
    if result.alike:
        yield f"For staff: {ALIKE}: {inline(', '.join(result.alike))}. This does not say who wrote them."
        yield ""
    for note in result.notes:
        yield f"Note: {inline(note)}."
        yield ""


def common_loss(exercises: Sequence[ExerciseResult]) -> CheckResult | None:
    """Return a check with the one thing that cost every check its points, as a file that does not load does."""
    checks = [check for exercise in exercises for check in exercise.checks]
    if len(checks) > 1 and all(check.outcome == checks[0].outcome for check in checks) and not checks[0].hints:
        return None if checks[0].outcome.verdict == "accepted" else checks[0]
    return None


@remembered(500)
def _exercise(exercise: ExerciseResult) -> tuple[str, ...]:
    return tuple(_told(exercise))


def _told(exercise: ExerciseResult) -> Iterator[str]:
    shown = exercise.checks
    earned = "withheld" if exercise.withheld else f"{points(exercise.earned)} / {points(exercise.possible)}"
    if exercise.unshown:
        earned += ", and more that is not shown here"
    mark = "✓" if exercise.verdict == "accepted" else "·" if exercise.verdict == "not attempted" else "✗"
    yield f"## {mark} {exercise.title} — {earned}"
    yield ""
    if exercise.verdict == "accepted" and not any(check.outcome.reason for check in shown):
        return
    if shown and exercise.verdict != "accepted" and all(check.outcome == shown[0].outcome for check in shown):
        yield from _check(shown[0], ", ".join(check.name for check in shown))
    else:
        said: Said = {}
        for check in shown:
            yield from _check(check, check.name, said)
    yield ""


def _check(check: CheckResult, names: str, said: Said | None = None) -> Iterator[str]:
    """Tell how a check came out. `said` is what was said of its exercise already, and is not said again."""
    outcome, said = check.outcome, {} if said is None else said
    names += "" if check.possible else " (not scored)"
    names += " (hidden from students)" if check.visibility == "hidden" else ""
    if outcome.verdict == "accepted":
        note = f" ({inline(outcome.reason)})" if outcome.reason else ""
        yield f"- {names}: accepted{note}"
        return
    reason = f": {inline(reason_once(check.name, outcome.reason, said))}" if outcome.reason else ""
    yield f"- **{names}: {verdict(outcome.verdict)}**{reason}"
    if once(outcome.detail, said):
        yield f"  - {inline(outcome.detail)}"
    if outcome.private:
        yield f"  - for staff: on the inputs that are not shown it came out as {outcome.private}"
    yield from fenced(list(evidence(outcome)))
    for line in explained(outcome, said):
        yield f"  - {line}"
    for hint in check.hints:
        if once(hint.say, said):
            yield f"  - hint: {hint.say}"


Said = dict[str, str]
"""What was said of an exercise already, and of which of its checks."""


def once(sentence: str, said: Said, of: str = "") -> str:
    """Return a sentence that was not said yet, and note that it is now; else nothing."""
    if not sentence or sentence in said:
        return ""
    said[sentence] = of
    return sentence


def reason_once(name: str, reason: str, said: Said) -> str:
    """Return a check's reason, or which check has the same."""
    return once(reason, said, name) or f"as for {said[reason]}"


def evidence(outcome: Outcome) -> Iterator[str]:
    """Show what an outcome rests on: the place, the exception, and the inputs with what came back."""
    yield from map(inert, raised(outcome))
    if outcome.counterexample is not None:
        yield from shown_counterexample(outcome.counterexample)
    if outcome.second is not None:
        yield "also"
        yield from shown_counterexample(without_repeats(outcome.second, outcome))


def without_repeats(second: Counterexample, outcome: Outcome) -> Counterexample:
    """Return a second example without what is there to try, where that is the same as of the first."""
    same = outcome.counterexample is not None and second.snippet == outcome.counterexample.snippet
    return msgspec.structs.replace(second, snippet="") if same else second


def raised(outcome: Outcome) -> Iterator[str]:
    """Tell an exception, or what else a student wrote themselves: where, who called it, what it said, on what."""
    if outcome.place:
        yield outcome.place
    for caller in outcome.callers:
        yield f"  called from {caller}"
    if outcome.said:
        yield outcome.said
    yield from tried(outcome.call)


def tried(code: str) -> Iterator[str]:
    """Lay out code that shows it again, to paste into a file beside the student's package: a line per statement."""
    if code:
        yield "try it:"
        yield from (f"  {line}" for line in inert(code).split("; "))


def fenced(lines: Sequence[str], indent: str = "  ") -> Iterator[str]:
    """Put lines, the student's own text among them, where Markdown and HTML mean nothing."""
    if not lines:
        return
    longest = max(map(len, re.findall("`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    yield ""
    yield f"{indent}{fence}text"
    yield from (f"{indent}{line}" for line in lines)
    yield f"{indent}{fence}"
    yield ""


def shown_counterexample(one: Counterexample) -> Iterator[str]:
    """Lay out a counterexample as what came back beside what was expected."""
    if one.picture is not None:
        yield from map(inert, drawn(one.picture))
        yield from tried(one.snippet)
        return
    what = one.what or ("forward" if one.d_out is None else "backward")
    of = f" for {one.argument}" if one.argument else ""
    came = f"your {what}{of} is" if what in NO_CALLS else f"your {what} returned{of}"
    if arrays.holds_arrays(one):
        yield from arrays.given(one, "at ").split("\n")
        yield from arrays.compared(one, came)
        yield from tried(one.snippet)
        return
    at = ", ".join(f"{name} = {number(value)}" for name, value in one.args.items())
    if one.d_out is not None:
        at += f", d_out = {number(one.d_out)}"
    yield f"at {at}"
    yield f"  {came}   {inert(one.returned)}"
    estimate = f"   (central difference of your own forward: {one.estimate})" if one.estimate else ""
    yield f"  {'expected':<{len(came)}}   {one.expected}{estimate}"
    if one.slopes:
        width = max(len(slope.step) for slope in one.slopes)
        yield f"  your own forward around it, (f({one.slopes_of} + h) - f({one.slopes_of} - h)) / 2h:"
        yield from (f"    h = {slope.step:<{width}}   {slope.slope}" for slope in one.slopes)
    yield from tried(one.snippet)


NO_CALLS = ("value", "gradient", "derivative")
"""What a counterexample tells of that no call returned: it is read from a variable."""


def drawn(picture: Picture) -> Iterator[str]:
    """Draw a graph in text: a line a node with its value, what was done, and what is off."""
    made = [(f"{node.name} = {node.formula}", node) for node in picture.nodes if node.name != node.formula]
    width = max((len(text) for text, _ in made), default=0)
    for text, node in made:
        yield f"{text:<{width}}   {'' if not node.inputs else f'= {node.value}'}".rstrip()
    yield from picture.done
    read = picture.read or "{}.derivative"
    for node in picture.nodes:
        if node.expected and node.returned == node.expected:
            yield f"{read.format(node.name)}   {node.returned}   right"
        elif node.expected:
            yield f"{read.format(node.name)}   {node.returned}   expected {node.expected}"


def explained(outcome: Outcome, said: Said | None = None) -> Iterator[str]:
    """Say what the mistake looks like, and why it is one; of two names that fit equally, both and no reason.

    What was `said` already is left out.
    """
    said = {} if said is None else said
    if once(outcome.help, said):
        yield outcome.help
    if not outcome.diagnosis:
        return
    name = "it looks as if" + "; or".join(
        f", for {one.of}, {one.name}" if one.of else f" {one.name}" for one in outcome.diagnosis
    )
    why = outcome.diagnosis[0].why if len(outcome.diagnosis) == 1 else ""
    told = [text for text in (once(name, said), once(why, said)) if text]
    if told:
        yield ". ".join(told)
