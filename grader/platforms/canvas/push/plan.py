"""What there is to send: everyone's mark held against what stands in Canvas, and what nobody should be surprised by.

A comment is known by a digest of all that it says, its file included. The digest stands at the comment's end, so that
one that arrived can be told from one that did not, whatever became of the answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import msgspec

from grader.course import claims
from grader.course.standings import Standing
from grader.platforms.canvas import gradebook
from grader.submissions.people import Person, called

MARKER = "autodiff-grader"
WITH_FILE = "The attached file says how it was graded."


class There(msgspec.Struct, frozen=True):
    """What stands in Canvas for one student: the mark as it was entered (`EX`: excused; blank: none) and the comments.

    `deducted` says that Canvas's own late policy takes something off it.
    """

    mark: str = ""
    deducted: bool = False
    comments: tuple[str, ...] = ()


class Course(msgspec.Struct, frozen=True):
    """One assignment in Canvas: what it is called and worth, who is enrolled, what stands (by Canvas's id).

    `late_policy` says whether the course deducts for lateness by itself (None: the token may not know).
    """

    title: str
    possible: Fraction | None
    people: tuple[Person, ...]
    there: dict[str, There]
    late_policy: bool | None = None
    concerns: tuple[str, ...] = ()


class Comment(msgspec.Struct, frozen=True):
    """What is said to a student, with the submission whose feedback goes with it (blank: none)."""

    text: str
    submission: str
    digest: str

    @property
    def marker(self) -> str:
        """Return what tells this comment from any other."""
        return f"[{MARKER} {self.digest}]"

    @property
    def whole(self) -> str:
        """Return the text as it is sent."""
        return f"{self.text}\n\n{self.marker}"


class Sent(msgspec.Struct, frozen=True):
    """What was sent before, as the log tells: the last mark sent to each, and every comment (user, digest)."""

    grades: dict[str, str] = {}
    comments: frozenset[tuple[str, str]] = frozenset()


class Change(msgspec.Struct, frozen=True):
    """One student: the mark that stands and the one to be (blank: none to send), and the comment to add, if any.

    `note` is for staff, who should look before it is sent.
    """

    user: str
    who: str
    before: str
    after: str
    comment: Comment | None = None
    note: str = ""

    @property
    def regraded(self) -> bool:
        """Say whether the mark is to be sent."""
        return bool(self.after) and self.after != self.before


class Plan(msgspec.Struct, frozen=True):
    """All that is to be sent, and what is not: marks and comments that stand, those without, and why."""

    changes: tuple[Change, ...]
    standing: int
    said: int
    left_out: tuple[tuple[str, str], ...]
    concerns: tuple[str, ...]


def planned(
    course: Course,
    standings: Sequence[Standing],
    feedback: Mapping[str, str],
    sent: Sent,
    comments: bool = True,
    in_short: Mapping[str, str] | None = None,
    by_hand: Callable[[Standing], Iterable[str]] = lambda _: (),
) -> Plan:
    """Plan what to send. `feedback` has the digest of each submission's feedback file, `sent` what the log tells.

    `in_short` says in plain text what each submission lost points to: Canvas shows it without a file being opened.
    `by_hand` says what of a student's mark was decided by hand, so that nobody reads other points than they have.
    """
    whose, left_out = claims.found(course.people, standings, "this course in Canvas")
    changes, standing, said = [], 0, 0
    for place, one in whose:
        person = course.people[place]
        there = course.there.get(person.canvas, There())
        mark = gradebook.mark(one)
        lost = (in_short or {}).get(one.submission, "")
        comment = comment_on(one, feedback, lost, by_hand(one)) if comments else None
        if mark is None:
            left_out.append((called(person), gradebook.why_not(one)))
        if comment is not None and _is_said(person.canvas, comment, there, sent):
            said, comment = said + 1, None
        standing += mark is not None and mark == there.mark
        change = Change(person.canvas, called(person), there.mark, mark or "", comment, _note(person, there, sent))
        if change.regraded or comment is not None:
            changes.append(change)
    known = {course.people[place].canvas for place, _ in whose}
    left_out += [
        (called(one), "is in Canvas, and has no mark here") for one in course.people if one.canvas not in known
    ]
    return Plan(tuple(changes), standing, said, tuple(left_out), tuple(_concerns(course, standings)))


def comment_on(
    one: Standing, feedback: Mapping[str, str], in_short: str = "", by_hand: Iterable[str] = ()
) -> Comment | None:
    """Return what to say to a student; None: nothing.

    It is staff's words, the sentence about lateness, what was decided by hand, what points were lost to, and the file.
    """
    file = one.submission if one.status in ("graded", "unusable") and one.submission in feedback else ""
    lost = f"\n{in_short}\n" if file and in_short else ""
    parts = (*one.comments, one.late, *by_hand, lost, WITH_FILE if file else "")
    text = "\n".join(part for part in parts if part).strip("\n")
    if not text:
        return None
    digest = hashlib.sha256("\0".join((text, feedback.get(file, ""))).encode()).hexdigest()[:16]
    return Comment(text, file, digest)


def _is_said(user: str, comment: Comment, there: There, sent: Sent) -> bool:
    return (user, comment.digest) in sent.comments or any(comment.marker in text for text in there.comments)


def _note(person: Person, there: There, sent: Sent) -> str:
    before = sent.grades.get(person.canvas)
    return f"was sent as {before} and changed in Canvas" if before and before != there.mark else ""


def _concerns(course: Course, standings: Sequence[Standing]) -> list[str]:
    said = list(course.concerns)
    possible = {one.possible for one in standings}
    if course.possible is not None and possible and possible != {course.possible}:
        ours = ", ".join(f"{float(one):g}" for one in sorted(possible))
        said.append(
            f"Canvas has this assignment at {float(course.possible):g} points, the grader at {ours}: nothing is scaled"
        )
    taken = any(one.taken for one in standings)
    if course.late_policy and taken:
        said.append("lateness is taken off already, and the course's late policy in Canvas takes it off again")
    elif course.late_policy:
        said.append("the course's late policy in Canvas takes points off what it holds to be late")
    elif course.late_policy is None and taken:
        said.append("lateness is taken off already; a late policy of the course's own in Canvas takes it off again")
    deducted = sum(one.deducted for one in course.there.values())
    if deducted:
        said.append(f"for lateness, Canvas itself takes points off {deducted} of the marks that stand there")
    return said
