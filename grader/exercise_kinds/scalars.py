"""Judge a function that builds a graph out of scalars: its value, and the history that it leaves."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, read_formulas
from grader.assignment.kind import Call, Description, Kind, Needs, Outcomes, Problems
from grader.exercise_kinds import blame, describing, snippets, wording
from grader.exercise_kinds.graph_verdicts import close, through
from grader.exercise_kinds.question_set import QuestionSet
from grader.exercise_kinds.simplest import simplest
from grader.judging import bands
from grader.judging.bands import Judgement
from grader.judging.tolerance import HISTORY, WELL_CONDITIONED
from grader.model import Counterexample, Expected, Input, Outcome
from grader.oracle.inputs import draw
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.building import Step, Steps
from grader.sandbox.probes.graph import GraphReply, GraphRequest, GraphRow
from grader.sandbox.probes.machine import parts_of_a_machine

MOST_INPUTS = 20
"""Each costs a graph; how it is built does not depend on the numbers."""


class ScalarsForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on a function of scalars as its file has it."""

    function: str
    arguments: dict[str, str]
    value: str
    also_accept: tuple[str, ...] = ()
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()


class ScalarsSpec(msgspec.Struct, frozen=True):
    """A function of scalars, and the formula it is to compute."""

    name: str
    formulas: Formulas


Questions = QuestionSet[GraphRequest]


def read(form: ScalarsForm, problems: Problems) -> tuple[ScalarsSpec | None, tuple[str, ...]]:
    """Turn the function's own keys into its record."""
    if not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    formulas = read_formulas(
        problems, form.arguments, form.value, form.also_accept, (), 1, (), form.inputs, form.condition
    )
    return (None, ()) if formulas is None else (ScalarsSpec(form.function, formulas), (form.function,))


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw one half of the inputs. Raises ValueError where the domain has too few."""
    formulas: Formulas = exercise.spec.formulas
    corpus = draw(formulas.domains, formulas.value, min(count, MOST_INPUTS), seed, formulas.inputs if public else ())
    ask = GraphRequest(_graphs(corpus.inputs), "structure", exercise.module, function=exercise.spec.name)
    accepted = tuple(bands.targets(corpus, one) for one in (formulas.value, *formulas.also_accept))
    return QuestionSet(ask, public, corpus, accepted)


BARE = NonNumeric("bare number, not a Scalar")


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return the outcomes of `value`, and of `history`: the derivatives along it, put together, are the exact ones."""
    names = [check.name for check in exercise.checks]
    told: GraphReply = call(half.ask)
    if told.missing is not None:
        return dict.fromkeys(names, blame.of_fault(told.missing, f"loading {exercise.file}"))
    if told.absent or not told.rows:  # whatever the box may say: no rows are no evidence
        return dict.fromkeys(names, Outcome("not attempted", f"{exercise.file} gave no answer"))
    faulty = next((i for i, row in enumerate(told.rows) if row.fault is not None), None)
    if faulty is not None:
        fault = told.rows[faulty].fault
        assert fault is not None
        call_of = _snippet(exercise, half.corpus.inputs[faulty].args) if half.public else ""
        outcomes = _raised(exercise, half, fault, call_of, call)
        return {name: outcomes[name] for name in names}
    outcomes = {"value": _value(exercise, half, told, call), "history": _history(exercise, half, told)}
    return {name: outcomes[name] for name in names}


def _raised(exercise: Exercise, half: Questions, fault: Fault, called: str, call: Call) -> Outcomes:
    """Tell an exception of the function itself from one that comes of going back from what it returns."""
    name = exercise.spec.name
    told: GraphReply = call(msgspec.structs.replace(half.ask, want="values"))
    if told.absent or len(told.rows) < len(half.corpus.inputs) or any(row.fault is not None for row in told.rows):
        return dict.fromkeys(("value", "history"), blame.of_fault(fault, name, called))
    given = [
        row.values[row.output if 0 <= row.output < len(row.values) else -1] if row.values else NonNumeric("None")
        for row in told.rows
    ]
    back = called.replace(f"print({name}(", f"{name}(").removesuffix(")") + ".backward()" if called else ""
    return {
        "value": _value_of(exercise, half, given, call),
        "history": blame.of_fault(fault, f"a backward along the history of what {name} returns", back),
    }


def _value(exercise: Exercise, half: Questions, told: GraphReply, call: Call) -> Outcome:
    return _value_of(exercise, half, [_output(row) for row in told.rows], call)


