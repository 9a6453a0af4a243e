"""Judge `central_difference`: a step to each side, by the argument and with the step that were asked for.

With ε on each side (over 2ε) and with ε/2 on each side (over ε) are both right, if it is one of them throughout.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.kind import Call, Description, Kind, Mutation, Outcomes, Problems
from grader.diagnosis import difference_mistakes
from grader.diagnosis.difference_mistakes import RIGHT, close
from grader.exercise_kinds import blame, describing, snippets, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.exercise_kinds.quoting import quoted
from grader.judging.tolerance import DEFAULT_STEP, GIVEN_STEP
from grader.model import Counterexample, Outcome
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.difference import Difference, DifferenceReply, DifferenceRequest

CALLS = (
    Difference("cube", (2.0,), None, 0.5),
    Difference("cube", (-1.0,), 0, 0.25),
    Difference("cube", (1.5,), None, 0.25),
    Difference("product", (2.0, 3.0), 0, 0.5),
    Difference("product", (2.0, 3.0), 1, 0.5),
    Difference("product", (-2.0, 3.0), 1, 0.25),
    Difference("mixed", (2.0, 3.0, -1.0), 2, 0.125),
    Difference("mixed", (2.0, 3.0, -1.0), 0, 1.0),
    Difference("line", (4.0,), 0, 2.0),
    Difference("cube", (2.0,), None, None),
    Difference("product", (2.0, 3.0), 1, None),
)
TEXTS = {"cube": "x * x * x", "product": "x * y * y", "mixed": "x * x * y + z * z * z", "line": "3 * x + 1"}


class DifferenceForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on the central difference as its file has it."""

    function: str = "central_difference"


Questions = QuestionSet[DifferenceRequest]


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
    outcome = _outcome(exercise, half, call(half.ask))
    return {check.name: outcome for check in exercise.checks}


def _outcome(exercise: Exercise, half: Questions, told: DifferenceReply) -> Outcome:
    name, calls = exercise.spec, half.ask.calls
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, name)
    if gone is not None:
        return gone
    came = list(zip(calls, told.values))
    raised = [(one, value) for one, value in came if isinstance(value, Fault)]
    answered = [(one, value) for one, value in came if not isinstance(value, Fault)]
    best = max(RIGHT, key=lambda rule: sum(close(rule(one), one, value) for one, value in answered))
    wrong = [(one, value) for one, value in answered if not close(best(one), one, value)]
    if not wrong and not raised:
        return Outcome("accepted", judged=len(came))
    if not wrong:
        return _raised(exercise, half, raised, answered)
    numbers = [(one, value) for one, value in answered if isinstance(value, float)]
    return Outcome(
        "wrong answer",
        "the difference quotient is wrong",
        counterexample=_shown(exercise, *wrong[0]) if half.public else None,
        diagnosis=difference_mistakes.names(numbers) if half.public and len(numbers) == len(answered) else (),
        judged=len(came),
        detail=_besides(raised, answered) if half.public else "",
    )


Raised = Sequence[tuple[Difference, Fault]]
Answered = Sequence[tuple[Difference, float | NonNumeric]]


def _raised(exercise: Exercise, half: Questions, raised: Raised, answered: Answered) -> Outcome:
    """Tell what some calls raised. What is answered is right, but not written for all that it is asked."""
    one, fault = raised[0]
    call = snippet(exercise, one) if half.public else ""
    if not answered:
        return blame.of_fault(fault, exercise.spec, call)
    doing = f"{exercise.spec} is right {_where(answered, raised)}, and {_where(raised, answered)} it"
    if fault.kind == "not implemented":
        place = blame.place(fault.file, fault.line, fault.source)
        return Outcome("runtime error", f"{doing} is not written yet", place=place, call=call)
    return blame.of_fault(fault, doing, call)


def _besides(raised: Raised, answered: Answered) -> str:
    """Say what some calls raised where others were answered wrong; nothing where none did."""
    if not raised:
        return ""
    fault = raised[0][1]
    said = "is not written yet" if fault.kind == "not implemented" else f"raised {quoted(fault.error)}"
    return f"{_where(raised, answered)} it {said}"


COUNTS = ("no", "one", "two", "three")
SIDES: tuple[tuple[str, Callable[[Difference], bool]], ...] = (
    *((f"for {COUNTS[n]} argument{'s' * (n > 1)}", lambda one, n=n: len(one.vals) == n) for n in (1, 2, 3)),
    ("for two or three arguments", lambda one: len(one.vals) > 1),
    ("for one or two arguments", lambda one: len(one.vals) < 3),
    ("where `epsilon` is given", lambda one: one.epsilon is not None),
    ("where no `epsilon` is given", lambda one: one.epsilon is None),
    ("where `arg` is given", lambda one: one.arg is not None),
    ("where no `arg` is given", lambda one: one.arg is None),
    ("by the first argument", lambda one: not one.arg),
    ("by the second argument", lambda one: one.arg == 1),
    ("by the third argument", lambda one: one.arg == 2),
    ("by any argument but the first", lambda one: bool(one.arg)),
)


def _where(these: Sequence[tuple[Difference, object]], others: Sequence[tuple[Difference, object]]) -> str:
    """Say which calls these are, the others apart; by their number where they have nothing in common."""
    for text, holds in SIDES:
        if all(holds(one) for one, _ in these) and not any(holds(one) for one, _ in others):
            return text
    return f"for {len(these)} of {len(these) + len(others)} calls"


def _shown(exercise: Exercise, one: Difference, value: float | NonNumeric) -> Counterexample:
    full, half = (wording.plain(rule(one)) for rule in RIGHT)
    return Counterexample(
        args={**dict(zip("xyz", one.vals)), **({} if one.epsilon is None else {"epsilon": one.epsilon})},
        d_out=None,
        argument="",
        returned=wording.shown(value, RIGHT[0](one)),
        expected=full if full == half else f"{full}, or {half} with half a step to each side",
        what=exercise.spec,
        snippet=snippet(exercise, one),
    )


def snippet(exercise: Exercise, one: Difference) -> str:
    """Return a call to paste and run in a student's folder; it prints what comes back."""
    arguments = ", ".join("xyz"[: len(one.vals)])
    options = "".join(f", {k}={v!r}" for k, v in (("arg", one.arg), ("epsilon", one.epsilon)) if v is not None)
    given = ", ".join(map(repr, one.vals))
    imported = snippets.imports(exercise.package, (exercise.module, exercise.spec))
    return f"{imported}; print({exercise.spec}(lambda {arguments}: {TEXTS[one.function]}, {given}{options}))"


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
