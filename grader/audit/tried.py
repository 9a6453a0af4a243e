"""Grade the most typical mistakes of one exercise as submissions are graded; keep what their students would read."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from grader.assignment.exercise import Exercise
from grader.audit import typical
from grader.audit.typical import Candidate, Sort
from grader.grading import covering, planning, reference_faults
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Counterexample, ExerciseResult, Submission
from grader.reports import audience
from grader.sandbox.supervisor import Supervisor

MOST = 6
"""Mistakes that are shown of an exercise. They are read while somebody types."""

TRIES = 4
"""Candidates of one sort that are tried until one loses points and reads as no other does."""


Read = tuple[object, ...]
"""What tells a student's feedback from another's: all but the place of the line."""


class Tried(msgspec.Struct, frozen=True):
    """A mistake that was planted and graded. `said`: its sort in words, blank where the author foretold it.

    A student who makes it keeps `kept` of `possible` points. `shown` is what that student may read, None where that is
    nothing yet. `named`: the author's name for it is what the student reads.
    """

    said: str
    what: str
    where: str
    line: int
    kept: Fraction
    possible: Fraction
    shown: ExerciseResult | None
    foretold: bool = False
    named: bool = True


def alone(assignment: Assignment, exercise: Exercise) -> Plan:
    """Prepare one exercise as it is asked in its assignment, with those that it may share a worker with."""
    beside = tuple(one for one in assignment.exercises if (one.module, one.kind) == (exercise.module, exercise.kind))
    plan = planning.prepare(msgspec.structs.replace(assignment, exercises=beside, others=()))
    return planning.only(plan, (exercise.id,))


class Trial:
    """One exercise with its reference: first that is graded, and then mistakes in it."""

    def __init__(self, plan: Plan, supervisor: Supervisor, reference: Submission) -> None:
        (self._exercise,) = plan.assignment.exercises
        self._plan, self._supervisor, self._reference = plan, supervisor, reference
        self._grader = Grader(plan, supervisor)

    def fault(self) -> str:
        """Say why nobody could be graded: the questions cannot be drawn, or the reference fails; else blank."""
        id = self._exercise.id
        if id in self._plan.assignment.unasked:
            return self._plan.assignment.unasked[id]
        if id in self._plan.faults:
            return self._plan.faults[id]
        broken = reference_faults.unloaded(
            self._plan.assignment, self._supervisor, self._reference, self._exercise.module
        )
        for fault in broken.values():
            return f"the reference does not load: {reference_faults.told(fault)}"
        return reference_faults.found(self._plan, self._supervisor, self._reference).faults.get(id, "")

    def mistakes(self) -> Iterator[Tried]:
        """Yield the most typical mistakes as each is graded. Raises JudgeError as grading does."""
        plan = self._plan
        lines = covering.lines_of(plan, self._supervisor, self._reference, self._exercise)
        sorts = typical.sorts(self._exercise, plan.solutions, self._reference.answers, plan.public, lines)
        read: list[Read] = []
        for sort in sorts:
            found = self._first(sort, read)
            if found is not None:
                read.append(_read(found.shown))
                yield found
            if len(read) == MOST:
                return

    def _first(self, sort: Sort, read: list[Read]) -> Tried | None:
        """Return the first of a sort that loses points and reads as none before; what was foretold in any case."""
        for one in sort.candidates[:TRIES]:
            found = self._tried(one, sort.said)
            if one.foretold or (found.kept < found.possible and _read(found.shown) not in read):
                return found
        return None

    def _tried(self, one: Candidate, said: str) -> Tried:
        planted = one.planted
        submission = typical.in_its_line(one, self._plan.solutions.get(planted.module, ""))
        result = self._grader.grade(submission)
        (whole,), told = result.exercises, audience.for_student(result).exercises
        names = [named.name for check in whole.checks for named in check.outcome.diagnosis]
        in_a_line = planted.line or self._exercise.on_paper
        shown = told[0] if told else None
        return Tried(
            said,
            planted.what,
            planted.where,
            planted.line,
            whole.earned,
            whole.possible,
            shown if shown is None or in_a_line else _without_places(shown),
            one.foretold,
            not one.foretold or planted.what in names,
        )


def _without_places(shown: ExerciseResult) -> ExerciseResult:
    """Return what is read of code that was put behind the reference's: its lines are no student's."""
    checks = (
        msgspec.structs.replace(one, outcome=msgspec.structs.replace(one.outcome, place="", callers=()))
        for one in shown.checks
    )
    return msgspec.structs.replace(shown, checks=tuple(checks))


def _read(shown: ExerciseResult | None) -> Read:
    outcomes = [check.outcome for check in shown.checks] if shown else []
    return tuple((one.verdict, one.reason, one.said, one.diagnosis, _example(one.counterexample)) for one in outcomes)


def _example(one: Counterexample | None) -> Read:
    return () if one is None else (one.args, one.d_out, one.returned, one.picture)
