"""Check one's own files: every exercise judged as in grading, of one worker that has all of the student's modules.

In grading everything an exercise does not ask for is provided, so that each is judged alone. At a desk nothing is:
there is no solution here to provide. Functions are called with a context of ours, and need nothing else; machinery
runs with the student's own files, and where those are not written yet, an exercise waits for them and says for which.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from grader.errors import JudgeError
from grader.exercise_kinds import quoting, stand_ins
from grader.grading import remarks, scoring
from grader.grading.session import Budget, Session, Workers
from grader.model import ExerciseResult, Outcome, Plot, Result, Submission
from grader.reports import audience
from grader.sandbox.boundary.protocol import NAMELESS, Fault, Load, Module
from grader.sandbox.box import Limits
from grader.sandbox.fresh import Printed, Printing
from grader.selfcheck import own_files
from grader.selfcheck.prepared import AssignmentBundle, DecodedExercise, EncodedExercise, opened
from grader.submissions.entries import NOTEBOOK

Status = Literal["done", "wrong", "not written", "waiting", "ours"]
"""How far an exercise is: right; wrong; still to write; waiting for another part of theirs; not judged, our fault."""


PICTURES_CPU = 2.0
"""CPU seconds for all curves together. They are many questions, and code that is slow for each is waited for."""

ENDED = ("time limit", "memory limit", "output limit", "forbidden")
"""Verdicts of what is not run once more for a picture."""


class Because(msgspec.Struct, frozen=True):
    """Another part of a student's own that fails on its own: the exercise on it by id and title, its name and file."""

    exercise: str
    part: str
    file: str
    title: str


class Checked(msgspec.Struct, frozen=True):
    """One exercise as its student reads it, with what it waits for, and the other parts that it fails because of.

    `needs` is what is not there yet: `Scalar.chain_rule in scalar.py`, or a whole file; of what is `ours`, what this
    machine lacks. `printed` is what their code printed while it was checked. `file` is where theirs is; blank where it
    is not there.
    """

    exercise: ExerciseResult
    status: Status
    needs: str = ""
    because: tuple[Because, ...] = ()
    printed: Printed = Printed()
    file: str = ""


def _noted(session: Session) -> Iterator[str]:
    return map(quoting.unquoted, remarks.sentences(session.remarks))


def _reasons(exercises: Sequence[ExerciseResult]) -> list[str]:
    """Return why what is right was accepted, where that takes a word: each reason once, with what it is about."""
    about: dict[tuple[str, str], list[str]] = {}
    for exercise in exercises:
        for check in exercise.checks:
            if check.outcome.verdict == "accepted" and check.outcome.reason:
                about.setdefault((check.name, check.outcome.reason), []).append(exercise.title)
    return [f"{'; '.join(titles)} ({check}): {reason}" for (check, reason), titles in about.items()]


def undrawn(checked: Checked, what: str, error: Exception) -> str:
    """Return a note on a picture that a fault of the grader's own cost."""
    kind = type(error).__name__
    return f"the {what} of {checked.exercise.title} could not be drawn: grader fault ({kind}); its checks stand"


class SelfWorkers(Workers, Protocol):
    """Where workers come from, and what was printed in them."""

    printing: Printing


