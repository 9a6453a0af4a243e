"""A judge that asks all questions in one frame, and judges the very same answers once.

A judge is a function of the answers alone. Where it asked for more, that follows from the first answers: it is asked of
the next worker as well, and if the same comes back, so does the judgement.

**What it is worth.** Without the memory a class of 250 costs a tenth more CPU, a larger one more: docs/decisions/0019.
**How to remove it:** give `Grader` a plain `Judge`, and `Sessions` a plain `Session`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise
from grader.exercise_kinds.kinds import KINDS
from grader.grading import second_chance
from grader.grading.ahead import AheadSession, FirstLook, NotGiven
from grader.grading.judge import Judge, Outcomes, all_checks
from grader.grading.session import Question, question
from grader.model import Outcome

CODE = 8
"""Hexadecimal digits: among a thousand different answers two are alike once in ten thousand classes."""

LONGEST_KEPT = 1_000
"""Characters of an answer on paper that is remembered: a class of long ones must not fill the memory."""

MOST_BYTES = 20_000
"""Bytes of questions in one frame, of those that are asked of a whole assignment: the work of some 10 ms."""

MOST_KNOWN = 500
"""Sets of answers to a half of an exercise that are remembered with their outcomes. A class has a few dozen."""


class _Asked(msgspec.Struct, frozen=True):
    """One half of an exercise as everyone is asked it, and what answers to that came to, by their digest."""

    half: Any
    questions: tuple[Question, ...]
    known: dict[bytes, _Known]

    def keep(self, answers: bytes, known: _Known) -> None:
        """Remember what some answers came to."""
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[answers] = known


class _Known(msgspec.Struct, frozen=True):
    """What some answers came to, what was asked beyond them, and the digest of what came back for that."""

    outcomes: dict[str, Outcome]
    asked: tuple[Question, ...]
    came: bytes


class QuickJudge(Judge[AheadSession]):
    """Judges as `Judge` does, with less work."""

    def __init__(self) -> None:
        self._halves: dict[int, _Asked] = {}
        self._papers: dict[int, tuple[Any, dict[str | None, dict[str, Outcome]]]] = {}
        self._among_own: dict[tuple[int, frozenset[str]], tuple[Any, Any]] = {}
        self._parts: dict[tuple[int, str], tuple[Any, Any]] = {}
        self._ways: dict[tuple[int, frozenset[str]], Sequence[tuple[Exercise, Any]]] = {}

    def half(self, session: AheadSession, exercises: Sequence[Exercise], halves: Mapping[str, Any]) -> Outcomes:
        """Judge exercises on one half of their questions, all of them put in one frame."""
        asked = [self._asked(one, halves[one.id]) for one in exercises]
        session.ask_ahead([question for one in asked for question in one.questions])
        return super().half(session, exercises, halves)

    def one(self, session: AheadSession, exercise: Exercise, half: Any) -> dict[str, Outcome]:
        """Judge one exercise, or find that the very same answers have been judged."""
        asked = self._asked(exercise, half)
        answers = session.answers(asked.questions)
        found = None if answers is None else asked.known.get(answers)
        if found is not None and (not found.asked or session.answers_alike(found.asked, found.came)):
            return found.outcomes
        told = self._told(session, exercise, half)
        if isinstance(told, Outcome):
            outcomes = _alike(all_checks(exercise, told))
        else:  # the code is the same whether the questions went in one frame or, as in a slow worker, one by one
            outcomes = _alike(_with_codes(told, answers or session.answers_told(asked.questions)))
        if answers is not None and not isinstance(told, Outcome):
            followups = tuple(one for one, _ in session.followups)
            asked.keep(answers, _Known(outcomes, followups, session.followups_digest()))
        return outcomes

    def right_at_first(
        self,
        session: FirstLook,
        exercises: Sequence[Exercise],
        halves: Mapping[str, Any],
        final: Collection[str],
        solution_told: Mapping[str, Mapping[str, Outcome]],
    ) -> Outcomes:
        """Return the exercises that are right by what first comes back. Nothing more is asked of any.

        Every check must be right, those that are worth nothing too: their loss might be another part's. It is no loss
        where the solution is told the same, nor for exercises whose outcomes are `final` here.
        """
        asked = {one.id: self._asked(one, halves[one.id]) for one in exercises}
        for frame in _frames(asked.values()):
            session.ask_ahead(frame)
        found = {one.id: self._at_first(session, one, asked[one.id]) for one in exercises}
        return {
            one.id: told
            for one in exercises
            if (told := found[one.id]) is not None
            and not second_chance.lost(one, told)
            and (one.id in final or _is_right(told, solution_told.get(one.id, {})))
        }

    def _at_first(self, session: FirstLook, exercise: Exercise, asked: _Asked) -> dict[str, Outcome] | None:
        """Judge one exercise; None where more would have to be asked to tell."""
        answers = session.answers(asked.questions)
        found = None if answers is None else asked.known.get(answers)
        if found is not None:
            return None if found.asked else found.outcomes
        try:
            told = KINDS[exercise.kind].judge(exercise, asked.half, session.given)
        except NotGiven:
            return None
        outcomes = _alike(_with_codes(told, answers))
        if answers is not None:
            asked.keep(answers, _Known(outcomes, (), b""))
        return outcomes

    def among_own(self, exercise: Exercise, half: Any, handed: frozenset[str]) -> Any:
        """Return a half to ask among the student's own files with every check: the same record each time."""
        key = (id(half), handed)
        if key not in self._among_own:
            asked = half if exercise.own_files else KINDS[exercise.kind].among_own(exercise, half, handed)[0]
            self._among_own[key] = (half, asked)
        return self._among_own[key][1]

    def may_earn(self, session: AheadSession, exercise: Exercise, half: Any, so_far: Mapping[str, Outcome]) -> bool:
        """Say whether an exercise may earn more in other surroundings: only what it lost is asked there, and judged.

        Where questions are of several checks at once, or nothing ran so far, that is not known without asking all.
        """
        lost = [one.name for one in exercise.checks if one.points and so_far[one.name].verdict != "accepted"]
        ran = any(one.verdict not in second_chance.NOTHING_RAN for one in so_far.values())
        if not ran or not isinstance(half.ask, dict):
            return True
        parts = [self._part(exercise, half, name) for name in lost if name in half.ask]
        asked = [question for one in parts for question in one.questions]
        session.ask_ahead(asked)
        if session.answers(asked) is None:
            return True
        return any(self._would_earn(session, exercise, one) for one in parts)

    def _would_earn(self, session: AheadSession, exercise: Exercise, asked: _Asked) -> bool:
        try:
            outcomes = KINDS[exercise.kind].judge(exercise, asked.half, session.given)
        except NotGiven:
            return False
        return not second_chance.lost(exercise, outcomes)

    def _part(self, exercise: Exercise, half: Any, check: str) -> _Asked:
        """Return one check's questions of a half: the same record each time."""
        key = (id(half), check)
        if key not in self._parts:
            self._parts[key] = (half, msgspec.structs.replace(half, ask={check: half.ask[check]}))
        return self._asked(exercise, self._parts[key][1])

    def on_paper(self, exercise: Exercise, half: Any, text: str | None) -> dict[str, Outcome]:
        """Judge what was worked out by hand, or find that the very same text has been judged."""
        if text is not None and len(text) > LONGEST_KEPT:
            return KINDS[exercise.kind].judge(exercise, half, lambda _: text)
        known = self._papers.setdefault(id(half), (half, {}))[1]
        if text not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[text] = KINDS[exercise.kind].judge(exercise, half, lambda _: text)
        return known[text]

    def ways_among_own(self, exercise: Exercise, half: Any, handed: frozenset[str]) -> Sequence[tuple[Exercise, Any]]:
        """Return the ways to ask one half among the student's own files: the same records each time."""
        key = (id(half), handed)
        if key not in self._ways:
            self._ways[key] = super().ways_among_own(exercise, half, handed)
        return self._ways[key]

    def _asked(self, exercise: Exercise, half: Any) -> _Asked:
        found = self._halves.get(id(half))
        if found is None:
            questions = tuple(map(question, KINDS[exercise.kind].questions(half)))
            found = self._halves[id(half)] = _Asked(half, questions, {})
        return found


