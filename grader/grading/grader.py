"""Grade one submission: the composition root of the pure parts and the sandbox.

A unit's public questions come first, and whatever is asked about them; the private ones after. Nothing that a
student reads is made after a private input entered a process of theirs, and of what comes back for those nothing is
kept but right or wrong (`scoring.merge`). What is lost among the provided parts is asked in other surroundings.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise
from grader.exercise_kinds.kinds import KINDS
from grader.grading import (
    allowance,
    likeness,
    per_student,
    places,
    recognition,
    remarks,
    scoring,
    second_chance,
    units,
)
from grader.grading.ahead import AheadSession, FirstLook
from grader.grading.judge import Outcomes, all_checks
from grader.grading.planning import Plan, digest
from grader.grading.quick_judge import QuickJudge
from grader.grading.session import Budget
from grader.grading.sessions import Sessions
from grader.grading.standing_alone import does_the_same
from grader.grading.units import Unit
from grader.model import Outcome, Result, Submission
from grader.reports.fractions import total
from grader.reports.rows import INTERFACE
from grader.sandbox.boundary.protocol import file_of
from grader.sandbox.supervisor import Supervisor

OWN_FILES_SHARE = 0.25
"""The part of the CPU a submission has left that asking among its own files may take: the rest is for its others."""


class _Tried(msgspec.Struct, frozen=True):
    """An exercise asked in public in one way, and what came out. `number`: which of the ways among own files it was."""

    way: AheadSession
    exercise: Exercise
    outcomes: dict[str, Outcome]
    number: int = 0


def _best(tried: Sequence[_Tried]) -> _Tried:
    best = tried[0]
    for other in tried[1:]:
        if second_chance.better(best.exercise, best.outcomes, other.outcomes):
            best = other
    return best


def _is_lost(tried: Sequence[_Tried]) -> bool:
    best = _best(tried)
    return second_chance.lost(best.exercise, best.outcomes)


def _has_other_parts(submission: Submission, unit: Unit) -> bool:
    """Say whether anything of the student's gives way to provided parts, or could stand in their place."""
    given = unit.provided.get(unit.module)
    return len(submission.modules) > 1 or bool(submission.extras) or bool(given and given.names)


def _stands_alone(submission: Submission, unit: Unit) -> bool:
    """Say whether a single file was handed in, and does the same without the provided parts."""
    if len(submission.modules) > 1 or submission.extras:
        return False
    _, source = submission.modules[unit.module]
    return does_the_same(source, unit.provided[unit.module].names, unit.provided.keys())


def _spoken(result: Result, dialect: str) -> Result:
    """Return a result that says which of several dialects it was recognised to be in."""
    environment = {**result.environment, INTERFACE: dialect}
    return msgspec.structs.replace(
        result, environment=environment, notes=(f"graded through the interface {dialect}", *result.notes)
    )


def same_for_all(plan: Plan, submission: Submission, outcome: Outcome) -> Result:
    """Return a result in which every check came out the same, as of a submission that could not be read."""
    return assembled(plan, submission, {one.id: all_checks(one, outcome) for one in plan.assignment.exercises})


def assembled(plan: Plan, submission: Submission, outcomes: Outcomes, notes: Iterable[str] = ()) -> Result:
    """Score outcomes; an exercise at fault is a judge error whatever came out. `notes` go behind the submission's.

    This is where a worker's words are held to what a submission may show.
    """
    assignment = plan.assignment
    files = dict((*submission.modules.values(), *submission.extras.values()))
    outcomes, notes = allowance.shown(outcomes, notes, files)
    faults = {id: Outcome("judge error", fault) for id, fault in plan.faults.items()}
    results = tuple(
        scoring.exercise_result(
            one, all_checks(one, faults[one.id]) if one.id in faults else outcomes[one.id], assignment.weights[one.id]
        )
        for one in assignment.exercises
    )
    earned, possible = scoring.totals(*results)
    return Result(
        format=1,
        submission=submission.id,
        assignment=assignment.id,
        digest=digest(plan, submission),
        environment=plan.environment,
        earned=earned,
        possible=possible,
        exercises=results,
        notes=(*submission.notes, *per_student.note(plan), *notes),
        problem=submission.problem,
        attempt=submission.attempt,
        alike=likeness.alike({name: source for name, (_, source) in submission.modules.items()}, plan.solutions),
        called=submission.called,
    )


