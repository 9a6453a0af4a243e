"""Judge `central_difference`: a step to each side, by the argument and with the step that were asked for.

With ε on each side (over 2ε) and with ε/2 on each side (over ε) are both right, if it is one of them throughout.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.kind import Call, Description, Kind, Mutation, Outcomes, Problems
from grader.exercise_kinds import blame, describing, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.judging.tolerance import DEFAULT_STEP, GIVEN_STEP
from grader.model import Counterexample, Diagnosis, Outcome
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.difference import FUNCTIONS, Difference, DifferenceReply, DifferenceRequest

DEFAULT_ARG, DEFAULT_EPSILON = 0, 1e-6

CALLS = (
    Difference("cube", (2.0,), None, 0.5),
    Difference("cube", (-1.0,), 0, 0.25),
    Difference("product", (2.0, 3.0), 0, 0.5),
    Difference("product", (2.0, 3.0), 1, 0.5),
    Difference("mixed", (2.0, 3.0, -1.0), 2, 0.125),
    Difference("mixed", (2.0, 3.0, -1.0), 0, 1.0),
    Difference("line", (4.0,), 0, 2.0),
    Difference("cube", (2.0,), None, None),
    Difference("product", (2.0, 3.0), 1, None),
)
TEXTS = {"cube": "x * x * x", "product": "x * y * y", "mixed": "x * x * y + z * z * z", "line": "3 * x + 1"}

Rule = Callable[[Difference], float]


class DifferenceForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on the central difference as its file has it."""

    function: str = "central_difference"


Questions = QuestionSet[DifferenceRequest]


def _moved(one: Difference, by: float) -> float:
    at = one.arg if one.arg is not None else DEFAULT_ARG
    vals = [value + by if i == at else value for i, value in enumerate(one.vals)]
    return FUNCTIONS[one.function](*vals)


def _step(one: Difference) -> float:
    return one.epsilon if one.epsilon is not None else DEFAULT_EPSILON


def _full(one: Difference) -> float:
    e = _step(one)
    return (_moved(one, e) - _moved(one, -e)) / (2 * e)


def _half(one: Difference) -> float:
    e = _step(one)
    return (_moved(one, e / 2) - _moved(one, -e / 2)) / e


def _first_argument(rule: Rule) -> Rule:
    return lambda one: rule(msgspec.structs.replace(one, arg=0))


RIGHT: tuple[Rule, ...] = (_full, _half)
MISTAKES: tuple[tuple[str, Rule], ...] = (
    (
        "it steps forward only: a central difference steps to both sides",
        lambda one: (_moved(one, _step(one)) - _moved(one, 0.0)) / _step(one),
    ),
    (
        "it steps backward only: a central difference steps to both sides",
        lambda one: (_moved(one, 0.0) - _moved(one, -_step(one))) / _step(one),
    ),
    ("the distance between the two points is 2ε, and it divides by ε", lambda one: 2 * _full(one)),
    ("the distance between the two points is ε, and it divides by 2ε", lambda one: _half(one) / 2),
    ("it never divides by the distance between the two points", lambda one: _full(one) * 2 * _step(one)),
    ("the two sides are subtracted the wrong way round", lambda one: -_full(one)),
    ("`arg` is ignored: it always differentiates by the first argument", _first_argument(_full)),
    ("`arg` is ignored: it always differentiates by the first argument", _first_argument(_half)),
    ("`epsilon` is ignored", lambda one: _full(msgspec.structs.replace(one, epsilon=None))),
)


def read(form: DifferenceForm, problems: Problems) -> tuple[str, tuple[str, ...]]:
    """Turn the one key there is into a name."""
    if not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    return form.function, (form.function,)


def prepare(exercise: Exercise, _count: int, seed: str, public: bool) -> Questions:
    """Return the calls above in public, as many drawn ones in private: a list of answers wins nothing."""
    calls = CALLS if public else tuple(_drawn(one, random.Random(f"{seed}:{i}")) for i, one in enumerate(CALLS))
    return QuestionSet(DifferenceRequest(exercise.module, exercise.spec, calls), public)


