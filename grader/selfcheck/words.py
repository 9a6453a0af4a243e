"""What is said of a self-check, in sentences: the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model import CheckResult, Outcome
from grader.reports.text import briefly, counted, inert, verdict
from grader.sandbox.fresh import Printed
from grader.selfcheck.checking import Checked, Status
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise

MARKS: dict[Status, str] = {"done": "✓", "wrong": "✗", "not written": "·", "waiting": "·", "ours": "?"}
"""A mark for each status."""

MOST_CAUSES = 3
SEE_PRINTS = "To see what an exercise printed that is right: grader check --exercise ID"
WHILE_LOADED = "While they were loaded, your files printed"


def short(checked: Checked) -> str:
    """Return in a few words how an exercise came out; blank where there is nothing to say but that it is right."""
    if checked.status in ("waiting", "not written"):
        reason = lost(checked)[0].outcome.reason
        if reason.startswith("there is no "):
            lacking, _, near = inert(reason).partition("; ")
            return f"{lacking.removeprefix('there is ').partition(' in ')[0]} here; {near}" if near else lacking
        return f"waits for your {inert(checked.needs.partition(' in ')[0])}" if checked.needs else _not_written(checked)
    if checked.status == "ours":
        return f"not checked: {checked.needs}" if checked.needs else "not checked: the grader's own fault"
    if checked.status == "done":
        return f"printed {counted(checked.printed.lines, 'line')}" if checked.printed.lines else ""
    check = lost(checked)[0]
    return f"{check.name}: {inert(_in_few_words(check.outcome))}"


def _not_written(checked: Checked) -> str:
    """Say that something is not written yet, or which line still raises though there is code above it."""
    places = (one.outcome.place for one in lost(checked) if one.outcome.verdict == "not attempted")
    place = next(filter(None, places), "")
    if not place:
        return "not written yet"
    line, _, _ = place.rpartition("/")[2].partition(": ")
    return f"{inert(line)} still raises NotImplementedError"


def _in_few_words(outcome: Outcome) -> str:
    if outcome.diagnosis:
        return briefly(outcome.diagnosis[0])
    if outcome.verdict == "runtime error" and outcome.said:
        return outcome.said
    told = outcome.verdict in ("wrong answer", "skipped") and outcome.reason
    return outcome.reason if told else verdict(outcome.verdict)


def distinct(wrong: Sequence[Checked]) -> list[Checked]:
    """Return what is wrong without what only repeats the one before, as a file does that cannot be loaded."""
    return [one for i, one in enumerate(wrong) if i == 0 or _first(one) != _first(wrong[i - 1])]


def _first(checked: Checked) -> Outcome:
    return lost(checked)[0].outcome


def because(checked: Checked) -> str:
    """Say which other parts an exercise fails because of: the first few, each with the exercises on it."""
    titles: dict[str, list[str]] = {}
    for one in checked.because:
        titles.setdefault(f"your {one.part} ({one.file})", []).append(f"'{inert(one.title)}'")
    if not titles:
        return ""
    seen = {part: f"see {' and '.join(those)}" for part, those in titles.items()}
    if len(seen) == 1:
        ((part, see),) = seen.items()
        return f"This ran through {part}, which fails on its own: {see}. Correct that first."
    shown = "; ".join(f"{part}, {see}" for part, see in list(seen.items())[:MOST_CAUSES])
    more = f"; and {len(seen) - MOST_CAUSES} more" if len(seen) > MOST_CAUSES else ""
    return f"This ran through parts that fail on their own: {shown}{more}. Correct them first."


def lost(checked: Checked) -> list[CheckResult]:
    """Return the checks of an exercise that are not right; all of them where none is lost."""
    checks = checked.exercise.checks
    counted = [one for one in checks if one.possible] or list(checks)
    return [one for one in counted if one.outcome.verdict != "accepted"] or list(checks)


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


def progress(found: Mapping[str, Checked]) -> str:
    """Return how many are done."""
    done = sum(one.status == "done" for one in found.values())
    if done == len(found):
        return f"all {done} done" if done > 1 else "done"
    return f"{done} of {len(found)} done"


def is_complete(found: Mapping[str, Checked], assignment: AssignmentBundle) -> bool:
    """Say whether the whole assignment was checked, and all of it is right: it can be handed in."""
    return all(one.status == "done" for one in found.values()) and len(found) == len(assignment.exercises)


def asked(one: EncodedExercise, assignment: AssignmentBundle, there: str = "", commands: bool = True) -> str:
    """Return what an exercise asks, with its file and, where there are commands, how to check it alone.

    `there` is where their file is.
    """
    file = one.file if one.on_paper else there or assignment.path(one)
    return f"{one.statement} ({file}, --exercise {one.id})" if commands else f"{one.statement} ({file})"


def printed_by(what: Printed, who: str) -> tuple[str, list[str]]:
    """Return a line that says what printed and whether it is all, and the lines that were printed."""
    lines = what.text.split("\n")
    cut = f"{what.lines} lines, of which these are the last {len(lines)}" if what.lines > len(lines) else ""
    cut = cut or (f"{counted(what.lines, 'line')}, of which this is the end" if what.cut else "")
    head = f"{who} {cut or counted(what.lines, 'line')}:"
    return head, [inert(line.expandtabs(4)) for line in lines]


def names_alike(checked: Checked, check: CheckResult) -> str:
    """Return the names of all checks of an exercise that came out as one did."""
    return ", ".join(one.name for one in checked.exercise.checks if one.outcome == check.outcome)


def to_tell(checked: Checked) -> list[CheckResult]:
    """Return the checks to tell of: of those that came out alike the first, and of skipped ones only if all were."""
    told: list[CheckResult] = []
    for check in lost(checked):
        if check.outcome.verdict != "skipped" and all(check.outcome != one.outcome for one in told):
            told.append(check)
    return told or lost(checked)[:1]