class Grader:
    """Grades submissions, one after another, with one supervisor."""

    def __init__(self, plan: Plan, supervisor: Supervisor, like: Grader | None = None) -> None:
        """Grade by a plan. What a grader `like` this one has found out, of another student's plan, holds here too."""
        self.plan, self._supervisor = plan, supervisor
        self._sessions: Sessions = Sessions(plan, supervisor, like._sessions if like else None)
        self._judge: QuickJudge = like._judge if like else QuickJudge()
        self._notes: dict[str, None] = {}
        self._exercises = {one.id: one for one in plan.assignment.exercises}
        likes = like._others if like else [None] * len(plan.others)
        self._others: tuple[Grader, ...] = tuple(Grader(one, supervisor, each) for one, each in zip(plan.others, likes))
        self.wall_stopped = False

    def grade(self, submission: Submission) -> Result:
        """Return the submission's result. Raises JudgeError where no worker can be started.

        So it does where parameters are drawn per student, and nobody knows whose this is: no guess is graded.
        `wall_stopped` then says whether a wall limit was met, so that the caller may try again alone.
        """
        self.wall_stopped = False
        if self.plan.per_student is not None:
            own = Grader(per_student.of_submission(self.plan, submission.id), self._supervisor, self)
            try:
                return own.grade(submission)
            finally:
                self.wall_stopped = own.wall_stopped
        if submission.problem:
            return same_for_all(self.plan, submission, Outcome("skipped", submission.problem))
        spoken = self.plan.assignment.dialects
        found = recognition.recognised(spoken, submission)
        if found.index:
            return self._in_another(self._others[found.index - 1], submission, spoken[found.index].name)
        self._notes = {}
        outcomes = self._placed(submission, self._outcomes(submission))
        if found.other:
            sentence = recognition.said(found.other, spoken)
            outcomes = recognition.told(outcomes, sentence)
            self._notes[sentence] = None
        result = assembled(self.plan, submission, outcomes, self._notes)
        return _spoken(result, spoken[0].name) if self._others else result

    def _in_another(self, other: Grader, submission: Submission, dialect: str) -> Result:
        """Grade a submission in another dialect that is accepted, as its plan asks it."""
        result = other.grade(submission)
        self.wall_stopped = other.wall_stopped
        result = msgspec.structs.replace(
            result, digest=digest(self.plan, submission), environment=self.plan.environment
        )
        return _spoken(result, dialect)

    def _placed(self, submission: Submission, outcomes: Outcomes) -> Outcomes:
        """Say of each wrong answer where its function stands."""
        of = self._exercises
        return {
            id: places.placed(of[id], KINDS[of[id].kind], checks, submission.modules) for id, checks in outcomes.items()
        }

    def _outcomes(self, submission: Submission) -> Outcomes:
        budget = self._sessions.budget()
        unasked = self.plan.assignment.unasked.items()
        asked = {one.id: one for one in self.plan.assignment.exercises}
        outcomes: Outcomes = {
            id: all_checks(asked[id], Outcome("not attempted", why)) for id, why in unasked if id in asked
        }
        for unit in self.plan.together:
            outcomes.update(self._right_together(submission, unit, budget))
        for unit in self.plan.units:
            left = tuple(one for one in unit.exercises if one.id not in outcomes)
            if left:
                outcomes.update(self._unit(submission, unit, left, budget))
        return outcomes

    def _right_together(self, submission: Submission, unit: Unit, budget: Budget) -> Outcomes:
        """Return the exercises that are right all through where one worker is asked about all of them.

        There each runs beside the student's other ones. Two slips that cancel each other are right, as among own files.
        """
        plan, here = self.plan, submission.modules
        able = plan.public.keys() & self._exercises.keys() - plan.faults.keys()
        asked = [one for one in unit.exercises if one.id in able and one.module in here]
        if len(set(map(units.key, asked))) < 2:
            return {}
        with self._sessions.first_look(submission, unit, budget) as look:
            right = self._right_at_first(look, unit, asked, plan.public, here)
            self._notes.update(dict.fromkeys(remarks.sentences(look.remarks)))  # before anything private is asked
            kept = [one for one in asked if one.id in right and one.id in plan.private]
            private = self._right_at_first(look, unit, kept, plan.private, here)
        lost = {one.id for one in kept} - private.keys()
        return {
            id: scoring.merged(outcomes, private[id]) if id in private else outcomes
            for id, outcomes in right.items()
            if id not in lost
        }

    def _right_at_first(
        self,
        look: FirstLook,
        unit: Unit,
        exercises: Sequence[Exercise],
        halves: Mapping[str, Any],
        handed: Collection[str],
    ) -> Outcomes:
        if unit.among_own:
            own = frozenset(handed)
            halves = {one.id: self._judge.among_own(one, halves[one.id], own) for one in exercises}
        return self._judge.right_at_first(look, exercises, halves, unit.independent, self.plan.solution_told)

    def _unit(self, submission: Submission, unit: Unit, asked: Sequence[Exercise], budget: Budget) -> Outcomes:
        exercises = [one for one in asked if one.id in self.plan.public and one.id not in self.plan.faults]
        if not exercises:
            return {}
        if unit.on_paper:
            return self._paper(submission, exercises)
        if unit.module not in submission.modules:
            absent = Outcome("not attempted", f"{file_of(unit.module)} was not handed in")
            return {one.id: all_checks(one, absent) for one in exercises}
        with contextlib.ExitStack() as held:
            return self._in_every_way(held, submission, unit, exercises, budget)

    def _in_every_way(
        self,
        held: contextlib.ExitStack,
        submission: Submission,
        unit: Unit,
        exercises: Sequence[Exercise],
        budget: Budget,
    ) -> Outcomes:
        """Ask a unit's exercises: all that is public in all surroundings, then what is private.

        The surroundings are the provided parts, then the variants, then the student's own files; each is asked what the
        ones before have lost. A surrounding that was not asked in public is not asked in private either.
        """
        first = held.enter_context(self._sessions.among_provided(submission, unit, budget))
        tried = {one.id: [_Tried(first, one, outcomes)] for one, outcomes in self._public(first, exercises)}
        for variant in unit.variants:
            again = [one for one in variant.exercises if one.id in tried and _is_lost(tried[one.id])]
            if again:
                other = held.enter_context(self._sessions.among_provided(submission, variant, budget))
                again = [one for one in again if self._may_earn(other, one, _best(tried[one.id]))]
                for one, outcomes in self._public(other, again):
                    tried[one.id].append(_Tried(other, one, outcomes))
        if not any(len(one) > 1 or _is_lost(one) for one in tried.values()):  # as nearly always: one way, and right
            return self._private([one[0] for one in tried.values()])
        own = self._among_own(held, submission, unit, [_best(tried[one.id]) for one in exercises], budget)
        return self._with_private(submission, exercises, tried, own)

    def _among_own(
        self,
        held: contextlib.ExitStack,
        submission: Submission,
        unit: Unit,
        bests: Sequence[_Tried],
        budget: Budget,
    ) -> dict[str, _Tried]:
        """Return what is right in public among the student's own files, of what has been lost so far."""
        due = [one for one in bests if second_chance.is_due(one.exercise, one.outcomes, KINDS[one.exercise.kind].alone)]
        if not due or not _has_other_parts(submission, unit):
            return {}
        if _stands_alone(submission, unit):
            due = [one for one in due if not second_chance.is_only_wrong(one.outcomes)]
        if not due:
            return {}
        part = held.enter_context(budget.part(OWN_FILES_SHARE))
        way = held.enter_context(self._sessions.among_own(submission, unit.module, part))
        found = {}
        for one in due:
            half, handed = self.plan.public[one.exercise.id], frozenset(submission.modules)
            for i, (asked, own) in enumerate(self._judge.ways_among_own(one.exercise, half, handed)):
                outcomes = self._judge.half(way, [asked], {asked.id: own})[asked.id]
                if second_chance.all_right(one.outcomes, outcomes):
                    found[one.exercise.id] = _Tried(way, asked, outcomes, i)
                    break
        self._note(way)
        return found

    def _may_earn(self, way: AheadSession, exercise: Exercise, best: _Tried) -> bool:
        may = self._judge.may_earn(way, exercise, self.plan.public[exercise.id], best.outcomes)
        self._note(way)
        return may

    def _public(
        self, way: AheadSession, exercises: Sequence[Exercise]
    ) -> Sequence[tuple[Exercise, dict[str, Outcome]]]:
        found = self._judge.half(way, exercises, self.plan.public)
        self._note(way)
        return [(one, found[one.id]) for one in exercises]

    def _with_private(
        self,
        submission: Submission,
        exercises: Sequence[Exercise],
        tried: Mapping[str, list[_Tried]],
        own: Mapping[str, _Tried],
    ) -> Outcomes:
        """Ask what is private, of the best way first; the next only while it could still come to more."""
        outcomes: Outcomes = {}
        for one in exercises:
            best = _best(tried[one.id])
            right = own.get(one.id)
            if right is not None and self._stays_right(submission, best, right):
                outcomes[one.id] = second_chance.earned(best.outcomes, right.outcomes)
        left = [one for one in exercises if one.id not in outcomes]
        together: dict[int, list[_Tried]] = {}  # what one worker is asked, it is asked at once
        for one in left:
            best = _best(tried[one.id])
            together.setdefault(id(best.way), []).append(best)
        for several in together.values():
            outcomes.update(self._private(several))
        for one in left:
            for other in sorted(tried[one.id], key=lambda way: -_points(way.exercise, way.outcomes)):
                if other is _best(tried[one.id]) or _points(one, other.outcomes) <= _points(one, outcomes[one.id]):
                    continue
                merged = self._private([other])[one.id]
                if second_chance.better(one, outcomes[one.id], merged):
                    outcomes[one.id] = merged
        return outcomes

    def _stays_right(self, submission: Submission, first: _Tried, right: _Tried) -> bool:
        """Say whether what is right in public among the student's own files is right on the private half as well."""
        exercise = first.exercise
        if exercise.id not in self.plan.private:
            return True
        half, handed = self.plan.private[exercise.id], frozenset(submission.modules)
        asked, own = self._judge.ways_among_own(exercise, half, handed)[right.number]
        outcomes = self._judge.half(right.way, [asked], {asked.id: own})[asked.id]
        found = second_chance.all_right(first.outcomes, outcomes)
        self.wall_stopped |= right.way.wall_stopped
        return found

    def _private(self, several: Sequence[_Tried]) -> Outcomes:
        """Return the outcomes of what was tried in one way, with the private half merged in."""
        if not several:
            return {}
        way = several[0].way
        outcomes: Outcomes = {one.exercise.id: one.outcomes for one in several}
        kept = [one.exercise for one in several if one.exercise.id in self.plan.private]
        kept = [one for one in kept if _anything_accepted(outcomes[one.id])]
        for name, private in self._judge.half(way, kept, self.plan.private).items():
            outcomes[name] = scoring.merged(outcomes[name], private)
        self.wall_stopped |= way.wall_stopped
        return outcomes

    def _note(self, way: AheadSession) -> None:
        """Keep what a session's worker remarked so far: all of it about public questions."""
        self._notes.update(dict.fromkeys(remarks.sentences(way.remarks)))
        self.wall_stopped |= way.wall_stopped

    def _paper(self, submission: Submission, exercises: Sequence[Exercise]) -> Outcomes:
        """Judge what was worked out by hand: there is nothing to run."""
        if submission.unread:
            unread = Outcome("runtime error", "the answers cannot be read", submission.unread)
            return {one.id: all_checks(one, unread) for one in exercises}
        outcomes: Outcomes = {}
        for one in exercises:
            text = submission.answers.get(one.id)
            outcomes[one.id] = self._judge.on_paper(one, self.plan.public[one.id], text)
            if one.id in self.plan.private:
                private = self._judge.on_paper(one, self.plan.private[one.id], text)
                outcomes[one.id] = scoring.merged(outcomes[one.id], private)
        return outcomes


def _points(exercise: Exercise, outcomes: dict[str, Outcome]) -> Fraction:
    return total(check.points for check in exercise.checks if outcomes[check.name].verdict == "accepted")


def _anything_accepted(outcomes: dict[str, Outcome]) -> bool:
    return any(outcome.verdict == "accepted" for outcome in outcomes.values())
