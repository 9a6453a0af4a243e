"""What a student reads at their own desk: a line an exercise, details of what is wrong, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from grader.model import CheckResult
from grader.reports.fractions import to_text
from grader.reports.text import clip, inert, shortened, verdict
from grader.sandbox.fresh import Printed
from grader.selfcheck.checking import Checked, Status
from grader.selfcheck.prepared import AssignmentBundle
from grader.selfcheck.words import (
    MARKS,
    asked,
    because,
    following,
    is_complete,
    names_alike,
    printed_by,
    progress,
    short,
    to_tell,
)

if TYPE_CHECKING:  # not for the first line
    from grader.reports.feedback import Said

COLOURS: dict[Status, str] = {"done": "32", "wrong": "31", "not written": "2", "waiting": "33", "ours": "35"}
"""The colour that a terminal shows each mark in."""

LONGEST_TITLE = 38
NOTHING = Printed()
ASIDES = (("   (central difference", "", "(central difference"),)
"""What may move to a line of its own: the text that starts it, what stays behind, and what it starts with there."""


def notes(said: Sequence[str], width: int) -> str:
    """Return what was noted of a student's files as lines of their own; nothing where nothing was."""
    if not said:
        return ""
    import textwrap  # not needed for most

    room = max(min(width, 100), 40)
    return "".join(f"{textwrap.fill(f'Note: {inert(note)}.', room, subsequent_indent='  ')}\n" for note in said)


def line(checked: Checked, assignment: AssignmentBundle, width: int, colour: bool) -> str:
    """Return one exercise as one line."""
    mark = MARKS[checked.status]
    painted = f"\x1b[{COLOURS[checked.status]}m{mark}\x1b[0m" if colour else mark
    room = min(max(len(one.title) for one in assignment.exercises), LONGEST_TITLE)
    title = clip(inert(checked.exercise.title), LONGEST_TITLE)
    said = short(checked)
    text = f"{title:<{room}}  {said}" if said else title
    return f"{painted} {shortened(text, max(width - 2, 40))}"


def details(checked: Checked, width: int, printed: dict[Printed, str]) -> str:
    """Return all that is to be said of an exercise that is wrong, with what it printed, as in `output`."""
    told = "\n".join(_details(checked, width)).rstrip()
    return "\n\n".join(filter(None, (told, output(checked, width, printed))))


def output(checked: Checked, width: int, printed: dict[Printed, str]) -> str:
    """Return what an exercise printed as lines of their own; nothing where it printed nothing.

    `printed` has what was shown already, by the exercise that printed it: the same is not shown twice.
    """
    title = inert(checked.exercise.title)
    if not checked.printed.lines:
        return ""
    if checked.printed in printed:
        return "\n".join(_prose(f"{title} printed the same as {printed[checked.printed]}", width))
    printed[checked.printed] = title
    return block(checked.printed, f"{title}, at all its inputs, printed", width)


def block(what: Printed, who: str, width: int) -> str:
    """Return what was printed, line by line, under a line that says by what and whether it is all."""
    head, lines = printed_by(what, who)
    return "\n".join([*_prose(head, width), *(f"    | {line}".rstrip() for line in lines)])


def _details(checked: Checked, width: int) -> Iterator[str]:
    yield f"✗ {inert(checked.exercise.title)}"
    said: Said = {}
    for check in to_tell(checked):
        yield from _check(names_alike(checked, check), check, width, said)
    yield from _because(checked, width)


def _because(checked: Checked, width: int) -> list[str]:
    return _prose(because(checked), width)


def one_check(checked: Checked, name: str, width: int) -> str:
    """Return all that is to be said of one check of an exercise, for whoever reports check by check."""
    import textwrap

    check = next((one for one in checked.exercise.checks if one.name == name), None)
    if check is None:
        return "it is not told how this came out"
    lines = list(_check(name, check, width, {}))
    if checked.needs and not check.outcome.reason.startswith("there is no "):
        lines += _prose(f"waits for {inert(checked.needs)}, not written yet", width)
    lines += _because(checked, width)
    return textwrap.dedent("\n".join(lines)).rstrip()


def _check(names: str, check: CheckResult, width: int, said: Said) -> Iterator[str]:
    from grader.reports.feedback import evidence, explained, once, reason_once

    outcome = check.outcome
    reason = f": {inert(reason_once(check.name, outcome.reason, said))}" if outcome.reason else ""
    yield from _prose(f"{names}: {verdict(outcome.verdict)}{reason}", width)
    if once(outcome.detail, said):
        yield from _prose(inert(outcome.detail), width)
    code = list(evidence(outcome))
    if code and once("\n".join(code), said):
        yield ""
        yield from (line for text in code for line in _narrowed(f"    {text}", width))
        yield ""
    hints = [f"hint: {hint.say}" for hint in check.hints if once(hint.say, said)]
    for text in (*explained(outcome, said), *hints):
        yield from _prose(inert(text), width)


def _narrowed(text: str, width: int) -> list[str]:
    """Put what is said of an expected value, or what is there to try, on a line of its own where there is no room."""
    if len(text) > width:
        for aside, kept, moved in ASIDES:
            before, found, after = text.partition(aside)
            if found:
                return [f"{before}{kept}", f"      {moved}{after}"]
    return [clip(text, width) if "called from " in text else text]


def _prose(text: str, width: int) -> list[str]:
    import textwrap  # not needed for the first line

    room = max(min(width, 100), 40)  # a command that was cut at a hyphen cannot be copied
    return textwrap.wrap(text, room, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def summary(found: Mapping[str, Checked], assignment: AssignmentBundle, width: int, hand_in: str) -> str:
    """Return how many are done, which comes next, and what it asks; when the assignment is done what to hand in."""
    said, one = progress(found), following(found, assignment)
    if is_complete(found, assignment):
        return "\n".join([said, *_prose(hand_in, width)])
    if one is None:
        return said
    return "\n".join([f"{said}; next: {one.title}", *_prose(asked(one, assignment, found[one.id].file), width)])


def as_json(
    found: Sequence[Checked],
    assignment: AssignmentBundle,
    hand_in: str,
    said: Sequence[str] = (),
    loading: Printed = NOTHING,
) -> bytes:
    """Return everything as one JSON document; an exercise is as in a result's own file, points as text.

    `said` is what was noted of the student's files, and `loading` what they printed while they were loaded. `hand_in`
    says what to hand in once all is done.
    """
    following_one = following({one.exercise.id: one for one in found}, assignment)
    document = {
        "format": 1,
        "assignment": assignment.id,
        "done": sum(one.status == "done" for one in found),
        "of": len(found),
        "next": following_one.id if following_one else None,
        "hand_in": hand_in,
        "notes": said,
        "printed_while_loading": loading,
        "exercises": found,
    }
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=to_text), indent=1)
