"""Whose marks differ between two gradings, by how much and why: results in, changes out, and changes in, text out."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import msgspec
from tabulate import tabulate

from grader.model import CheckResult, ExerciseResult, Outcome, Result, Verdict
from grader.reports import worth
from grader.reports.fractions import to_text
from grader.reports.rows import why
from grader.reports.text import clip, inert, points
from grader.reports.worth import Worth

LONGEST_NAME = 24
LONGEST_REASON = 200
SHOWN = 100
"""Students in a table; the JSON holds all of them."""

HEADS = ("student", "old", "new", "change", "why")
GAP, HEAD_PADDING = 2, 2

ABSENT: Literal["absent"] = "absent"
Where = Literal["both", "old only", "new only"]
ALONE: dict[Where, str] = {"old only": "not in the new grading", "new only": "not in the old grading"}


class CheckChange(msgspec.Struct, frozen=True):
    """One check that came out otherwise. A verdict that is absent: the check is in one of the two gradings only."""

    exercise: str
    check: str
    old: Verdict | Literal["absent"]
    new: Verdict | Literal["absent"]
    old_points: Fraction
    new_points: Fraction
    old_possible: Fraction
    new_possible: Fraction
    reason: str = ""
    """Why it is what it is now: the name of the mistake, or the verdict's reason; blank where it was accepted."""


class Change(msgspec.Struct, frozen=True):
    """One student whose marks differ. A total that is None is withheld, or that of a grading they are not in."""

    submission: str
    where: Where
    old: Fraction | None
    new: Fraction | None
    old_possible: Fraction
    new_possible: Fraction
    checks: tuple[CheckChange, ...] = ()
    worth: tuple[str, ...] = ()
    """What of it comes from the worth of exercises alone."""

    @property
    def by(self) -> Fraction | None:
        """Return how much the total moved; None where either is missing."""
        return None if self.old is None or self.new is None else self.new - self.old


class Unfinished(msgspec.Struct, frozen=True):
    """One of the two gradings, where it did not come to its end: how many are graded, of how many."""

    grading: Literal["old", "new"]
    folder: str
    graded: int
    of: int

    def sentence(self) -> str:
        """Return what to tell about it."""
        return f"{inert(self.folder)}: the grading is not finished: {self.graded:,} of {self.of:,} are graded"


class Difference(msgspec.Struct, frozen=True):
    """Two gradings of a class, compared.

    `moved` counts those whose verdicts differ somewhere and whose marks do not; `withheld` are without a total in
    the new grading, whether that is a change or not. `worths` is what changed for everyone, and `same_points` counts
    those who have the same points in every exercise, out of others. `unfinished` are the gradings of which only a part
    was there to compare.
    """

    format: Literal[1]
    compared: int
    changes: tuple[Change, ...]
    moved: int
    withheld: tuple[str, ...]
    worths: tuple[Worth, ...] = ()
    same_points: int = 0
    unfinished: tuple[Unfinished, ...] = ()

    @property
    def differs(self) -> bool:
        """Say whether anything that is published differs."""
        return bool(self.changes or self.worths)


def between(pairs: Iterable[tuple[Result | None, Result | None]]) -> Difference:
    """Compare (old, new) of every student, None where a grading has none of theirs. A pair is let go of once read."""
    compared = moved = 0
    changes: list[Change] = []
    withheld: list[str] = []
    worths: dict[Worth, None] = {}
    seen: tuple[dict[str, Fraction], dict[str, Fraction]] = {}, {}
    for old, new in pairs:
        compared += 1
        if new is not None and new.withheld:
            withheld.append(new.submission)
        if old is None or new is None:
            changes += [_alone(old, "old only")] if old else [_alone(new, "new only")] if new else []
            continue
        for known, result in zip(seen, (old, new)):
            known.update({one.id: one.possible for one in result.exercises})
        worths.update(dict.fromkeys(worth.changed(old, new)))
        checks, reasons = tuple(_checks(old, new)), tuple(worth.by_worth(old, new))
        change = Change(new.submission, "both", _total(old), _total(new), old.possible, new.possible, checks, reasons)
        if _marks(old) != _marks(new):
            changes.append(change)
        elif checks:
            moved += 1
    alone = [Worth(name, "", seen[0].get(name), seen[1].get(name)) for name in _in_one_only(*seen)]
    told = [_without(one, {each.exercise for each in alone}) for one in changes]
    kept = [one for one in told if one.checks or one.worth or one.by != 0 or one.where != "both"]
    same_points = len(told) - len(kept)
    return Difference(1, compared, tuple(kept), moved, tuple(withheld), (*worths, *alone), same_points)


def _in_one_only(old: Mapping[str, Fraction], new: Mapping[str, Fraction]) -> list[str]:
    """Return the exercises that nobody has in one of the gradings."""
    return [name for name in dict.fromkeys([*new, *old]) if (name in old) != (name in new)]


def _without(change: Change, exercises: Container[str]) -> Change:
    """Leave out the checks of exercises that are new or gone: that is said once for the class."""
    checks = tuple(one for one in change.checks if one.exercise not in exercises)
    return change if len(checks) == len(change.checks) else msgspec.structs.replace(change, checks=checks)


