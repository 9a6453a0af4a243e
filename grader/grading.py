"""Grade one submission: the composition root of the pure parts and the sandbox.

A unit's public questions come first, and whatever is asked about them; the private ones after. Nothing that a
student reads is made after a private input entered a process of theirs, and of what comes back for those nothing is
kept but right or wrong (`scoring.merge`).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from grader import loading, scoring
from grader.checks.kinds import KINDS
from grader.exercises import Exercise
from grader.model import Outcome, Result, Submission
from grader.planning import Plan, Unit, digest
from grader.remembered import remembered
from grader.sandbox.supervisor import Supervisor
from grader.session import Budget, Question, Session, question

MOST_KNOWN = 500
"""Sets of answers to a half of an exercise that are remembered with their outcomes. A class has a few dozen."""

Outcomes = dict[str, dict[str, Outcome]]
"""Exercise id -> check name -> outcome."""


class _Asked(msgspec.Struct, frozen=True):
    """One half of an exercise as everyone is asked it, and what answers to that came to, by their digest."""

    exercise: Exercise
    half: Any
    questions: tuple[Question, ...]
    known: dict[bytes, _Known]


class _Known(msgspec.Struct, frozen=True):
    """What some answers came to, what was asked beyond them, and the digest of what came back for that."""

    outcomes: dict[str, Outcome]
    asked: tuple[Question, ...]
    heard: bytes


def same_for_all(plan: Plan, submission: Submission, outcome: Outcome) -> Result:
    """Return a result in which every check came out the same, as of a submission that could not be read."""
    return assembled(plan, submission, {one.id: _all_checks(one, outcome) for one in plan.assignment.exercises})


def assembled(plan: Plan, submission: Submission, outcomes: Outcomes) -> Result:
    """Score outcomes; an exercise at fault is a judge error whatever came out."""
    assignment = plan.assignment
    faults = {id: Outcome("judge error", fault) for id, fault in plan.faults.items()}
    results = tuple(
        scoring.exercise_result(
            one, _all_checks(one, faults[one.id]) if one.id in faults else outcomes[one.id], assignment.weights[one.id]
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
        notes=submission.notes,
        problem=submission.problem,
        attempt=submission.attempt,
    )


class Grader:
    """Grades submissions, one after another, with one supervisor."""

    def __init__(self, plan: Plan, supervisor: Supervisor) -> None:
        self.plan, self._supervisor = plan, supervisor
        self._halves: dict[int, _Asked] = {}
        self._bases: dict[int, bytes] = {}
        self.wall_stopped = False

    def grade(self, submission: Submission) -> Result:
        """Return the submission's result. Raises JudgeError where no worker can be started.

        `wall_stopped` then says whether a wall limit was met, so that the caller may try again alone.
        """
        self.wall_stopped = False
        if submission.problem:
            return same_for_all(self.plan, submission, Outcome("skipped", submission.problem))
        return assembled(self.plan, submission, self._outcomes(submission))

    def _outcomes(self, submission: Submission) -> Outcomes:
        budget = Budget(self._supervisor.box.limits)
        outcomes: Outcomes = {}
        for unit in self.plan.units:
            outcomes.update(self._unit(submission, unit, budget))
        return outcomes

    def _unit(self, submission: Submission, unit: Unit, budget: Budget) -> Outcomes:
        exercises = [one for one in unit.exercises if one.id in self.plan.public and one.id not in self.plan.faults]
        if unit.on_paper:
            return self._paper(submission, exercises)
        if unit.module not in submission.modules:
            absent = Outcome("not attempted", f"{unit.module}.py was not handed in")
            return {one.id: _all_checks(one, absent) for one in exercises}
        best = self._attempt(submission, unit, exercises, budget)
        for variant in unit.variants:
            lost = [one for one in variant.exercises if one in exercises and _points(one, best[one.id]) < one.points]
            for name, outcomes in self._attempt(submission, variant, lost, budget).items():
                exercise = next(one for one in lost if one.id == name)
                best[name] = max(best[name], outcomes, key=lambda found, e=exercise: _points(e, found))  # type: ignore[misc]
        return best

    def _paper(self, submission: Submission, exercises: Sequence[Exercise]) -> Outcomes:
        """Judge what was worked out by hand: there is nothing to run."""
        if submission.unread:
            unread = Outcome("runtime error", "the answers cannot be read", submission.unread)
            return {one.id: _all_checks(one, unread) for one in exercises}
        outcomes: Outcomes = {}
        for one in exercises:
            judge, look_up = KINDS[one.kind].judge, submission.answers.get
            outcomes[one.id] = judge(one, self.plan.public[one.id], look_up)
            if one.id in self.plan.private:
                private = judge(one, self.plan.private[one.id], look_up)
                outcomes[one.id] = _merged(outcomes[one.id], private)
        return outcomes

    def _attempt(self, submission: Submission, unit: Unit, exercises: Sequence[Exercise], budget: Budget) -> Outcomes:
        """Ask a unit's exercises as it is set up: everything public, then everything private."""
        load = loading.load(self.plan.assignment, submission, unit)
        mentioned = loading.names_any(submission, self._supervisor.box.on_mention)
        with Session(self._supervisor, load, budget, mentioned, self._base(submission, unit)) as session:
            outcomes = self._half(session, exercises, self.plan.public)
            kept = [one for one in exercises if one.id in self.plan.private and _anything_accepted(outcomes[one.id])]
            for name, private in self._half(session, kept, self.plan.private).items():
                outcomes[name] = _merged(outcomes[name], private)
            self.wall_stopped |= session.wall_stopped
        return outcomes

    def _half(self, session: Session, exercises: Sequence[Exercise], halves: Mapping[str, Any]) -> Outcomes:
        """Judge one half of some exercises."""
        asked = [self._asked(one, halves[one.id]) for one in exercises]
        session.ask_ahead([question for one in asked for question in one.questions])
        return {one.exercise.id: self._judged(session, one) for one in asked}

    def _asked(self, exercise: Exercise, half: Any) -> _Asked:
        found = self._halves.get(id(half))
        if found is None:
            questions = tuple(map(question, KINDS[exercise.kind].questions(half)))
            found = self._halves[id(half)] = _Asked(exercise, half, questions, {})
        return found

    def _judged(self, session: Session, asked: _Asked) -> dict[str, Outcome]:
        """Judge one exercise, or find that the very same answers have been judged.

        A judge is a function of the answers alone. Where it asked for more, that follows from the first answers: it is
        asked of this worker as well, and if the same comes back, so does the judgement.
        """
        exercise, half, known = asked.exercise, asked.half, asked.known
        answers = session.answers(asked.questions)
        found = None if answers is None else known.get(answers)
        if found is not None and (not found.asked or session.hears(found.asked, found.heard)):
            return found.outcomes
        told = session.ask(lambda call: KINDS[exercise.kind].judge(exercise, half, call))
        outcomes = _alike(_all_checks(exercise, told) if isinstance(told, Outcome) else told)
        if answers is not None and not isinstance(told, Outcome):
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[answers] = _Known(outcomes, tuple(one for one, _ in session.heard), session.heard_digest())
        return outcomes

    def _base(self, submission: Submission, unit: Unit) -> bytes:
        """Return what may be built beforehand: nothing for those who hand in more than the file that is asked."""
        if set(submission.modules) != {unit.module}:
            return b""
        if id(unit) not in self._bases:
            self._bases[id(unit)] = loading.base(self.plan.assignment, unit)
        return self._bases[id(unit)]


