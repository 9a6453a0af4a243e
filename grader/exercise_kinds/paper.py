"""Judge a derivative worked out by hand: a formula in `answers.yaml`, in the exercise language, never run as Python.

Any algebraic form is right: the formula is held against the exact derivative at the exercise's inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, formula, read_formulas
from grader.assignment.kind import Call, Description, Kind, Outcomes, Problems
from grader.exercise_kinds import describing, quotient, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.exercise_kinds.simplest import simplest
from grader.judging import bands
from grader.judging.bands import Band
from grader.judging.own_forward import NUMERIC
from grader.judging.tolerance import EXACT, PAPER_MATCH_RTOL
from grader.model import Corpus, Counterexample, Diagnosis, Expected, Input, Outcome
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression, ExpressionError, parse
from grader.oracle.inputs import draw

MOST_NAMES = 2
QUOTIENT = "this is a difference quotient of the function, and not its derivative"


class PaperForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise for pencil and paper as its file has it.

    `by` names the argument to differentiate by. `where` defines names that an answer may use besides the arguments.
    `numeric_derivative` says whether a difference quotient will do.
    """

    arguments: dict[str, str]
    value: str
    by: str
    where: dict[str, str] = msgspec.field(default_factory=dict)
    numeric_derivative: Literal["accept", "refuse"] = "accept"
    condition: Condition = ()


Point = tuple[float, ...]
"""The arguments, and behind them what is defined by them."""


class PaperSpec(msgspec.Struct, frozen=True):
    """A formula, which of its derivatives is asked, and what else an answer may name."""

    formulas: Formulas
    by: int
    names: tuple[str, ...]
    definitions: tuple[Expression, ...]
    numeric_derivative: Literal["accept", "refuse"] = "accept"


Questions = QuestionSet[None]


def read(form: PaperForm, problems: Problems) -> tuple[PaperSpec | None, tuple[str, ...]]:
    """Turn the exercise's own keys into its record."""
    arguments = tuple(form.arguments)
    formulas = read_formulas(problems, form.arguments, form.value, (), (), 1, tuple(form.where), (), form.condition)
    if form.by not in arguments:
        problems.add("by", f"by should be one of the arguments, {', '.join(arguments)}, not {form.by!r}")
        return None, ()
    definitions = [formula(problems, f"where.{name}", text, arguments) for name, text in form.where.items()]
    if formulas is None:
        return None, ()
    kept = tuple(one for one in definitions if one is not None)
    names = (*arguments, *form.where)
    return PaperSpec(formulas, arguments.index(form.by), names, kept, form.numeric_derivative), ()


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw one half of the inputs. Raises ValueError where the domain has too few."""
    spec: PaperSpec = exercise.spec
    corpus = draw(spec.formulas.domains, spec.formulas.value, count, seed)
    return QuestionSet(None, public, corpus)


def _band(spec: PaperSpec, answer: Expected) -> Band:
    lo, hi = answer.partials[spec.by]
    slack = EXACT.allowed(max(abs(lo), abs(hi)), max(1.0, abs(answer.value)))
    return max(lo - slack, -bands.LARGEST), min(hi + slack, bands.LARGEST)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return the outcome of the one check there is. `call` looks the exercise's answer up: text, or None."""
    outcome = _outcome(exercise, half, call(exercise.id))
    return {check.name: outcome for check in exercise.checks}


def _outcome(exercise: Exercise, half: Questions, text: str | None) -> Outcome:
    spec: PaperSpec = exercise.spec
    if not (text or "").strip():
        return Outcome("not attempted", f"answers.yaml has no answer for {exercise.id}")
    try:
        expression = parse(str(text), spec.names)
    except ExpressionError as error:
        reason = f"the answer cannot be read as a formula: at column {error.column}, {error.message}"
        return Outcome("wrong answer", reason, str(text)[:200])
    points = [_point(spec, one.args) for one in half.corpus.inputs]
    given = [_value(expression, one) for one in points]
    accepted = [_band(spec, answer) for answer in half.corpus.answers]
    misses = [i for i, (value, band) in enumerate(zip(given, accepted)) if not bands.within(value, band)]
    if _is_quotient(spec, expression, half.corpus, points, given, misses):
        if spec.numeric_derivative == "accept":
            return Outcome("accepted", NUMERIC, judged=len(given))
        return Outcome("wrong answer", QUOTIENT, str(text)[:200], judged=len(given))
    if not misses:
        return Outcome("accepted", judged=len(given))
    missed = sorted((half.corpus.inputs[i] for i in misses), key=lambda one: wording.effort(one.args))
    return Outcome(
        "wrong answer",
        f"this is not the derivative by {spec.formulas.arguments[spec.by]}",
        str(text)[:200],
        _shown(spec, expression, missed) if half.public else None,
        diagnosis=_names(spec, half.corpus, given),
        judged=len(given),
    )