def _drawn(one: Difference, source: random.Random) -> Difference:
    """Return the same kind of call elsewhere, at numbers that are exact in binary."""
    vals = tuple(source.choice((-1, 1)) * source.randint(2, 40) / 8 for _ in one.vals)
    epsilon = None if one.epsilon is None else 2.0 ** source.randint(-4, 1)
    return Difference(one.function, vals, one.arg, epsilon)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return the outcome of the one check there is."""
    outcome = _outcome(exercise, half.ask.calls, call(half.ask))
    return {check.name: outcome for check in exercise.checks}


def _outcome(exercise: Exercise, calls: Sequence[Difference], told: DifferenceReply) -> Outcome:
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, exercise.spec)
    if gone is not None:
        return gone
    if any(_all(rule, calls, told.values) for rule in RIGHT):
        return Outcome("accepted", judged=len(told.values))
    fault = next((value for value in told.values if isinstance(value, Fault)), None)
    if fault is not None:
        return blame.of_fault(fault, exercise.spec)
    names = tuple(dict.fromkeys(text for text, rule in MISTAKES if _all(rule, calls, told.values)))
    best = max(RIGHT, key=lambda rule: sum(_close(rule, one, value) for one, value in zip(calls, told.values)))
    chosen = next(i for i, (one, value) in enumerate(zip(calls, told.values)) if not _close(best, one, value))
    return Outcome(
        "wrong answer",
        "the difference quotient is wrong",
        counterexample=_shown(exercise.spec, calls[chosen], told.values[chosen]),
        diagnosis=tuple(map(Diagnosis, names)) if len(names) <= 2 else (),
        judged=len(told.values),
    )


def _shown(name: str, one: Difference, value: object) -> Counterexample:
    arguments = "xyz"[: len(one.vals)]
    options = "".join(f", {k}={v!r}" for k, v in (("arg", one.arg), ("epsilon", one.epsilon)) if v is not None)
    given = ", ".join(map(wording.plain, one.vals))
    full, half = wording.plain(_full(one)), wording.plain(_half(one))
    return Counterexample(
        args=dict(zip(arguments, one.vals)),
        d_out=None,
        argument="",
        returned=wording.shown(value, _full(one)),  # type: ignore[arg-type] # a Fault has been told already
        expected=full if full == half else f"{full}, or {half} with half a step to each side",
        what=name,
        snippet=f"{name}(lambda {', '.join(arguments)}: {TEXTS[one.function]}, {given}{options})",
    )


def _all(rule: Rule, calls: Sequence[Difference], values: Sequence[object]) -> bool:
    return all(_close(rule, one, value) for one, value in zip(calls, values))


def _close(rule: Rule, one: Difference, value: object) -> bool:
    tolerance = GIVEN_STEP if one.epsilon is not None else DEFAULT_STEP
    return type(value) is float and abs(value - rule(one)) <= tolerance.allowed(max(1.0, abs(rule(one))))


def describe(_: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which calls and how closely."""
    hidden = len(private.ask.calls) if private else 0
    return Description(
        {"value": "the difference quotient itself: both sides, any argument, any step"},
        (
            f"{len(public.ask.calls)} public calls, the same in every course, and {hidden} private "
            "ones, drawn from the assignment's seed: one, two or three arguments, by any of them, with and without a "
            "step.",
        ),
        (
            describing.within("The quotient", GIVEN_STEP, "its size, at least 1, where a step is given"),
            describing.within("It", DEFAULT_STEP, "its size, at least 1, with the student's default step"),
        ),
    )


KIND = Kind(
    name="difference",
    form=DifferenceForm,
    checks=("value",),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(str, Questions),
    describe=describe,
    mutants=Mutation(constants=True),
    alone=True,
    machinery=True,
    walks=True,
)
