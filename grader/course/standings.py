"""The mark of each student: what was graded, what was decided by hand, and what lateness takes off, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from grader.assignment import late
from grader.assignment.late import Policy
from grader.course import decisions, lateness, matching
from grader.course.lateness import Known, Lateness
from grader.course.matching import Class, Entry
from grader.course.overrides import Override
from grader.reports.fractions import total
from grader.reports.rows import ClassRow
from grader.reports.text import a_few, points
from grader.submissions.people import Person, called, ids

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

    `automatic` is what grading alone came to, before lateness; `decided` what it is with the points set by hand, or
    the whole mark where that was set (`whole`). `late` is the sentence about lateness. `concerns` are for staff,
    `comments` for the student. Where lateness would cost something and is not known, `late_unknown` is that concern.
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
    late_unknown: str = ""
    whole: bool = False


def standings(
    found: Class,
    rows: Mapping[str, ClassRow],
    exercises: Sequence[str],
    possible: Fraction,
    policy: Policy,
    overrides: Sequence[Override] = (),
    late_by: Known = lateness.by_platform,
) -> list[Standing]:
    """Work out everyone's mark. `rows` are the graded submissions by name, `possible` what a right one earns.

    `late_by` answers how late one person's submission was.
    """
    decided = decisions.by_person(found, overrides)
    return [
        _standing(entry, rows, exercises, possible, policy, each, late_by)
        for entry, each in zip(found.entries, decided)
    ]


def _standing(
    entry: Entry,
    rows: Mapping[str, ClassRow],
    exercises: Sequence[str],
    possible: Fraction,
    policy: Policy,
    decided: Sequence[Override],
    late_by: Known,
) -> Standing:
    name = entry.counts.submission if entry.counts else ""
    row = rows.get(name)
    parts = _parts(exercises, row, decided)
    graded = Standing(
        person=_with_number(entry),
        submission=name,
        status=_status(entry, row, parts, decided),
        possible=row.possible if row else possible,
        automatic=None if row is None or row.withheld else row.total,
        parts=parts,
        comments=tuple(one.comment for one in decided if one.comment),
        concerns=(
            *_other_submissions(entry),
            *_copied(entry),
            *_shared(entry),
            *_without_effect(decided),
            *_below_grading(parts, decided),
        ),
    )
    if graded.status not in ("graded", "unusable"):
        return graded
    return _marked(graded, _lateness(entry, decided, late_by), policy, decided)


def _with_number(entry: Entry) -> Person:
    """Return a person with the number that Moodle gave them for this assignment: no roster has it."""
    counts = entry.counts
    number = counts.number if counts and counts.source == "moodle" else ""
    return msgspec.structs.replace(entry.person, moodle=number) if number else entry.person


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


def _lateness(entry: Entry, decided: Sequence[Override], late_by: Known) -> Lateness:
    """Return how late what counts was: as was decided, else as is known; extensions are taken off."""
    if entry.counts is None:
        return Lateness(0)
    said = next((one.late for one in reversed(decided) if one.late is not None), None)
    found = late_by(entry.person, entry.counts) if said is None else Lateness(said)
    if found.seconds is None:
        return found
    extension = sum(one.extension for one in decided)
    return msgspec.structs.replace(found, seconds=found.seconds - extension)


def _marked(graded: Standing, known: Lateness, policy: Policy, decided: Sequence[Override]) -> Standing:
    """Fill in the mark: one decided by hand, or the points that count less what lateness takes off."""
    whole = _whole(decided)
    if whole is not None:
        return msgspec.structs.replace(graded, decided=whole, final=whole, whole=True)
    earned = total(one.counts or Fraction(0) for one in graded.parts)
    taken = late.deduct(policy, known.seconds or 0, earned, graded.possible)
    changed = any(one.by_hand is not None for one in graded.parts)
    concern = _late_concern(known) if policy.deducts else ""
    return msgspec.structs.replace(
        graded,
        decided=earned if changed else None,
        taken=taken.taken,
        late=taken.said,
        final=taken.score,
        concerns=(*graded.concerns, *([concern] if concern else [])),
        late_unknown=concern if known.seconds is None else "",
    )


def _late_concern(known: Lateness) -> str:
    """Return what staff should know of lateness that is not known, or not for sure."""
    if not known.why:
        return ""
    if known.seconds is not None:
        return f"{known.why}; it was read as {late.lasting(known.seconds)}" if known.seconds > 0 else ""
    if known.why.startswith(lateness.MARKED):
        return f"{known.why}: nothing was taken off"
    return f"lateness is not known ({known.why}): nothing was taken off"


def _other_submissions(entry: Entry) -> list[str]:
    counts = entry.counts
    if counts is None and entry.handed:
        names = ", ".join(one.submission for one in entry.handed)
        return [
            f"{len(entry.handed)} submissions ({names}), and nothing says which is the latest: keep one, "
            "set `attempts` to best, or decide the points"
        ]
    if len(entry.handed) < 2 or counts is None:
        return []
    others = ", ".join(one.submission for one in entry.handed if one is not counts)
    return [f"{len(entry.handed)} submissions; {counts.submission} counts, not {others}"]


def _shared(entry: Entry) -> list[str]:
    """Say who has an id of this student's as well; they are graded as two people."""
    if not entry.others:
        return []
    others = a_few([_fully(one) for one in entry.others])
    return [f"shares an id with {others}, whose other ids differ, so they count as two people"]


def _fully(person: Person) -> str:
    return " ".join(filter(None, (person.name, *ids(person))))


def _copied(entry: Entry) -> list[str]:
    original, counts = matching.copy_that_counts(entry), entry.counts
    if not original or counts is None:
        return []
    return [f"what counts is called {counts.called or counts.submission!r}, a copy of {original!r}"]


def _without_effect(decided: Sequence[Override]) -> list[str]:
    """Say what was decided and changes nothing, because the whole mark was decided too."""
    if _whole(decided) is None:
        return []
    said = [f"the points for {one.exercise}" for one in decided if one.exercise and one.points is not None]
    said += ["the extension" for one in decided if one.extension]
    said += ["the lateness" for one in decided if one.late is not None]
    return [f"the whole mark was decided by hand, so these change nothing: {', '.join(said)}"] if said else []


def _below_grading(parts: Sequence[Part], decided: Sequence[Override]) -> list[str]:
    """Say which points by hand are fewer than grading gives by now, as after a better attempt."""
    if _whole(decided) is not None:
        return []
    return [
        f"{one.exercise}: {points(one.by_hand)} by hand, and grading gives {points(one.automatic)}"
        for one in parts
        if one.by_hand is not None and one.automatic is not None and one.by_hand < one.automatic
    ]


def who(standing: Standing) -> str:
    """Return what to call a student in a list for staff."""
    return called(standing.person) if standing.person != Person(sid=standing.submission) else standing.submission