def _alike(outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """Return the one record of those outcomes, where all is accepted: right answers differ in their last digits only.

    What is made of them further on is remembered by identity.
    """
    if any(outcome.verdict != "accepted" for outcome in outcomes.values()):
        return outcomes
    return _one_record(tuple((name, outcome.reason, outcome.judged) for name, outcome in outcomes.items()))


@functools.lru_cache(MOST_KNOWN)
def _one_record(accepted: tuple[tuple[str, str, int], ...]) -> dict[str, Outcome]:
    return {name: Outcome("accepted", reason, judged=judged) for name, reason, judged in accepted}


@remembered(MOST_KNOWN)
def _merged(public: dict[str, Outcome], private: dict[str, Outcome]) -> dict[str, Outcome]:
    return {name: scoring.merge(outcome, private[name]) for name, outcome in public.items()}


def _points(exercise: Exercise, outcomes: dict[str, Outcome]) -> Fraction:
    return scoring.total(check.points for check in exercise.checks if outcomes[check.name].verdict == "accepted")


def _all_checks(exercise: Exercise, outcome: Outcome) -> dict[str, Outcome]:
    return {check.name: outcome for check in exercise.checks}


def _anything_accepted(outcomes: dict[str, Outcome]) -> bool:
    return any(outcome.verdict == "accepted" for outcome in outcomes.values())