def _value_of(exercise: Exercise, half: Questions, given: Sequence[float | NonNumeric], call: Call) -> Outcome:
    judgement = bands.values(given, half.accepted)
    if not judgement.misses:
        return Outcome("accepted", judged=len(given))
    bare = all(given[i] == BARE for i in judgement.misses)
    return Outcome(
        "wrong answer",
        f"{exercise.spec.name} does not return a Scalar" if bare else f"the value of {exercise.spec.name} is wrong",
        counterexample=_shown(exercise, half, given, judgement, call) if half.public else None,
        judged=len(given),
    )


def _shown(
    exercise: Exercise, half: Questions, given: Sequence[float | NonNumeric], judgement: Judgement, call: Call
) -> Counterexample:
    spec: ScalarsSpec = exercise.spec
    accepted = [one.formula for one in half.accepted]
    inputs = half.corpus.inputs
    missed = sorted(judgement.misses, key=lambda i: (wording.effort(inputs[i].args), i))

    def wrong(asked: Sequence[Input]) -> list[float | NonNumeric | None]:
        told: GraphReply = call(msgspec.structs.replace(half.ask, graphs=_graphs(asked)))
        values = [_output(row) if row.fault is None else None for row in told.rows]
        return [
            value if value is not None and bands.plainly_wrong_value(one.args, value, accepted) else None
            for one, value in zip(asked, values)
        ]

    found: tuple[Input, float | NonNumeric] | None = simplest(spec.formulas, False, [inputs[i] for i in missed], wrong)
    at, came = found or (inputs[missed[0]], given[missed[0]])
    expected = judgement.against.formula.value(at.args)
    called = _snippet(exercise, at.args)
    return Counterexample(
        args=dict(zip(spec.formulas.arguments, at.args)),
        d_out=None,
        argument="",
        returned=wording.shown(came, expected),
        expected=f"a Scalar of {wording.plain(expected)}" if came == BARE else wording.plain(expected),
        what=spec.name,
        snippet=called.replace("print(", "print(type(") + ")" if came == BARE else called,
    )


def _snippet(exercise: Exercise, args: tuple[float, ...]) -> str:
    name = exercise.spec.name
    start = snippets.imports(exercise.package, ("scalar", "Scalar"), (exercise.module, name))
    return f"{start}; print({name}({', '.join(f'Scalar({wording.plain(x)})' for x in args)}))"


def _graphs(inputs: Sequence[Input]) -> tuple[Steps, ...]:
    return tuple(Steps(tuple(Step(i, "leaf", (), value) for i, value in enumerate(one.args))) for one in inputs)


def _output(row: GraphRow) -> float | NonNumeric:
    return row.values[row.output] if 0 <= row.output < len(row.values) else BARE


def _history(exercise: Exercise, half: Questions, told: GraphReply) -> Outcome:
    spec: ScalarsSpec = exercise.spec
    arity = len(spec.formulas.arguments)
    for row, answer in zip(told.rows, half.corpus.answers):
        found = through(row.seen, row.output, range(arity)) if 0 <= row.output < len(row.seen) else None
        if found is None:
            return Outcome("wrong answer", f"what {spec.name} returns has no history that leads back to its arguments")
        wrong = _first_wrong(found, answer)
        if wrong is not None:
            return Outcome(
                "wrong answer",
                f"along the history of what {spec.name} returns, the derivative by {spec.formulas.arguments[wrong]} is "
                "wrong: build it from the scalars themselves",
                detail=f"it is {found[wrong]:g} and should be {answer.partials[wrong][0]:g}",
            )
    return Outcome("accepted", judged=len(told.rows))


def _first_wrong(found: list[float], answer: Expected) -> int | None:
    largest = max(abs(lo) for lo, _ in answer.partials)
    for i, (got, (lo, _)) in enumerate(zip(found, answer.partials)):
        if not close(got, lo, HISTORY.relative * max(largest, WELL_CONDITIONED)):
            return i
    return None


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which inputs and how closely."""
    return Description(
        {
            "value": "the value of the scalar that comes back, against the formula",
            "history": "the derivatives along the history that it leaves, put together, against the exact ones",
        },
        describing.inputs(exercise.spec.formulas, public, private),
        (
            describing.VALUES,
            describing.within(
                "A derivative along the history", HISTORY, f"the largest of them, at least {WELL_CONDITIONED:g}"
            ),
        ),
    )


KIND = Kind(
    name="scalars",
    form=ScalarsForm,
    checks=("value", "history"),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(ScalarsSpec, Questions),
    describe=describe,
    needs=lambda _: Needs(parts_of_a_machine("scalar_functions")),
    machinery=True,
    sentence="{call} returns {value}, with a history that gives its {derivative}.",
    parameters=True,
)
