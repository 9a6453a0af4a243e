"""Judge a formula on the student's own arrays: its value, and the vector-Jacobian products that come of it.

The variables are made, sent back through and read by the course's dialect, as for an `expression`. What goes in, comes
out and is sent back are arrays: shapes are judged first, then entries, under random cotangents.
"""

from __future__ import annotations

import msgspec

from grader.assignment.array_shapes import ArrayFormulas, read_array_formulas
from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.kind import Call, Description, Kind, Mutation, Needs, Outcomes, Problems
from grader.exercise_kinds import array_asked, frames
from grader.exercise_kinds.array_asked import ArrayQuestions, ArraysSpec
from grader.exercise_kinds.asked_through import interface
from grader.exercise_kinds.frames import Frame
from grader.judging.array_bands import ArrayTargets
from grader.judging.tolerance import ARRAY_SINGLE, EXACT
from grader.oracle.array_formulas import ArrayFormula
from grader.oracle.array_inputs import A_ROW, COTANGENTS, ArrayCorpus, draw, usable
from grader.oracle.array_spelling import SpelledArray, spelled
from grader.oracle.shapes import shown
from grader.sandbox.probes.arrays import ArraysRequest, RowAsked

CONTRACT_INPUTS = 6


class ArraysForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on arrays as its file has it.

    `shapes`: rows of a shape per argument, and of parameters that the formula names, such as axes. `function`: the
    student's function of variables that computes the formula; none where the formula itself is evaluated.
    """

    arguments: dict[str, str]
    shapes: tuple[dict[str, tuple[int, ...] | int], ...] = ()
    value: str
    function: str = ""
    also_accept: tuple[str, ...] = ()


def read(form: ArraysForm, problems: Problems) -> tuple[ArraysSpec | None, tuple[str, ...]]:
    """Turn the form's own keys into its record."""
    if form.function and not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    if not form.under_test and not form.function:
        problems.add("under_test", "should name what is the student's, as in under_test: [MatMul]")
    formulas = read_array_formulas(problems, form.arguments, form.shapes, form.value, form.also_accept, form.function)
    if formulas is None:
        return None, ()
    return ArraysSpec(form.function, formulas), (form.function,) if form.function else ()


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> ArrayQuestions:
    """Draw one half of the inputs and work out the answers. Raises ValueError where they cannot be drawn."""
    formulas: ArrayFormulas = exercise.spec.formulas
    each = [formulas.in_row(row) for row in range(len(formulas.rows))]
    corpus = draw(each, formulas.domains, count, seed)
    accepted = tuple(_targets(formulas, text, corpus) for text in (formulas.text, *formulas.also_accept))
    frame = _frame(exercise, corpus, seed, public)
    return ArrayQuestions(_ask(exercise, corpus, frame), public, corpus, accepted, frame)


def _targets(formulas: ArrayFormulas, text: str, corpus: ArrayCorpus) -> ArrayTargets:
    expected, shapes = [], []
    for one, answer in zip(corpus.inputs, corpus.answers):
        formula = formulas.in_row(one.row, text)
        expected.append(answer if text == formulas.text else usable(formula, one.args, one.cotangent))
        shapes.append((formula.shape, *(shape for _, shape in formula.arguments)))
    return ArrayTargets(text, tuple(expected), tuple(shapes))


def _frame(exercise: Exercise, corpus: ArrayCorpus, seed: str, public: bool) -> Frame:
    count = len(corpus.inputs)
    if not public or "contract" not in {check.name for check in exercise.checks}:
        return frames.plain(count)
    return frames.with_contract(count, min(CONTRACT_INPUTS, count), seed)


def _ask(exercise: Exercise, corpus: ArrayCorpus, frame: Frame) -> ArraysRequest:
    dialect, spec = exercise.dialect, exercise.spec
    if dialect is None:
        raise ValueError("it says through which dialect it is asked neither itself nor in the config (`through:`)")
    formulas: ArrayFormulas = spec.formulas
    called = () if spec.function else _spelled(formulas, 0, dialect).called
    return ArraysRequest(
        module=exercise.module,
        how=interface(exercise, dialect),
        mode=dialect.mode,
        rows=tuple(row_asked(exercise, dialect, row) for row in range(len(formulas.rows))),
        operations=called,
        needed=tuple(name for name in exercise.under_test if name in dialect.names),
        inputs=array_asked.asked(frame, corpus.inputs),
        function=spec.function,
        backward=bool({check.name for check in exercise.checks} - {"value"}),
        together=frame.run(),
    )


def row_asked(exercise: Exercise, dialect: Dialect, row: int) -> RowAsked:
    """Return a row as the box is given it; a formula whose function is under test is not sent."""
    formulas: ArrayFormulas = exercise.spec.formulas
    function, one = exercise.spec.function, formulas.rows[row]
    return RowAsked(
        formula="" if function else _spelled(formulas, row, dialect).text,
        shapes=one.shapes,
        parameters=tuple(value for _, value in one.parameters) if function else (),
        sent=formulas.in_row(row).shape if dialect.mode == "pullback" else (),
    )


