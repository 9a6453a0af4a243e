"""Judge a plain function of plain numbers: mathematical operators and the helpers of backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, MisconceptionForm, read_formulas
from grader.assignment.kind import Call, Description, Kind, Mutation, Outcomes, Problems
from grader.exercise_kinds import blame, claims, describing, snippets, wording
from grader.exercise_kinds.question_set import QuestionSet
from grader.exercise_kinds.simplest import curve, simplest
from grader.judging import bands
from grader.judging.bands import Judgement
from grader.model import Corpus, Counterexample, Input, Outcome
from grader.oracle.inputs import draw
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.values import ValuesReply, ValuesRequest


class ValuesForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on a plain function as its file has it."""

    function: str
    arguments: dict[str, str]
    value: str
    also_accept: tuple[str, ...] = ()
    misconceptions: tuple[MisconceptionForm, ...] = ()
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()


class ValuesSpec(msgspec.Struct, frozen=True):
    """A plain function, and the formula it is to compute."""

    name: str
    formulas: Formulas


Questions = QuestionSet[ValuesRequest]


def read(form: ValuesForm, problems: Problems) -> tuple[ValuesSpec | None, tuple[str, ...]]:
    """Turn the function's own keys into its record."""
    if not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    formulas = read_formulas(
        problems, form.arguments, form.value, form.also_accept, form.misconceptions, 1, (), form.inputs, form.condition
    )
    return (None, ()) if formulas is None else (ValuesSpec(form.function, formulas), (form.function,))


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw one half of the inputs. Raises ValueError where the domain has too few."""
    formulas: Formulas = exercise.spec.formulas
    corpus = draw(formulas.domains, formulas.value, count, seed, formulas.inputs if public else ())
    ask = ValuesRequest(exercise.module, exercise.spec.name, tuple(one.args for one in corpus.inputs))
    accepted = tuple(bands.targets(corpus, one) for one in (formulas.value, *formulas.also_accept))
    return QuestionSet(ask, public, corpus, accepted)


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return the outcome of the one check there is."""
    return {check.name: _outcome(exercise, half, call(half.ask), call) for check in exercise.checks}


def _outcome(exercise: Exercise, half: Questions, told: ValuesReply, call: Call) -> Outcome:
    spec: ValuesSpec = exercise.spec
    gone = blame.of_what_is_not_there(told.missing, told.absent, exercise.module, spec.name)
    if gone is not None:
        return gone
    judgement = bands.values(told.values, half.accepted)
    if not judgement.misses:
        return Outcome("accepted", judged=len(told.values))
    fault = _raised(exercise, half, told)
    answered = [i for i, value in enumerate(told.values) if not isinstance(value, Fault)]
    missed = [i for i in judgement.misses if i in set(answered)]
    if fault is not None and not missed:
        return fault
    says = f"the value of {spec.name} is wrong"
    if not missed or not half.public:
        return Outcome("wrong answer", says, judged=len(told.values))

    def values(inputs: Sequence[Input]) -> Sequence[float | NonNumeric | Fault]:
        again: ValuesReply = call(ValuesRequest(half.ask.module, half.ask.name, tuple(one.args for one in inputs)))
        return again.values

    inputs, answers = half.corpus.inputs, half.corpus.answers
    corpus = Corpus(tuple(inputs[i] for i in answered), tuple(answers[i] for i in answered))
    return Outcome(
        "wrong answer",
        says,
        counterexample=_shown(exercise, half, told, Judgement(tuple(missed), judgement.against), values),
        diagnosis=claims.values(spec.formulas, corpus, [told.values[i] for i in answered], values),
        judged=len(told.values),
        detail=blame.besides(fault),
    )


def _raised(exercise: Exercise, half: Questions, told: ValuesReply) -> Outcome | None:
    """Return the outcome of an exception, on the simplest input that brought one; None where none did."""
    faults = [
        (wording.effort(half.corpus.inputs[i].args), i) for i, one in enumerate(told.values) if type(one) is Fault
    ]
    if not faults:
        return None
    _, first = min(faults)
    fault = told.values[first]
    assert isinstance(fault, Fault)
    return blame.of_fault(fault, exercise.spec.name, _snippet(exercise, half.corpus.inputs[first].args))


Values = Callable[[Sequence[Input]], Sequence[float | NonNumeric | Fault]]


def _shown(
    exercise: Exercise, half: Questions, told: ValuesReply, judgement: Judgement, values: Values
) -> Counterexample:
    spec: ValuesSpec = exercise.spec
    accepted = [one.formula for one in half.accepted]
    missed = sorted(judgement.misses, key=lambda i: (wording.effort(half.corpus.inputs[i].args), i))

    def wrong(inputs: Sequence[Input]) -> list[float | NonNumeric | None]:
        return [
            None if isinstance(value, Fault) or not bands.plainly_wrong_value(one.args, value, accepted) else value
            for one, value in zip(inputs, values(inputs))
        ]

    found: tuple[Input, float | NonNumeric] | None = simplest(
        spec.formulas, False, [half.corpus.inputs[i] for i in missed], wrong
    )
    at = found[0] if found else half.corpus.inputs[missed[0]]
    returned = found[1] if found else told.values[missed[0]]
    return Counterexample(
        args=dict(zip(spec.formulas.arguments, at.args)),
        d_out=None,
        argument="",
        returned=wording.shown(returned, expected := judgement.against.formula.value(at.args)),
        expected=wording.plain(expected),
        what=spec.name,
        snippet=_snippet(exercise, at.args),
        plot=curve(
            spec.formulas,
            at,
            f"value of {spec.name}",
            lambda inputs: [value if isinstance(value, float) else None for value in values(inputs)],
            lambda answer: answer.value,
        ),
    )


def _snippet(exercise: Exercise, args: tuple[float, ...]) -> str:
    name = exercise.spec.name
    start = snippets.imports(exercise.package, (exercise.module, name))
    return f"{start}; print({name}({', '.join(map(wording.plain, args))}))"


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which inputs and how closely."""
    return Description(
        {"value": "the value at every input, against the formula"},
        describing.inputs(exercise.spec.formulas, public, private),
        (describing.VALUES,),
    )


KIND = Kind(
    name="values",
    form=ValuesForm,
    checks=("value",),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(ValuesSpec, Questions),
    describe=describe,
    mutants=Mutation(constants=True, value="value"),
    stand_in="function",
    shares=True,
    sentence="{call} returns {value}.",
    parameters=True,
)
