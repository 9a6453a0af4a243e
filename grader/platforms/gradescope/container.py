"""One visit to Gradescope's container: grade what lies under `submission`, and write `results/results.json`.

Theory of operation. Gradescope starts a fresh container for every submission, as root, and kills its one child after a
wall limit of its own. So there is one process here, with one supervisor, and everything it starts dies with it. The
file is written once, whole, as the last thing of all; until then there is none, so that a kill, a fault of ours or a
budget that runs out states no score. What a submission does wrong is graded like anywhere, and is a whole file.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import msgspec

from grader.batch import cohort
from grader.errors import JudgeError, UsageError
from grader.grading import drawing, planning
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.platforms.gradescope import metadata
from grader.platforms.gradescope.metadata import Metadata
from grader.platforms.gradescope.results import Results, encode, results
from grader.reports import files
from grader.reports.text import points
from grader.sandbox.boundary.lockdown import hide_from_same_user
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import Containment
from grader.submissions.handed_in import read

ROOT = Path("/autograder")
METADATA_CAP = 64 * 1024 * 1024
TRIES = 2
SECONDS_TO_END = 20
"""How long everything may take to end once the budget has run out, before it is cut off."""


class Visit(msgspec.Struct, frozen=True):
    """A submission graded: its result, what came with it, what was written, and what held the student's code."""

    result: Result
    handed_in: Metadata
    written: Results
    containment: Containment

    def remarks(self) -> Iterator[str]:
        """Yield what staff should know that is in no score."""
        yield from self.handed_in.concerns
        total = self.handed_in.total_points
        with contextlib.suppress(ValueError, ZeroDivisionError):
            if total and Fraction(total) != self.result.possible:
                possible = points(self.result.possible)
                yield f"Gradescope has {total} points for this assignment, and the checks are worth {possible}"


def grade(root: Path, assignment: Assignment) -> Visit:
    """Grade the submission under `root` and write its results.

    Raises JudgeError for whatever is our fault, the wall budget run out included; then there is no results file, not
    even an older one.
    """
    hide_from_same_user()  # it holds the answers
    place = root / "results" / "results.json"
    with _blamed_on_us("the results folder cannot be written to"):
        place.unlink(missing_ok=True)
    with within(assignment.gradescope.wall_seconds):
        visit = _graded(root, assignment)
    with _blamed_on_us("the results cannot be written"):
        files.write(place, encode(visit.written), durable=True)
    return visit


def proved(assignment: Assignment) -> tuple[Plan, Box, Containment]:
    """Return the plan and the containment, proved here: the tier is met, every package there, every reference right.

    Raises JudgeError where any of it is not so.
    """
    try:
        drawing.refuse_nobodys(assignment, "nobody knows them here; grade with `grader grade` and the roster")
    except UsageError as error:
        raise JudgeError(str(error)) from None
    with Supervisor(planning.box(assignment)) as supervisor:
        box, containment = cohort.open_box(assignment, supervisor)
        absent = planning.missing(assignment)
        if absent:
            raise JudgeError(f"submissions may import {', '.join(absent)}, and it is not here: bundle again")
        plan = cohort.plan(assignment, supervisor, containment.tier)
    if plan.faults:
        raise JudgeError("; ".join(f"{exercise}: {fault}" for exercise, fault in plan.faults.items()))
    return plan, box, containment


def _graded(root: Path, assignment: Assignment) -> Visit:
    handed_in = metadata.read(_metadata(root / "submission_metadata.json"))
    submission = _submission(root / "submission", assignment, handed_in)
    plan, box, containment = proved(assignment)
    result = _result(plan, box, submission)
    if result.withheld:
        faults = dict.fromkeys(
            check.outcome.reason
            for exercise in result.exercises
            for check in exercise.checks
            if check.outcome.verdict == "judge error"
        )
        raise JudgeError("; ".join(faults))
    written = results(result, assignment.late, handed_in, assignment.gradescope.leaderboard)
    return Visit(result, handed_in, written, containment)


def _result(plan: Plan, box: Box, submission: Submission) -> Result:
    """Grade it as `grader grade` does; one that met a wall limit is tried again before it is charged."""
    with Supervisor(box) as supervisor:
        grader = Grader(plan, supervisor)
        result = grader.grade(submission)
        for _ in range(TRIES - 1):
            if grader.wall_stopped:
                result = grader.grade(submission)
        return result


def _submission(folder: Path, assignment: Assignment, handed_in: Metadata) -> Submission:
    if not folder.is_dir():
        raise JudgeError("there is no folder of the submission's files")
    # The platform's folder may be a link; what is a link in it is the student's, and is not followed.
    layout = cohort.layout(assignment)
    return read(handed_in.id or "submission", folder.resolve(), layout, handed_in.attempt)


def _metadata(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(METADATA_CAP)
    except OSError:
        return None


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise JudgeError in what is done here once the wall seconds are over; where that does not end it, exit."""
    late = False

    def over(*_: object) -> None:
        nonlocal late
        if late:
            os._exit(1)
        late = True
        raise JudgeError(f"the time that one submission may take ran out ({seconds:g} s, gradescope.wall_seconds)")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, SECONDS_TO_END)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _blamed_on_us(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JudgeError(f"{what} ({error.strerror or type(error).__name__})") from None