def text(difference: Difference, width: int) -> str:
    """Return what is worth something else, a table of the changes that fits in `width` columns, and a summary."""
    lines = ["\n".join(one.sentence() for one in difference.worths)] if difference.worths else []
    if difference.changes:
        lines.append(_table(difference.changes[:SHOWN], width))
    if len(difference.changes) > SHOWN:
        lines.append(f"and {len(difference.changes) - SHOWN} more; --json lists them all")
    summary = [textwrap.fill(line, max(width, 40)) for line in _summary(difference)]
    return "\n\n".join([*lines, "\n".join([*summary, *(one.sentence() for one in difference.unfinished)])])


def encode(difference: Difference) -> bytes:
    """Return a difference as JSON: points as exact fractions in text, as in results."""
    return msgspec.json.format(msgspec.json.encode(difference, enc_hook=to_text), indent=1) + b"\n"


def _alone(result: Result, where: Where) -> Change:
    total = _total(result)
    old, new = (total, None) if where == "old only" else (None, total)
    return Change(result.submission, where, old, new, result.possible, result.possible)


def _total(result: Result) -> Fraction | None:
    return None if result.withheld else result.earned


def _marks(result: Result) -> object:
    """Return all that a published mark is made of; points of a withheld exercise say nothing."""
    each = {one.id: (None if one.withheld else one.earned, one.possible) for one in result.exercises}
    return each, _total(result), result.possible


def _checks(old: Result, new: Result) -> Iterable[CheckChange]:
    before = {(exercise.id, check.name): check for exercise, check in _every(old)}
    after = {(exercise.id, check.name): check for exercise, check in _every(new)}
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        if was is not None and now is not None and was.possible != now.possible and worth.same_share(was, now):
            continue
        if _told(was) != _told(now):
            told = [one.outcome.verdict if one else ABSENT for one in (was, now)]
            earned = [one.earned if one else Fraction(0) for one in (was, now)]
            possible = [one.possible if one else Fraction(0) for one in (was, now)]
            reason = _reason(now.outcome) if now else ""
            yield CheckChange(*key, told[0], told[1], earned[0], earned[1], possible[0], possible[1], reason)


def _every(result: Result) -> Iterable[tuple[ExerciseResult, CheckResult]]:
    return ((exercise, check) for exercise in result.exercises for check in exercise.checks)


def _told(check: CheckResult | None) -> object:
    return check and (check.outcome.verdict, check.earned, check.possible)


def _reason(outcome: Outcome) -> str:
    if outcome.verdict == "accepted":
        return ""
    return why(outcome) if outcome.verdict == "wrong answer" else outcome.reason


def _table(changes: Sequence[Change], width: int) -> str:
    heads = [(clip(inert(one.submission), LONGEST_NAME), *_totals(one)) for one in changes]
    used = sum(max(len(name) + HEAD_PADDING, *(len(row[i]) for row in heads)) for i, name in enumerate(HEADS[:-1]))
    room = max(width - used - GAP * (len(HEADS) - 1), len(HEADS[-1]) + HEAD_PADDING)
    rows: list[tuple[str, ...]] = []
    for head, change in zip(heads, changes):
        said = [*map(_said, change.checks), *map(inert, change.worth)] or [ALONE.get(change.where, "")]
        lines = [
            line for one in said for line in textwrap.wrap(clip(one, LONGEST_REASON), room, subsequent_indent="  ")
        ]
        rows += [(*(head if i == 0 else ("",) * len(head)), line) for i, line in enumerate(lines or [""])]
    align = ("left", "right", "right", "right", "left")
    return tabulate(rows, HEADS, tablefmt="simple", disable_numparse=True, colalign=align, preserve_whitespace=True)


def _totals(change: Change) -> tuple[str, str, str]:
    old = "-" if change.where == "new only" else _of(change.old, change.old_possible)
    new = "-" if change.where == "old only" else _of(change.new, change.new_possible)
    by = change.by
    return old, new, "" if by is None else f"{'+' if by > 0 else '-' if by < 0 else ''}{points(abs(by))}"


def _of(total: Fraction | None, possible: Fraction) -> str:
    return "withheld" if total is None else f"{points(total)}/{points(possible)}"


def _said(check: CheckChange) -> str:
    reason = f": {inert(check.reason)}" if check.reason and check.reason != check.new else ""
    return f"{check.exercise} {check.check}: {check.old} → {check.new}{reason}"


def _summary(difference: Difference) -> Iterable[str]:
    both = [one for one in difference.changes if one.where == "both"]
    up, down = (sum(one.by is not None and one.by * sign > 0 for one in both) for sign in (1, -1))
    yield f"{difference.compared} students compared: the marks of {len(both)} differ ({up} up, {down} down)"
    for where, said in (("old only", "in the old grading"), ("new only", "in the new grading")):
        count = sum(one.where == where for one in difference.changes)
        if count:
            yield f"{count} {said} only"
    if difference.same_points:
        yield f"{difference.same_points} more with the same points in every exercise, and another maximum"
    if difference.moved:
        yield f"{difference.moved} more with another verdict somewhere and the same marks"
    if difference.withheld:
        names = ", ".join([*map(inert, difference.withheld[:5]), *(["…"] if difference.withheld[5:] else [])])
        yield f"{len(difference.withheld)} withheld in the new grading: {names}"
