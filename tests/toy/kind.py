"""Judge a function of one list of numbers: their total. `exercise_kinds/total.py`, once it is added."""

from __future__ import annotations

import random

from grader.sandbox.probes.total import TotalReply, TotalRequest

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.kind import Call, Description, Kind, Mutation, Outcomes, Problems
from grader.exercise_kinds import blame, describing, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.judging.tolerance import EXACT
from grader.model import Counterexample, Outcome
from grader.sandbox.boundary.protocol import Fault


class TotalForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on a total as its file has it."""

    function: str = "total"


Questions = QuestionSet[TotalRequest]


def read(form: TotalForm, problems: Problems) -> tuple[str, tuple[str, ...]]:
    """Turn the one key there is into a name."""
    if not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    return form.function, (form.function,)


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw lists of eighths, which add up exactly."""
    source = random.Random(seed)
    lists = tuple(tuple(source.randint(-80, 80) / 8 for _ in range(i % 5)) for i in range(count))
    return QuestionSet(TotalRequest(exercise.module, exercise.spec, lists), public)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Hold each total to the sum."""
    told: TotalReply = call(half.ask)
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, exercise.spec)
    return {check.name: gone or _outcome(exercise, half, told) for check in exercise.checks}


def _outcome(exercise: Exercise, half: Questions, told: TotalReply) -> Outcome:
    for numbers, got in zip(half.ask.lists, told.totals):
        if isinstance(got, Fault):
            return blame.of_fault(got, exercise.spec)
        wanted = sum(numbers)
        if not (isinstance(got, float) and abs(got - wanted) <= EXACT.allowed(wanted)):
            call_of = f"{exercise.spec}({list(numbers)})"
            shown = Counterexample({}, None, "", wording.shown(got, wanted), wording.plain(wanted), call_of, call_of)
            return Outcome(
                "wrong answer", f"the value of {exercise.spec} is wrong", counterexample=shown if half.public else None
            )
    return Outcome("accepted", judged=len(told.totals))


def describe(_exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which lists and how closely."""
    hidden = len(private.ask.lists) if private else 0
    return Description(
        {"value": "the total of every list"},
        (f"{len(public.ask.lists)} public and {hidden} private lists of up to four numbers, some of none.",),
        (describing.VALUES,),
    )


KIND = Kind(
    name="total",
    form=TotalForm,
    checks=("value",),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(str, Questions),
    describe=describe,
    mutants=Mutation(constants=True),
    shares=True,
)