def _is_quotient(
    spec: PaperSpec,
    answer: Expression,
    corpus: Corpus,
    points: Sequence[Point | None],
    given: Sequence[float],
    misses: Sequence[int],
) -> bool:
    """Say whether an answer is a difference quotient, and one that code may return as well."""
    asked = (spec.formulas.value, *spec.definitions)
    if not quotient.is_quotient(answer, asked, [one for one in points if one is not None]):
        return False
    return not misses or quotient.explains(spec.formulas.value, spec.by, corpus, given, misses)


def _shown(spec: PaperSpec, expression: Expression, missed: Sequence[Input]) -> Counterexample:
    def off(asked: Sequence[Input]) -> list[float | None]:
        given = [_at(spec, expression, one.args) for one in asked]
        answers = [spec.formulas.value.answer(one.args) for one in asked]
        return [
            value if bands.plainly_off(value, _band(spec, answer)) else None for value, answer in zip(given, answers)
        ]

    found = simplest(spec.formulas, False, missed, off)
    at = found[0] if found else missed[0]
    returned = found[1] if found else _at(spec, expression, at.args)
    lo, hi = spec.formulas.value.answer(at.args).partials[spec.by]
    return Counterexample(
        args=dict(zip(spec.formulas.arguments, at.args)),
        d_out=None,
        argument="",
        returned=wording.plain(returned) if math.isfinite(returned) else "no number",
        expected=wording.plain(lo) if lo == hi else f"between {wording.plain(lo)} and {wording.plain(hi)}",
        what="formula",
    )


def _at(spec: PaperSpec, expression: Expression, args: tuple[float, ...]) -> float:
    return _value(expression, _point(spec, args))


def _value(expression: Expression, point: Point | None) -> float:
    """Return an answer's value at a point, or NaN for none."""
    try:
        return math.nan if point is None else expression.value(point)
    except Undefined:
        return math.nan


def _point(spec: PaperSpec, args: tuple[float, ...]) -> Point | None:
    """Return the arguments and the names that are defined by them; None where one has no value."""
    try:
        return (*args, *(one.value(args) for one in spec.definitions))
    except Undefined:
        return None


MISTAKES: tuple[tuple[str, Callable[[PaperSpec, Expected], float]], ...] = (
    ("the sign is flipped", lambda spec, one: -one.partials[spec.by][0]),
    ("this is the function itself, not its derivative", lambda _, one: one.value),
    (
        "this is the derivative by another argument",
        lambda spec, one: one.partials[1 - spec.by][0] if len(one.partials) == 2 else math.nan,
    ),
)


def _names(spec: PaperSpec, corpus: Corpus, given: Sequence[float]) -> tuple[Diagnosis, ...]:
    def explains(predicted: Callable[[Expected], float]) -> bool:
        wanted = [predicted(one) for one in corpus.answers]
        return all(abs(got - right) <= PAPER_MATCH_RTOL * abs(right) for got, right in zip(given, wanted))

    found = [text for text, mistake in MISTAKES if explains(lambda one, m=mistake: m(spec, one))]  # type: ignore[misc]
    ratios = [got / one.partials[spec.by][0] for got, one in zip(given, corpus.answers) if one.partials[spec.by][0]]
    if (
        not found
        and ratios
        and f"{ratios[0]:.6g}" != "1"
        and explains(lambda one: ratios[0] * one.partials[spec.by][0])
    ):
        found = [f"it is {ratios[0]:.6g} times what it should be"]
    return tuple(map(Diagnosis, found)) if len(found) <= MOST_NAMES else ()


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which inputs and how closely."""
    return Description(
        {"derivative": "any form that equals the derivative wherever it is defined"},
        describing.inputs(exercise.spec.formulas, public, private),
        (describing.DERIVATIVES, *describing.numeric(exercise.spec.numeric_derivative)),
    )


KIND = Kind(
    name="paper",
    form=PaperForm,
    checks=("derivative",),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(PaperSpec, Questions),
    describe=describe,
    questions=lambda _: (),
    formula=lambda _: "",
    shares=True,
    alone=True,
    on_paper=True,
    sentence="The derivative of {value} by {by}.",
    parameters=True,
)
"""Its formula is not stated: putting it together is part of the work."""