class SelfCheck:
    """Checks an assignment's exercises, one after another or again and again. What was opened stays open."""

    def __init__(self, assignment: AssignmentBundle, workers: SelfWorkers) -> None:
        self._assignment, self._workers = assignment, workers
        self._opened: dict[str, DecodedExercise] = {}
        self._below: tuple[Submission | None, dict[str, Checked]] = (None, {})
        self.printing = workers.printing
        self.notes: tuple[str, ...] = ()
        """What was dropped or taken for something else in the last check, or is right for a reason; a sentence each."""

    def check(self, submission: Submission, exercises: Iterable[EncodedExercise]) -> Iterator[Checked]:
        """Yield what becomes of each exercise as it comes. Raises JudgeError where no worker can be started."""
        with self._session(submission) as session:
            done: list[ExerciseResult] = []
            for one in exercises:
                checked = self._checked(session, submission, one)
                done.append(checked.exercise)
                yield checked
                self.notes = tuple(dict.fromkeys((*_noted(session), *_reasons(done))))

    def explained(self, submission: Submission, found: Mapping[str, Checked]) -> dict[str, Checked]:
        """Return what was found with the parts that each wrong exercise fails because of.

        What a wrong exercise runs through and was not checked is checked for this.
        """
        if not any(one.status == "wrong" for one in found.values()):
            return dict(found)
        from grader.selfcheck import causes  # parses the student's files: only where something is wrong

        if self._below[0] is not submission:
            self._below = (submission, {})
        below = self._below[1]
        with self._session(submission) as session:

            def checked(one: EncodedExercise) -> Checked:
                if one.id in found:
                    return found[one.id]
                if one.id not in below:
                    below[one.id] = self._checked(session, submission, one)
                return below[one.id]

            known = causes.Causes(self._assignment, submission, checked)
            sealed = {one.id: one for one in self._assignment.exercises}
            return {id: msgspec.structs.replace(one, because=known.of(sealed[id])) for id, one in found.items()}

    def asked(self, submission: Submission, ask: Any) -> Any:
        """Return the answer to one question about a student's files, or the outcome that its stopping comes to."""
        with self._session(submission) as session:
            return session.ask(lambda call: call(ask))

    def curves(self, submission: Submission, found: Sequence[Checked]) -> tuple[dict[str, tuple[Plot, ...]], list[str]]:
        """Return, by exercise, the curves of what is wrong and can be drawn; and a note for each that a fault cost.

        There are none of what did not come back in time.
        """
        from grader.exercise_kinds import curves  # for a page only

        drawn: dict[str, tuple[Plot, ...]] = {}
        lost: list[str] = []
        with self._session(submission, PICTURES_CPU) as session:
            for one in found:
                outcomes = [check.outcome for check in one.exercise.checks]
                if one.status != "wrong" or any(outcome.verdict in ENDED for outcome in outcomes):
                    continue
                ready = self._opened[one.exercise.id]
                example = next((outcome.counterexample for outcome in outcomes if outcome.counterexample), None)
                try:
                    told = session.ask(functools.partial(curves.curves, ready.exercise, ready.half, example))
                except JudgeError:
                    raise
                except Exception as error:  # a fault of ours costs a picture, and no more
                    lost.append(undrawn(one, "curves", error))
                    continue
                drawn[one.exercise.id] = () if isinstance(told, Outcome) else told
        self.printing.take()  # it was shown under its exercise
        return drawn, lost

    def _session(self, submission: Submission, most: float = math.inf) -> Session:
        facts = self._assignment
        whole = min(facts.submission_cpu, most)
        limits = Limits(exercise_cpu=min(facts.exercise_cpu, most), submission_cpu=whole, output=facts.output)
        return Session(self._workers, _load(facts, submission), Budget(limits), trusting=True)

    def _checked(self, session: Session, submission: Submission, sealed: EncodedExercise) -> Checked:
        if sealed.id not in self._opened:
            self._opened[sealed.id] = _among_own(opened(sealed))
        one = self._opened[sealed.id]
        self.printing.take()
        unwritten: list[Fault] = []
        try:
            outcomes = _outcomes(session, submission, one, unwritten)
        except JudgeError:
            raise
        except Exception as error:  # a fault of ours costs nobody anything, and stops nothing
            outcomes = _all(one, Outcome("judge error", type(error).__name__))
        absent = next((file for fault in unwritten if (file := own_files.absent(fault, submission))), "")
        if absent:
            outcomes = {name: _for_want_of(absent, outcome) for name, outcome in outcomes.items()}
        outcomes = {name: quoting.of_outcome(outcome) for name, outcome in outcomes.items()}
        outcomes = {name: self._meant(outcome, submission) for name, outcome in outcomes.items()}
        if any(path.lower().endswith(NOTEBOOK) for path, _ in submission.modules.values()):
            from grader.selfcheck import in_notebooks  # few submissions hold one

            outcomes = in_notebooks.retold(outcomes, submission, self._assignment.package)
        if any(outcome.verdict == "wrong answer" for outcome in outcomes.values()):
            from grader.grading import places  # parses the student's file

            outcomes = places.placed(one.exercise, one.kind, outcomes, submission.modules)
        scored = scoring.exercise_result(one.exercise, outcomes, sealed.weight)
        shown = _for_student(self._assignment, scored)
        needs = absent or next(
            (text for fault in unwritten if (text := own_files.needed(fault, submission, sealed))), ""
        )
        status = _status(shown, needs)
        waits = needs if status == "waiting" else ""
        file, _ = submission.modules.get(sealed.module, ("", b""))
        return Checked(shown, status, waits, printed=self.printing.take(), file=file)

    def _meant(self, outcome: Outcome, submission: Submission) -> Outcome:
        """Say which name of theirs is near to one that is not there."""
        lacking = own_files.LACKING.fullmatch(outcome.reason)
        if outcome.verdict != "not attempted" or not lacking:
            return outcome
        asked = {name for one in self._assignment.exercises for name in one.under_test}
        near = own_files.instead(lacking[1], lacking[2].replace("/", "."), submission, asked)
        return msgspec.structs.replace(outcome, reason=f"{outcome.reason}; is it your {near}?") if near else outcome


