"""`results.json`: one graded submission as Gradescope shows it, a test for every check.

What students may not read before publication is not in what they can see: a hidden check is a test that Gradescope
shows once grades are published (`after_published`), with what is to be read then, and a check with feedback `none` is
one that only staff see (`hidden`). While there is either, Gradescope shows students no total, and the summary here
speaks of the visible checks alone. The top-level score is always stated: Gradescope's own sum knows of no lateness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Literal

import msgspec

from grader.assignment import late
from grader.assignment.late import Deduction, Policy
from grader.errors import JudgeError
from grader.model import CheckResult, ExerciseResult, Result
from grader.platforms.gradescope.metadata import Metadata
from grader.reports import audience, feedback
from grader.reports.fractions import number
from grader.reports.text import inert, inline, points

OUTPUT_CAP = 20_000
"""Characters of one output. Gradescope cuts the middle out of more than 100,000, and nobody reads that many."""

FENCE = re.compile(r"\s*(`{3,})(\w*)$")

Shown = Literal["hidden", "after_due_date", "after_published", "visible"]


class Test(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check. `hidden`: staff only; `after_published`: students once grades are published."""

    name: str
    number: str
    score: int | float
    max_score: int | float
    status: Literal["passed", "failed"]
    visibility: Shown
    output: str = ""
    output_format: str = ""
    tags: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of the leaderboard."""

    name: str
    value: int | float
    order: Literal["", "asc", "desc"] = ""


class Results(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole file. `extra_data` is kept by Gradescope and exported; it is not shown."""

    score: int | float
    output: str
    output_format: str
    tests: tuple[Test, ...]
    extra_data: dict[str, str | int | None]
    visibility: Shown
    stdout_visibility: Shown
    leaderboard: tuple[Place, ...] = ()


def results(result: Result, policy: Policy, handed_in: Metadata, leaderboard: bool = False) -> Results:
    """Return a result as Gradescope reads it. Raises JudgeError where a score is withheld: then nothing is stated."""
    if result.withheld:
        raise JudgeError("part of the score is withheld, so no results are written")
    deduction = late.deduct(policy, handed_in.seconds_late or 0, result.earned, result.possible, handed_in.clock_shift)
    unknown = policy.deducts and handed_in.seconds_late is None
    now = audience.for_student(result)
    tests = (*_tests(result), *([_unknown_lateness(handed_in)] if unknown else []))
    return Results(
        score=number(deduction.score or Fraction(0)),
        output=cut(_summary(now, deduction, unknown)),
        output_format="md",
        tests=tests,
        extra_data=_extra(result, deduction, handed_in),
        visibility="visible",
        stdout_visibility="hidden",
        leaderboard=_leaderboard(now) if leaderboard else (),
    )