def _is_right(outcomes: Mapping[str, Outcome], solution_told: Mapping[str, Outcome]) -> bool:
    """Say whether every check came out right, those that are worth nothing among them, or as for the solution."""
    return all(
        one.verdict == "accepted" or (name in solution_told and _said(one) == _said(solution_told[name]))
        for name, one in outcomes.items()
    )


def _said(outcome: Outcome) -> tuple[object, ...]:
    return outcome.verdict, outcome.reason, outcome.detail, outcome.diagnosis


def _frames(asked: Iterable[_Asked]) -> Iterator[list[Question]]:
    """Put the questions of exercises into frames that are not too large: a slow machine, too, answers each in time."""
    frame: list[Question] = []
    size = 0
    for one in asked:
        for each in one.questions:
            if frame and size + len(each.body) > MOST_BYTES:
                yield frame
                frame, size = [], 0
            frame.append(each)
            size += len(each.body)
    yield frame


def _with_codes(outcomes: dict[str, Outcome], answers: bytes | None) -> dict[str, Outcome]:
    """Return outcomes in which wrong answers that have no name can be told from each other, by all that came back."""
    if answers is None:
        return outcomes
    code = answers.hex()[:CODE]
    return {
        name: msgspec.structs.replace(one, like=code) if one.verdict == "wrong answer" and not one.diagnosis else one
        for name, one in outcomes.items()
    }


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