def _spelled(formulas: ArrayFormulas, row: int, dialect: Dialect) -> SpelledArray:
    parameters = dict(formulas.rows[row].parameters)
    return spelled(formulas.text, formulas.arguments, parameters, tuple(dialect.operations))


def needs(exercise: Exercise) -> Needs:
    """Return what the dialect takes where this is asked; gradients are sent back."""
    formulas: ArrayFormulas = exercise.spec.formulas
    used = () if exercise.spec.function else formulas.in_row(0).used
    return Needs(spoken=(exercise.dialect or Dialect("")).taken(used), walks=True)


UNSAID = ("where", "concatenate", "stack", "maximum", "minimum")
"""Operations that no variable has of itself: only a dialect's own table has them."""


def fits(exercise: Exercise, dialect: Dialect) -> str:
    """Return why an exercise cannot be asked through a dialect; blank where it can."""
    asked = {check.name for check in exercise.checks}
    if dialect.mode == "forward":
        return f"{dialect.name} carries derivatives along, and exercises on arrays are sent back through"
    if dialect.mode == "pullback" and not exercise.spec.function:
        return f"through {dialect.name} a `function` of the student's is called: name it"
    if dialect.mode == "pullback" and "value" in asked:
        return f"through {dialect.name} no value is asked: leave the check `value` out"
    if dialect.mode == "backward" and "leaf" not in dialect.functions:
        return f"{dialect.name} does not say how a variable is made: def leaf(value)"
    used = () if exercise.spec.function else exercise.spec.formulas.in_row(0).used
    lacking = [op for op in used if op in dialect.lacking or (op in UNSAID and op not in dialect.operations)]
    return f"{dialect.name} has no {lacking[0]}; say it in OPERATIONS, or write the formula without" if lacking else ""


def judge(exercise: Exercise, half: ArrayQuestions, call: Call) -> Outcomes:
    """Return an outcome for every check of the exercise on this half."""
    return array_asked.judge(exercise, half, call, _rows_of(exercise))


def _rows_of(exercise: Exercise) -> array_asked.RowsOf:
    dialect = exercise.dialect

    def rows(formulas: ArrayFormulas) -> tuple[RowAsked, ...]:
        assert dialect is not None
        other = msgspec.structs.replace(exercise, spec=ArraysSpec(exercise.spec.function, formulas))
        return tuple(row_asked(other, dialect, row) for row in range(len(formulas.rows)))

    return rows


def describe(exercise: Exercise, public: ArrayQuestions, private: ArrayQuestions | None) -> Description:
    """Say what is held, at which inputs and how closely."""
    sent = (exercise.dialect or Dialect("")).words.sent_name
    hidden = len(private.corpus.inputs) if private else 0
    rows = [_row(exercise.spec.formulas, i) for i in range(len(exercise.spec.formulas.rows))]
    return Description(
        {
            "value": "the value's shape, then every entry, against the formula",
            "gradient": f"per argument the gradient's shape, then every entry: the exact vector-Jacobian product with "
            f"random numbers sent back ({sent}), never all ones",
            "contract": "the same question twice gives the same answer, expressions share nothing, gradients are "
            "proportional to what is sent, and no array that is given is changed. Judged once the gradients are right",
        },
        (
            f"shapes: {'; '.join(rows)}",
            f"{len(public.corpus.inputs)} public and {hidden} private inputs, {A_ROW} per row of shapes where there is "
            "room: ordinary entries, equal ones and zeros where the formula has kinks, small and large ones. Entries "
            "are exact in single precision.",
            f"One random cotangent per input: a wrong gradient is hidden by one of {len(COTANGENTS)} numbers at most, "
            f"so all inputs of a row hide it once in {len(COTANGENTS) ** A_ROW / 1e6:.0f} million times.",
        ),
        (
            f"An entry may be off by {EXACT.words('the largest entry')}; in single precision by "
            f"{ARRAY_SINGLE.words('the largest entry')}. It is worked out by dual numbers from the formula, never by "
            "differences. At a kink or between equal entries any slope between the sides is right.",
        ),
    )


def _row(formulas: ArrayFormulas, row: int) -> str:
    one: ArrayFormula = formulas.in_row(row)
    named = [f"{name} {shown(shape)}" for name, shape in one.arguments]
    named += [f"{name} = {value}" for name, value in formulas.rows[row].parameters]
    return ", ".join(named)


def about(exercise: Exercise, _check: str) -> str:
    """Return the function under test, or what else is under test first."""
    if exercise.spec.function:
        return str(exercise.spec.function)
    return exercise.under_test[0] if exercise.under_test else ""


def formula(exercise: Exercise) -> str:
    """Return the formula."""
    return str(exercise.spec.formulas.text)


KIND = Kind(
    name="arrays",
    form=ArraysForm,
    checks=("value", "gradient", "contract"),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(ArraysSpec, ArrayQuestions),
    describe=describe,
    formula=formula,
    fits=fits,
    needs=needs,
    mutants=Mutation(constants=True),
    about=about,
    together=True,
    sentence="{value}, and how gradients go back through it.",
    imports=("numpy",),
)
