"""What a student reads at their own desk: a line an exercise, details of what is wrong, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from grader.assignment.exercise import in_package
from grader.model import CheckResult, Outcome
from grader.reports.fractions import to_text
from grader.reports.text import briefly, clip, counted, inert, shortened, verdict
from grader.sandbox.fresh import Printed
from grader.selfcheck.checking import Checked, Status
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise

if TYPE_CHECKING:  # not for the first line
    from grader.reports.feedback import Said

MARKS: dict[Status, tuple[str, str]] = {
    "done": ("✓", "32"),
    "wrong": ("✗", "31"),
    "not written": ("·", "2"),
    "waiting": ("·", "33"),
    "ours": ("?", "35"),
}
"""A mark for each status, and the colour a terminal shows it in."""

LONGEST_TITLE = 38
MOST_CAUSES = 3
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
    mark, code = MARKS[checked.status]
    painted = f"\x1b[{code}m{mark}\x1b[0m" if colour else mark
    room = min(max(len(one.title) for one in assignment.exercises), LONGEST_TITLE)
    title = clip(inert(checked.exercise.title), LONGEST_TITLE)
    said = _short(checked)
    text = f"{title:<{room}}  {said}" if said else title
    return f"{painted} {shortened(text, max(width - 2, 40))}"


def _short(checked: Checked) -> str:
    if checked.status in ("waiting", "not written"):
        reason = _lost(checked)[0].outcome.reason
        if reason.startswith("there is no "):
            return inert(reason)
        return f"waits for your {inert(checked.needs.partition(' in ')[0])}" if checked.needs else "not written yet"
    if checked.status == "ours":
        return "not checked: the grader's own fault"
    if checked.status == "done":
        return (
            f"printed {counted(checked.printed.lines, 'line')} (--exercise {checked.exercise.id})"
            if checked.printed.lines
            else ""
        )
    check = _lost(checked)[0]
    return f"{check.name}: {inert(_in_few_words(check.outcome))}"


def _in_few_words(outcome: Outcome) -> str:
    if outcome.diagnosis:
        return briefly(outcome.diagnosis[0])
    if outcome.verdict == "runtime error" and outcome.said:
        return outcome.said
    return outcome.reason if outcome.verdict == "wrong answer" and outcome.reason else verdict(outcome.verdict)


def distinct(wrong: Sequence[Checked]) -> list[Checked]:
    """Return what is wrong without what only repeats the one before, as a file does that cannot be loaded."""
    return [one for i, one in enumerate(wrong) if i == 0 or _first(one) != _first(wrong[i - 1])]


def _first(checked: Checked) -> Outcome:
    return _lost(checked)[0].outcome


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
    return block(checked.printed, f"{title} printed", width)


def block(printed: Printed, who: str, width: int) -> str:
    """Return what was printed, line by line, under a line that says by what and whether it is all."""
    lines = printed.text.split("\n")
    cut = f"{printed.lines} lines, of which these are the last {len(lines)}" if printed.lines > len(lines) else ""
    cut = cut or (f"{counted(printed.lines, 'line')}, of which this is the end" if printed.cut else "")
    head = f"{who} {cut or counted(printed.lines, 'line')}:"
    return "\n".join([*_prose(head, width), *(f"    | {inert(line.expandtabs(4))}".rstrip() for line in lines)])


def _details(checked: Checked, width: int) -> Iterator[str]:
    yield f"✗ {inert(checked.exercise.title)}"
    told: list[Outcome] = []
    said: Said = {}
    for check in _lost(checked):
        if check.outcome in told or check.outcome.verdict == "skipped":
            continue
        told.append(check.outcome)
        names = [one.name for one in checked.exercise.checks if one.outcome == check.outcome]
        yield from _check(", ".join(names), check, width, said)
    yield from _because(checked, width)


def _because(checked: Checked, width: int) -> list[str]:
    """Say which other parts an exercise fails because of: the first few, each with the exercises on it."""
    titles: dict[str, list[str]] = {}
    for one in checked.because:
        titles.setdefault(f"your {one.part} ({one.file})", []).append(f"'{inert(one.title)}'")
    if not titles:
        return []
    seen = {part: f"see {' and '.join(those)}" for part, those in titles.items()}
    if len(seen) == 1:
        ((part, see),) = seen.items()
        return _prose(f"This ran through {part}, which fails on its own: {see}. Correct that first.", width)
    shown = "; ".join(f"{part}, {see}" for part, see in list(seen.items())[:MOST_CAUSES])
    more = f"; and {len(seen) - MOST_CAUSES} more" if len(seen) > MOST_CAUSES else ""
    return _prose(f"This ran through parts that fail on their own: {shown}{more}. Correct them first.", width)


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
    if code:
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

    return textwrap.wrap(text, max(min(width, 100), 40), initial_indent="  ", subsequent_indent="  ")


def _lost(checked: Checked) -> list[CheckResult]:
    checks = checked.exercise.checks
    counted = [one for one in checks if one.possible] or list(checks)
    return [one for one in counted if one.outcome.verdict != "accepted"] or list(checks)


def summary(found: Mapping[str, Checked], assignment: AssignmentBundle, width: int, hand_in: str) -> str:
    """Return how many are done, which comes next, and what it asks; when the assignment is done what to hand in."""
    done = sum(one.status == "done" for one in found.values())
    if done == len(found):
        said = f"all {done} done" if done > 1 else "done"
        return "\n".join([said, *(_prose(hand_in, width) if done == len(assignment.exercises) else [])])
    said = f"{done} of {len(found)} done"
    one = following(found, assignment)
    if one is None:
        return said
    file = one.file if one.on_paper else in_package(assignment.package, one.file)
    return "\n".join([f"{said}; next: {one.title}", *_prose(f"{one.statement} ({file}, --exercise {one.id})", width)])


def following(found: Mapping[str, Checked], assignment: AssignmentBundle) -> EncodedExercise | None:
    """Return the first exercise that can be worked on; one that waits for others only where there is none.

    What fails because of another part comes after that part.
    """
    for status in (("wrong", "not written"), ("waiting",)):
        left = [one for one in assignment.exercises if one.id in found and found[one.id].status in status]
        for one in left:
            if not any(cause.exercise in found for cause in found[one.id].because):
                return one
    return None


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
