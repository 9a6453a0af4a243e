"""Run one expression or exercise of a student's own, step by step, in a worker as a check does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from grader.assignment.exercise import Exercise
from grader.assignment.forms import near
from grader.errors import UsageError
from grader.exercise_kinds import quoting
from grader.exercise_kinds.function import BARE, UNWRAP
from grader.model import Outcome, Submission, Trace, TraceStep
from grader.selfcheck import in_notebooks, trace_asking
from grader.selfcheck.checking import SelfCheck
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise, opened
from grader.selfcheck.trace_asking import Run
from grader.selfcheck.trace_judging import judged

CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(")
"""What an expression calls."""

BUILDING = ("graph", "expression", "arrays")
"""The kinds of exercises that build graphs of a course's variables."""


class What(msgspec.Struct, frozen=True):
    """What is to be traced: an expression or an exercise's id, with what stands for what, and what is sent back.

    Where `d` is not said it is 1, or 10 for a function: 1 would hide that a backward forgot it.
    """

    subject: str
    where: tuple[str, ...] = ()
    at: Mapping[str, float] = {}
    d: float | None = None
    times: int = 1


def run_of(assignment: AssignmentBundle, what: What) -> Run:
    """Return what is to be asked. Raises UsageError."""
    known = {one.id: one for one in assignment.exercises}
    if what.subject in known:
        if what.where:
            raise UsageError("--where defines names of an expression; an exercise has its own formula")
        return trace_asking.of_exercise(_whole(assignment, known[what.subject]), what.at, what.d, what.times)
    alike = near(what.subject, known)
    if what.subject.isidentifier() or (alike and what.subject.replace("-", "_").isidentifier()):
        raise UsageError(f"{what.subject!r} is no expression, and no exercise's id{alike}")
    for called in CALLED.findall(what.subject):
        own = next((one.id for one in assignment.exercises if one.kind == "function" and called in one.under_test), "")
        if own:
            raise UsageError(f"{called}: a function of your own is traced by its exercise, as in `grader trace {own}`")
    run = trace_asking.of_expression(_speaking(assignment), what.subject, what.where, what.at, what.d, what.times)
    return msgspec.structs.replace(run, instead=_instead(assignment))


def traced(checker: SelfCheck, submission: Submission, run: Run) -> Trace:
    """Run it, and return its trace. What stopped the worker, or is not there, is the trace's last step.

    A check accepts two styles of reading saved values where the exercise does. Both are run then; the better is shown.
    """
    tried: list[Trace] = []
    for unwrap in run.unwrap:
        found = _traced(checker, submission, run, unwrap)
        if unwrap and run.unwrap == UNWRAP["either"]:
            found = msgspec.structs.replace(found, notes=(*found.notes, f"Note: {BARE}."))
        tried.append(found)
        if is_right(found):
            break
    return min(tried, key=_amiss)


def is_right(trace: Trace) -> bool:
    """Say whether a run came to its end, and everything in it is right."""
    return _amiss(trace) == (False, False)


def _amiss(trace: Trace) -> tuple[bool, bool]:
    """Return whether a run did not come to its end, and whether something in it is wrong."""
    ended = any(one.kind in ("raised", "stopped") for one in trace.steps)
    return ended, not all(one.right for one in trace.ends) or any(one.wrong for one in trace.steps)


def _traced(checker: SelfCheck, submission: Submission, run: Run, unwrap: bool) -> Trace:
    run = msgspec.structs.replace(run, request=msgspec.structs.replace(run.request, unwrap=unwrap))
    told = checker.asked(submission, run.request)
    if isinstance(told, Outcome):
        return _ended(run, told, submission)
    if told.missing is not None or told.absent:
        from grader.exercise_kinds import blame

        outcome = blame.of_what_is_not_there(
            told.missing, told.absent, told.unloaded or run.request.module, run.request.function
        )
        return _ended(run, outcome or Outcome("not attempted", "it is not there"), submission)
    return judged(run.plan, told, run.sent)


def _ended(run: Run, outcome: Outcome, submission: Submission) -> Trace:
    """Return a trace of nothing but why there is none."""
    outcome = in_notebooks.retold({"": outcome}, submission, "")[""]
    said = ": ".join(quoting.unquoted(one) for one in (outcome.reason, outcome.said) if one)
    said += run.instead if said.startswith("there is no ") else ""
    raised = outcome.verdict in ("runtime error", "not attempted", "forbidden")
    step = TraceStep("raised" if raised else "stopped", said=said, place=quoting.unquoted(outcome.place))
    return Trace(run.plan.title, (), -1, "", (step,), ())


def _speaking(assignment: AssignmentBundle) -> Exercise:
    """Return an exercise through whose dialect expressions are evaluated. Raises UsageError where there is none."""
    for one in sorted(assignment.exercises, key=lambda one: one.kind not in BUILDING):
        exercise = _whole(assignment, one)
        if exercise.dialect is not None and exercise.dialect.mode != "pullback":
            return exercise
    raise UsageError(f"this course has no variables that an expression can be written with{_instead(assignment)}")


def _instead(assignment: AssignmentBundle) -> str:
    known = next((one.id for one in assignment.exercises if one.kind in ("function", "expression")), "")
    return f"; name an exercise instead, as in `grader trace {known}`" if known else ""


def _whole(assignment: AssignmentBundle, sealed: EncodedExercise) -> Exercise:
    one = opened(sealed).exercise
    if one.dialect is None:
        return one
    source = assignment.dialects.get(one.dialect.name, "")
    return msgspec.structs.replace(one, dialect=msgspec.structs.replace(one.dialect, source=source))


def smallest(
    checker: SelfCheck, submission: Submission, sealed: EncodedExercise, found: Sequence[Outcome]
) -> Trace | None:
    """Return the trace of the smallest graph that a check was lost at; None where it cannot be followed."""
    exercise = opened(sealed).exercise
    for outcome in found:
        example = outcome.counterexample
        run = trace_asking.of_picture(exercise, example.picture) if example is not None and example.picture else None
        if run is not None:
            trace = traced(checker, submission, run)
            if trace.nodes:
                return trace
    return None
