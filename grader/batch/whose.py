"""Draw the parameters of a class: the numbers of each submission, by the roster and the assignment's secret."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from grader.course import students
from grader.errors import UsageError
from grader.grading import drawing
from grader.grading.config import Assignment
from grader.grading.drawn import Numbers
from grader.grading.per_student import Whose
from grader.reports.text import a_few
from grader.submissions.people import Handed, Person

WITHHELD = "so nobody knows its parameters, and it is not graded by a guess"
WHAT_TO_DO = "put its student on the roster, or call the submission by an id that is there"


def drawn(assignment: Assignment, roster: Sequence[Person], handed: Sequence[Handed]) -> Whose | None:
    """Return the numbers of each submission; None where nothing is drawn per student.

    Raises UsageError where there is no roster, or no secret.
    """
    ids = [one.id for one in drawing.with_parameters(assignment)]
    if not ids:
        return None
    if not roster and assignment.roster is not None:
        raise UsageError(f"{assignment.roster}: nobody's parameters are known without it, so nothing was graded")
    if not roster:
        raise UsageError(
            f"{a_few(ids)} {'has' if len(ids) == 1 else 'have'} parameters that are drawn per student: name the roster "
            "in the config, as in course: {roster: roster.csv}"
        )
    key = drawing.secret(assignment)
    students.all_of(roster, str(assignment.roster))
    found = students.of(roster, handed)
    unknown = {name: f"{why}, {WITHHELD}; {WHAT_TO_DO}" for name, why in found.unknown.items()}
    numbers: dict[str, Numbers] = {}
    for name, several in found.ids.items():
        theirs = [_numbers(assignment, key, one) for one in several]
        if all(one == theirs[0] for one in theirs):
            numbers[name] = theirs[0]
        else:
            unknown[name] = f"handed in by {a_few(several)}, whose parameters differ, {WITHHELD}; each hands in alone"
    return Whose(numbers, unknown, hmac.new(key, b"fingerprint", "sha256").hexdigest()[:16])


def _numbers(assignment: Assignment, key: bytes, student: str) -> Numbers:
    return {id: tuple(values.values()) for id, values in drawing.drawn(assignment, key, student).items()}
