"""What a student is told of their mark, beside how their work was graded.

Where checks are hidden from students as yet, no total is told: it would tell what those checks earned. What staff
decided and wrote may be told, and so may the sentence about lateness, which says nothing of what was earned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.course.standings import Standing
from grader.reports.marked import Told
from grader.reports.text import points

EXCUSED = "You are excused: this assignment does not count for you."
BY_HAND = "Your course decided this mark by hand."
LATER = "not told here, because some checks are not shown"
NOT_YET = "not given yet"
EACH = Told("each member of this group has their own; your course tells you yours")


def told(members: Sequence[Standing], partial: bool, titles: Mapping[str, str]) -> Told | None:
    """Return what to tell everyone who handed in one submission; None where its file says all there is to say.

    `partial`: the file leaves out hidden checks. `titles` say what exercises are called. Of a group whose members'
    marks differ, nobody is told of another's.
    """
    each = {_of_one(one, partial, titles) for one in members}
    if len(each) > 1:
        return EACH
    return next(iter(each), None)


def _of_one(one: Standing, partial: bool, titles: Mapping[str, str]) -> Told | None:
    if one.status == "excused":
        return Told("excused", (EXCUSED, *one.comments))
    if one.final is None:
        return Told(NOT_YET, one.comments) if one.comments else None
    sentences = (*by_hand(one, partial, titles), *([one.late] if one.late else []), *one.comments)
    if not sentences and one.final == one.automatic:
        return None
    mark = LATER if partial and not one.whole else f"{points(one.final)} of {points(one.possible)} points"
    return Told(mark, sentences)


def by_hand(one: Standing, partial: bool, titles: Mapping[str, str]) -> Iterator[str]:
    """Say what was decided by hand. What grading gave in its place may come from hidden checks."""
    if one.whole:
        yield BY_HAND
        return
    for part in one.parts:
        if part.by_hand is not None:
            graded = f"; grading gave {points(part.automatic)}" if part.automatic is not None and not partial else ""
            yield f"{titles.get(part.exercise, part.exercise)}: {points(part.by_hand)} points, set by hand{graded}."
