"""What every engine makes of a submission: the bytes of its result and feedback, and its row in the class's reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from grader.errors import JudgeError
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.reports import audience, feedback, rows, stored, work
from grader.reports.rows import ClassRow
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor


class Made(msgspec.Struct, frozen=True):
    """One result, rendered where it was made, so that whoever writes the class's has little to do."""

    row: ClassRow
    result: bytes
    feedback: bytes
    page: bytes = b""
    work: bytes = b""


class Done(msgspec.Struct, frozen=True):
    """What became of one submission, or why nothing did (our fault)."""

    index: int
    made: Made | None
    fault: str = ""
    wall_stopped: bool = False


Graded = Iterator[Done]

Engine = Callable[[Plan, Box, Sequence[Submission], Iterable[int], int], Graded]
"""Grades the submissions at some places, with so many processes, and yields what became of each as it comes."""


def grading(plan: Plan, supervisor: Supervisor) -> Callable[[int, Submission], Done]:
    """Return what grades one submission after another. It raises JudgeError for what is our fault."""
    grader, asked = Grader(plan, supervisor), asked_in(plan.assignment)

    def grade(index: int, submission: Submission) -> Done:
        result = grader.grade(submission)
        kept = work.encode(work.of(submission, result.digest, asked)) if plan.staffed else b""
        return Done(index, rendered(result, plan.html, kept), wall_stopped=grader.wall_stopped)

    return grade


def rendered(result: Result, html: bool = False, kept: bytes = b"") -> Made:
    """Return what is written of a result, a page too where `html` is asked for, and the code that is `kept` of it.

    Raises JudgeError where it cannot be: a bug of ours costs this score only.
    """
    try:
        told = audience.for_student(result)
        markdown = feedback.markdown(told).encode()
        page = page_of(told) if html else b""
        return Made(rows.of(result), stored.encode(result), markdown, page, kept)
    except ValueError as error:
        raise JudgeError(f"its result cannot be written ({error})") from None


def asked_in(assignment: Assignment) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return in which module each exercise asks for which names."""
    return {
        one.id: (one.module, one.under_test or (KINDS[one.kind].about(one, one.checks[0].name).partition(".")[0],))
        for one in assignment.exercises
        if not one.on_paper
    }


def page_of(told: Result) -> bytes:
    """Return a result as a page: all that is in it, as for `reports.page`."""
    from grader.reports import page  # jinja2 is slow to import, and most runs need no pages

    return page.html(told).encode()
