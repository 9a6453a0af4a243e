"""The mark of each student: what was graded, what was decided by hand, and what lateness takes off, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from grader.assignment import late
from grader.assignment.late import Policy
from grader.course import overrides as by_hand
from grader.course.matching import Class, Entry
from grader.course.overrides import Override
from grader.reports.fractions import total
from grader.reports.rows import ClassRow
from grader.submissions.people import Handed, Person, called, keys

Status = Literal["graded", "withheld", "missing", "excused", "unusable", "not graded"]
"""`missing`: nothing was handed in; `not graded`: something was, and there is no result for it."""


class Part(msgspec.Struct, frozen=True):
    """One exercise: the automatic points (None: withheld) and those set by hand, where they were."""

    exercise: str
    automatic: Fraction | None
    by_hand: Fraction | None = None

    @property
    def counts(self) -> Fraction | None:
        """Return the points that count."""
        return self.automatic if self.by_hand is None else self.by_hand


class Standing(msgspec.Struct, frozen=True):
    """One student's mark. `final` is None where there is none to give, and `status` says why.

    `automatic` is what grading alone came to, before lateness; `decided` what it is with the points set by hand, or the
    whole mark where that was; `late` the sentence about lateness; `concerns` are for staff,
    `comments` for the student.
    """

    person: Person
    submission: str
    status: Status
    possible: Fraction
    automatic: Fraction | None = None
    parts: tuple[Part, ...] = ()
    decided: Fraction | None = None
    taken: Fraction = Fraction(0)
    late: str = ""
    final: Fraction | None = None
    comments: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()


def standings(
    found: Class,
    rows: Mapping[str, ClassRow],
    exercises: Sequence[str],
    possible: Fraction,
    policy: Policy,
    overrides: Sequence[Override] = (),
) -> list[Standing]:
    """Work out everyone's mark. `rows` are the graded submissions by name, `possible` what a right one earns."""
    return [_standing(entry, rows, exercises, possible, policy, overrides) for entry in found.entries]


def _standing(
    entry: Entry,
    rows: Mapping[str, ClassRow],
    exercises: Sequence[str],
    possible: Fraction,
    policy: Policy,
    overrides: Sequence[Override],
) -> Standing:
    name = entry.counts.submission if entry.counts else ""
    decided = by_hand.of(entry.person, name, overrides)
    row = rows.get(name)
    parts = _parts(exercises, row, decided)
    graded = Standing(
        person=entry.person,
        submission=name,
        status=_status(entry, row, parts, decided),
        possible=row.possible if row else possible,
        automatic=None if row is None or row.withheld else row.total,
        parts=parts,
        comments=tuple(one.comment for one in decided if one.comment),
        concerns=tuple(_concerns(entry, policy, decided)),
    )
    return _marked(graded, entry.counts, policy, decided)


def _parts(exercises: Sequence[str], row: ClassRow | None, decided: Sequence[Override]) -> tuple[Part, ...]:
    set_points = {one.exercise: one.points for one in decided if one.exercise and one.points is not None}
    if row is None and not set_points:
        return ()
    automatic = row.earned if row else (Fraction(0),) * len(exercises)
    return tuple(Part(id, points, set_points.get(id)) for id, points in zip(exercises, automatic))


def _status(entry: Entry, row: ClassRow | None, parts: Sequence[Part], decided: Sequence[Override]) -> Status:
    if any(one.excuse for one in decided):
        return "excused"
    if _whole(decided) is not None:
        return "graded"
    if entry.counts is None and entry.handed:
        return "withheld"
    if entry.counts is None:
        return "graded" if parts else "missing"
    if row is None:
        return "graded" if parts else "not graded"
    if any(one.counts is None for one in parts):
        return "withheld"
    return "unusable" if row.status.startswith("unusable") else "graded"


def _whole(decided: Sequence[Override]) -> Fraction | None:
    """Return the last mark that was decided for the whole assignment."""
    return next((one.points for one in reversed(decided) if not one.exercise and one.points is not None), None)


def _marked(graded: Standing, handed: Handed | None, policy: Policy, decided: Sequence[Override]) -> Standing:
    """Fill in the mark: one decided by hand, or the points that count less what lateness takes off."""
    whole = _whole(decided)
    if graded.status not in ("graded", "unusable"):
        return graded
    if whole is not None:
        return msgspec.structs.replace(graded, decided=whole, final=whole)
    points = total(one.counts or Fraction(0) for one in graded.parts)
    extension = sum(one.extension for one in decided)
    seconds = max(handed.late - extension, 0) if handed and handed.late is not None else 0
    taken = late.deduct(policy, seconds, points, graded.possible)
    changed = any(one.by_hand is not None for one in graded.parts)
    decided_on = points if changed else None
    return msgspec.structs.replace(graded, decided=decided_on, taken=taken.taken, late=taken.said, final=taken.score)


def _concerns(entry: Entry, policy: Policy, decided: Sequence[Override]) -> list[str]:
    said = []
    counts = entry.counts
    if counts is None and entry.handed:
        names = ", ".join(one.submission for one in entry.handed)
        said.append(
            f"{len(entry.handed)} submissions ({names}), and nothing says which is the latest: keep one, "
            "set `attempts` to best, or decide the points"
        )
    if len(entry.handed) > 1 and counts:
        others = ", ".join(one.submission for one in entry.handed if one is not counts)
        said.append(f"{len(entry.handed)} submissions; {counts.submission} counts, not {others}")
    if counts and counts.marked_late and counts.late is None and policy.deducts and _whole(decided) is None:
        said.append("late, and the platform does not say by how much: nothing was taken off")
    return said


def nobody(found: Class, overrides: Sequence[Override]) -> tuple[Override, ...]:
    """Return the decisions that are about nobody in the class."""
    names = {value for entry in found.entries for _, value in keys(entry.person)}
    names |= {one.submission for entry in found.entries for one in entry.handed}
    return by_hand.of_nobody(names, overrides)


def who(standing: Standing) -> str:
    """Return what to call a student in a list for staff."""
    return called(standing.person) if standing.person != Person(sid=standing.submission) else standing.submission
