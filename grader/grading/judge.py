"""Judge exercises by what a session's worker answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from grader.assignment.exercise import Exercise
from grader.exercise_kinds.kinds import KINDS
from grader.grading import second_chance
from grader.grading.session import Session
from grader.model import Outcome

Outcomes = dict[str, dict[str, Outcome]]
"""Exercise id -> check name -> outcome."""

S = TypeVar("S", bound=Session)


class Judge(Generic[S]):
    """Asks one half of some exercises, public or private, and judges what comes back."""

    def half(self, session: S, exercises: Sequence[Exercise], halves: Mapping[str, Any]) -> Outcomes:
        """Judge exercises on one half of their questions; `halves` has each exercise's by its id."""
        return {one.id: self.one(session, one, halves[one.id]) for one in exercises}

    def one(self, session: S, exercise: Exercise, half: Any) -> dict[str, Outcome]:
        """Judge one exercise. What its worker's stopping comes to is the outcome of all its checks."""
        told = self._told(session, exercise, half)
        return all_checks(exercise, told) if isinstance(told, Outcome) else told

    def ways_among_own(self, exercise: Exercise, half: Any, handed: frozenset[str]) -> Sequence[tuple[Exercise, Any]]:
        """Return the ways to ask one half among the student's own files: the exercise as asked there, and the half."""
        asked = second_chance.among_own(exercise)
        return [(asked, one) for one in KINDS[exercise.kind].among_own(asked, half, handed)]

    def _told(self, session: S, exercise: Exercise, half: Any) -> dict[str, Outcome] | Outcome:
        """Judge an exercise; where its worker stopped, find out whether only a check on growth made it stop."""

        def judged(part: Exercise) -> dict[str, Outcome] | Outcome:
            return session.ask(lambda call: KINDS[exercise.kind].judge(part, half, call))

        told = judged(exercise)
        rest, growth = second_chance.apart(exercise)
        if not isinstance(told, Outcome) or not growth or not rest.checks or session.unloadable:
            return told
        again = judged(rest)
        if isinstance(again, Outcome):
            return told
        for one in growth:
            found = judged(one)
            again = {**again, **(all_checks(one, found) if isinstance(found, Outcome) else found)}
        return again


def all_checks(exercise: Exercise, outcome: Outcome) -> dict[str, Outcome]:
    """Return one outcome for every check of an exercise."""
    return {check.name: outcome for check in exercise.checks}