def encode(record: Results) -> bytes:
    """Return the file's bytes: the same record, the same bytes."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def _summary(now: Result, deduction: Deduction, unknown: bool) -> Iterator[str]:
    """Say what students may know at once: the points they can see, what is off for lateness, what cost everything."""
    first = f"**{points(now.earned)} of {points(now.possible)} points**"
    first += " before lateness" * bool(deduction.share)
    yield first + ", on the checks that are shown before grades are published" * now.unshown
    if now.unshown:
        yield ""
        yield "More checks than those count. What you may read of them is shown once grades are published."
    if deduction.said:
        yield ""
        yield deduction.said
    if deduction.taken and deduction.score is not None and not now.unshown:
        yield ""
        yield f"That leaves **{points(deduction.score)} of {points(now.possible)} points**."
    if unknown:
        yield ""
        yield "When this was handed in could not be told, so something may still be taken off for lateness."
    if now.problem:
        yield ""
        yield f"This submission could not be used: {inline(now.problem)}."
    for note in now.notes:
        yield ""
        yield f"Note: {inline(note)}."
    common = _told_at_the_top(now)
    if common is not None:
        yield ""
        yield "Every check came out the same way:"
        yield ""
        yield from _output(common)


def _told_at_the_top(now: Result) -> CheckResult | None:
    """Return the check whose loss cost everything, where that is to be said once and not with every test."""
    return None if now.problem else feedback.common_loss(now.exercises)


def _tests(result: Result) -> Iterator[Test]:
    """Yield a test for every check, with as much as its students may read by the time that they see it."""
    now, published = audience.for_student(result), audience.for_student(result, published=True)
    told = {(exercise.id, check.name): check for exercise in published.exercises for check in exercise.checks}
    common = _told_at_the_top(now)
    for i, exercise in enumerate(result.exercises, 1):
        for j, check in enumerate(exercise.checks, 1):
            shown = told.get((exercise.id, check.name))
            output: Iterable[str] = () if shown is None else _output(shown)
            if check.visibility == "visible" and shown is not None and (common or now.problem):
                output = [f"**{check.outcome.verdict}** (why is said once, at the top)"]
            text = cut(output)
            yield Test(
                name=_name(exercise, check),
                number=f"{i}.{j}",
                score=number(check.earned),
                max_score=number(check.possible),
                status="passed" if check.outcome.verdict == "accepted" else "failed",
                visibility=_visibility(check),
                output=text,
                output_format="md" if text else "",
                tags=(exercise.id, check.name),
            )


def _name(exercise: ExerciseResult, check: CheckResult) -> str:
    """Name a test; where an exercise has one check only, its title says it all."""
    which = f": {check.name}" if len(exercise.checks) > 1 else ""
    return inert(f"{exercise.title}{which}{'' if check.possible else ' (not scored)'}")


def _visibility(check: CheckResult) -> Shown:
    if check.feedback == "none":
        return "hidden"
    return "visible" if check.visibility == "visible" else "after_published"


def _output(check: CheckResult) -> Iterator[str]:
    """Say how a check came out, as far as the record lets on, and what shows it."""
    outcome = check.outcome
    if outcome.verdict == "accepted":
        if outcome.reason:
            yield f"accepted ({inline(outcome.reason)})"
        return
    yield f"**{outcome.verdict}**" + (f": {inline(outcome.reason)}" if outcome.reason else "")
    if outcome.detail:
        yield ""
        yield inline(outcome.detail)
    yield from feedback.fenced(list(feedback.evidence(outcome)), "")
    ends = [*(_sentence(line) for line in feedback.explained(outcome)), *(f"Hint: {hint.say}" for hint in check.hints)]
    for line in ends:
        yield ""
        yield line


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unknown_lateness(handed_in: Metadata) -> Test:
    """Return what tells staff that a late policy could not be applied; students see no total while it is there."""
    why = "; ".join(map(inline, handed_in.concerns))
    return Test(
        name="For staff: whether this was late is unknown",
        number="0",
        score=0,
        max_score=0,
        status="failed",
        visibility="hidden",
        output=f"Nothing was taken off for lateness: {why}. Look at the submission's time, and adjust by hand.",
        output_format="md",
        tags=("lateness",),
    )


def _leaderboard(now: Result) -> tuple[Place, ...]:
    """Rank by what students can see of each other's work: hidden points would come out in an order."""
    return (Place("Points", number(now.earned), "desc"), Place("Attempts", now.attempt, "asc"))


def _extra(result: Result, deduction: Deduction, handed_in: Metadata) -> dict[str, str | int | None]:
    return {
        "digest": result.digest,
        "automatic_score": str(result.earned),
        "possible": str(result.possible),
        "late_deduction": str(deduction.taken),
        "seconds_late": handed_in.seconds_late,
        "attempt": result.attempt,
        "grader": result.environment.get("grader", ""),
        "tier": result.environment.get("tier", ""),
    }


def cut(lines: Iterable[str], cap: int = OUTPUT_CAP) -> str:
    """Join lines as far as they fit, whole ones, and say how many are left out; a block that is cut into is closed."""
    every = [line if len(line) <= cap // 4 else f"{line[: cap // 4]} … ({len(line)} characters)" for line in lines]
    text = _joined(every)
    if len(text) <= cap:
        return text
    kept, room = 0, cap - 200
    while room >= 0 and kept < len(every):
        room -= len(every[kept]) + 1
        kept += 1
    kept -= 1
    fence = ""
    for line in every[:kept]:
        found = FENCE.fullmatch(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1] == fence and not found[2]:
            fence = ""
    return _joined([*every[:kept], fence, "", f"({len(every) - kept} more lines are left out here.)"])


def _joined(lines: Iterable[str]) -> str:
    """Join lines, no two empty ones after each other and none at the ends, with nothing in them but text."""
    plain = [inert(line) for line in lines]
    return "\n".join(line for line, before in zip(plain, ["", *plain]) if line or before).strip()