def _outcomes(
    session: Session, submission: Submission, one: DecodedExercise, unwritten: list[Fault]
) -> dict[str, Outcome]:
    judge, exercise = one.kind.judge, one.exercise
    if one.kind.on_paper:
        if submission.unread:
            return _all(one, Outcome("runtime error", "the answers cannot be read", submission.unread))
        return judge(exercise, one.half, submission.answers.get)
    if exercise.module not in submission.modules:
        return _all(one, Outcome("not attempted", f"there is no {exercise.file} here"))

    def judged(call: Callable[[Any], Any]) -> dict[str, Outcome]:
        def noted(ask: Any) -> Any:
            told = call(ask)
            unwritten.extend(_unwritten(told))
            return told

        return judge(exercise, one.half, noted)

    told = session.ask(judged)
    return _all(one, told) if isinstance(told, Outcome) else told


def _for_want_of(file: str, outcome: Outcome) -> Outcome:
    """Say of what could not be asked that a file is not there: it may well be written."""
    return Outcome("not attempted", f"there is no {file} here") if outcome.verdict == "not attempted" else outcome


def _unwritten(told: Any) -> Iterator[Fault]:
    """Yield every fault in an answer that says that something is not written yet."""
    if isinstance(told, Fault):
        if told.kind == "not implemented":
            yield told
    elif isinstance(told, msgspec.Struct):
        for name in told.__struct_fields__:
            yield from _unwritten(getattr(told, name))
    elif type(told) is tuple and told and type(told[0]) is not float:
        for part in told:
            yield from _unwritten(part)


def _status(shown: ExerciseResult, needs: str) -> Status:
    if shown.withheld:
        return "ours"
    verdict = shown.verdict
    if verdict == "accepted":
        return "done"
    if needs and all(one.outcome.verdict in ("accepted", "not attempted", "skipped") for one in shown.checks):
        return "waiting"
    return "not written" if verdict == "not attempted" else "wrong"


def _among_own(one: DecodedExercise) -> DecodedExercise:
    """Return an exercise as it is asked among a student's own files, a function with a context of ours."""
    if not one.exercise.under_test:
        return one
    return msgspec.structs.replace(one, half=one.kind.among_own(one.exercise, one.half, ())[0])


def _load(facts: AssignmentBundle, submission: Submission) -> Load:
    modules = [_module(facts, submission, name) for name in facts.modules]
    modules += [Module(name, path, source) for name, (path, source) in submission.extras.items()]
    given = (*modules, stand_ins.context())
    return Load(
        0,
        facts.package or NAMELESS,
        given,
        facts.allowed,
        facts.output,
        submission.data,
        stubs=facts.stubs,
        real_files=_packages(),
        dialects=facts.dialects,
    )


def _packages() -> tuple[str, ...]:
    """Return where installed packages lie: they may read what they bring, and a student's own files are left alone."""
    return tuple(dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix)))


def _module(facts: AssignmentBundle, submission: Submission, name: str) -> Module:
    if name not in submission.modules:
        return stand_ins.absent(name)
    path, source = submission.modules[name]
    return Module(name, path, source, eager=name in facts.targets, listed=True)


def _all(one: DecodedExercise, outcome: Outcome) -> dict[str, Outcome]:
    return {check.name: outcome for check in one.exercise.checks}


def _for_student(facts: AssignmentBundle, scored: ExerciseResult) -> ExerciseResult:
    whole = Result(1, "", facts.id, "", {}, scored.earned, scored.possible, (scored,))
    return audience.for_student(whole).exercises[0]
