"""Judge a `ScalarFunction`: forward's values, backward's gradients, and the contract between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from grader import diagnosis, judging, numerics
from grader.checks import blame, wording
from grader.exercises import Border, Call, Exercise, ExerciseForm, Kind, Outcomes
from grader.formulas import Formulas, MisconceptionForm, read_formulas
from grader.inputs import draw
from grader.judging import Judgement, Targets
from grader.model import Corpus, Counterexample, Estimate, Outcome, Verdict
from grader.sandbox.kinds.function import SCALE, FunctionAsk, FunctionTold, Gradients, Row
from grader.sandbox.protocol import Fault, Odd

CONTRACT_INPUTS = 12
CONTEXT_MODULE = "autodiff"

SavedValues = Literal["tuple", "unwrapped", "either"]


class FunctionForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A function exercise as its file has it."""

    class_: str = msgspec.field(name="class")
    arguments: dict[str, str]
    value: str
    also_accept: tuple[str, ...] = ()
    misconceptions: tuple[MisconceptionForm, ...] = ()
    numeric_derivative: Literal["accept", "refuse"] = "accept"
    saved_values: SavedValues = "either"


class FunctionSpec(msgspec.Struct, frozen=True):
    """A class with forward and backward, and the formula it is to compute."""

    name: str
    formulas: Formulas
    numeric_derivative: Literal["accept", "refuse"]
    saved_values: SavedValues


def read(form: FunctionForm, border: Border) -> tuple[FunctionSpec | None, tuple[str, ...]]:
    """Turn the function's own keys into its record."""
    if not form.class_.isidentifier():
        border.problem("class", f"class {form.class_!r} should be a Python name")
    formulas = read_formulas(
        border, form.arguments, form.value, form.also_accept, form.misconceptions, len(form.arguments), ("d_out",)
    )
    if formulas is None:
        return None, ()
    return FunctionSpec(form.class_, formulas, form.numeric_derivative, form.saved_values), (form.class_,)


class Half(msgspec.Struct, frozen=True):
    """The public or the private inputs of an exercise, with what each accepted formula expects there."""

    corpus: Corpus
    accepted: tuple[Targets, ...]
    public: bool


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Half:
    """Draw one half of the inputs and work out the answers. Raises ValueError where the domain has too few."""
    formulas: Formulas = exercise.spec.formulas
    corpus = draw(formulas.domains, formulas.value, count, seed)
    accepted = [judging.targets(corpus)]
    for formula in formulas.also_accept:
        answers = tuple(formula.answer(one.args) for one in corpus.inputs)
        accepted.append(judging.targets(Corpus(corpus.inputs, answers)))
    return Half(corpus, tuple(accepted), public)


def judge(exercise: Exercise, half: Half, call: Call) -> Outcomes:
    """Return an outcome for every check of the exercise on this half."""
    styles = {"tuple": (False,), "unwrapped": (True,), "either": (False, True)}[exercise.spec.saved_values]
    tried: list[Outcomes] = []
    for unwrap in styles:
        tried.append(_judge_style(exercise, half, call, unwrap))
        if _strangeness(tried[-1]) == 0:
            break
    return min(tried, key=_strangeness)


def _strangeness(outcomes: Outcomes) -> int:
    """Order two readings of `ctx.saved_values`: the one that the student must have meant comes first."""
    outcome = outcomes.get("backward", Outcome("accepted"))
    if outcome.verdict in ("accepted", "not attempted", "skipped"):
        return 0
    if outcome.diagnosis:
        return 1
    shown = outcome.counterexample is not None and outcome.counterexample.returned[-1:].isdigit()
    return 2 if shown else 3


def _judge_style(exercise: Exercise, half: Half, call: Call, unwrap: bool) -> Outcomes:
    wanted = {check.name for check in exercise.checks}
    ask = _ask(exercise, half, "contract" in wanted, bool(wanted - {"forward"}), unwrap)
    told = call(ask)
    if told.absent:
        return dict.fromkeys(wanted, _absent(exercise, told))
    outcomes = {"forward": _forward(exercise, half, told.rows)}
    if ask.backward:
        outcomes["backward"] = _backward(exercise, half, told.rows, _Estimates(exercise, call))
        outcomes["contract"] = _contract(half, told, outcomes["backward"])
    return {name: outcome for name, outcome in outcomes.items() if name in wanted}


def _ask(exercise: Exercise, half: Half, contract: bool, backward: bool, unwrap: bool) -> FunctionAsk:
    return FunctionAsk(
        module=exercise.module,
        name=exercise.spec.name,
        context_module=CONTEXT_MODULE,
        arity=len(exercise.spec.formulas.arguments),
        inputs=tuple((one.args, one.d_out) for one in half.corpus.inputs),
        backward=backward,
        contract=min(CONTRACT_INPUTS, len(half.corpus.inputs)) if contract else 0,
        unwrap=unwrap,
    )


def _absent(exercise: Exercise, told: FunctionTold) -> Outcome:
    if told.missing is not None:
        return blame.of_fault(told.missing, f"loading {exercise.module}.py")
    return Outcome("not attempted", f"there is no {exercise.spec.name} in {exercise.module}.py")


class _Estimates:
    """Central differences of the student's own forward, asked for only when something missed."""

    def __init__(self, exercise: Exercise, call: Call) -> None:
        self._ask = FunctionAsk(
            exercise.module,
            exercise.spec.name,
            CONTEXT_MODULE,
            len(exercise.spec.formulas.arguments),
            (),
            backward=False,
        )
        self._call = call

    def certify(self, point: tuple[float, ...], argument: int, claimed: float) -> Estimate:
        return numerics.certify(self._values, point, argument, claimed)

    def shown(self, point: tuple[float, ...], argument: int, d_out: float) -> str:
        """Return d_out times the estimate as a student reads it, or nothing where there is none."""
        found = numerics.central_difference(self._values, point, argument)
        return "" if found is None else f"{d_out * found[0]:.6f} ± {abs(d_out) * found[1]:.0e}"

    def _values(self, points: Sequence[tuple[float, ...]]) -> list[float | None]:
        told = self._call(msgspec.structs.replace(self._ask, inputs=tuple((point, 1.0) for point in points)))
        values = [row.forward if isinstance(row.forward, float) else None for row in told.rows]
        return values + [None] * (len(points) - len(values))


def _forward(exercise: Exercise, half: Half, rows: Sequence[Row]) -> Outcome:
    judgement = judging.forward(rows, half.accepted)
    count = len(half.corpus.inputs)
    if not judgement.misses:
        return Outcome("accepted", judged=count)
    fault = next((row.forward for row in rows if isinstance(row.forward, Fault)), None)
    if fault is not None:
        return blame.of_fault(fault, f"{exercise.spec.name}.forward")
    if not half.public:
        return _hidden(count)
    chosen = _simplest(half, judgement)
    one, row = half.corpus.inputs[chosen], rows[chosen]
    return Outcome(
        "wrong answer",
        f"the value of {exercise.spec.name} is wrong",
        Counterexample(
            dict(zip(exercise.spec.formulas.arguments, one.args)),
            None,
            "",
            wording.shown(row.forward),
            wording.plain(half.corpus.answers[chosen].value),
            "",
            _snippet(exercise, one.args, None),
        ),
        diagnosis.values(exercise.spec.formulas, half.corpus, rows),
        judged=count,
    )


def _backward(exercise: Exercise, half: Half, rows: Sequence[Row], estimates: _Estimates) -> Outcome:
    unasked = next((row.forward for row in rows if isinstance(row.forward, Fault)), None)
    if unasked is not None:
        if unasked.kind == "not implemented":
            return Outcome("not attempted", f"{exercise.spec.name}.forward is not written yet, and backward needs it")
        return Outcome("skipped", f"{exercise.spec.name}.forward failed, so backward could not be asked")
    fault = next((row.backward for row in rows if isinstance(row.backward, Fault)), None)
    if fault is not None:
        return blame.of_fault(fault, f"{exercise.spec.name}.backward")
    count = len(half.corpus.inputs)
    judgement = judging.backward(rows, half.corpus, half.accepted, exercise.spec.numeric_derivative, estimates.certify)
    if not judgement.misses:
        return Outcome("accepted", judgement.note, judged=count)
    if not half.public:
        return _hidden(count)
    return _wrong_gradient(exercise, half, rows, judgement, estimates)


def _wrong_gradient(
    exercise: Exercise, half: Half, rows: Sequence[Row], judgement: Judgement, estimates: _Estimates
) -> Outcome:
    chosen = _simplest(half, judgement)
    one, got = half.corpus.inputs[chosen], rows[chosen].backward
    bands = half.accepted[0].gradients[chosen]
    argument, returned = _first_off(got, bands)
    lo, hi, _ = bands[argument]
    name = exercise.spec.formulas.arguments[argument] if len(bands) > 1 else ""
    estimate = estimates.shown(one.args, argument, one.d_out) if one.d_out else ""
    return Outcome(
        "wrong answer",
        f"the gradient of {exercise.spec.name} is wrong",
        Counterexample(
            dict(zip(exercise.spec.formulas.arguments, one.args)),
            one.d_out,
            name,
            returned,
            wording.plain(lo) if lo == hi else f"between {wording.plain(lo)} and {wording.plain(hi)}",
            estimate,
            _snippet(exercise, one.args, one.d_out),
        ),
        diagnosis.gradients(exercise.spec.formulas, half.corpus, rows),
        judged=len(half.corpus.inputs),
    )


def _first_off(got: Gradients, bands: Sequence[judging.Band]) -> tuple[int, str]:
    """Return the first argument whose gradient missed, and what came back for it."""
    if not isinstance(got, tuple):
        wanted = "one gradient" if len(bands) == 1 else f"{len(bands)} gradients, one an argument"
        return 0, f"{blame.of_odd(got) if isinstance(got, Odd) else 'nothing'}; backward returns {wanted}"
    index = next(i for i, (one, band) in enumerate(zip(got, bands)) if not judging.within(one, band))
    return index, wording.shown(got[index])


def _contract(half: Half, told: FunctionTold, backward: Outcome) -> Outcome:
    """Judge what every context promises: nothing shared, the same answer twice, linear in d_out.

    A wrong backward promises nothing: without that rule a function that returns a constant would earn this.
    """
    if backward.verdict != "accepted":
        attempted: Verdict = "not attempted" if backward.verdict == "not attempted" else "skipped"
        return Outcome(attempted, "it is judged once backward is right")
    count = min(CONTRACT_INPUTS, len(half.corpus.inputs))
    first = [row.backward for row in told.rows[:count]]
    if judging.same_gradients(first, [row.backward for row in told.repeated]) or len(first) < count:
        return Outcome("wrong answer", "asked the same thing twice, it gives two different answers", judged=count)
    if judging.same_gradients(first, told.interleaved):
        return Outcome(
            "wrong answer",
            "with several forwards before their backwards, the gradients change: backward reads what another "
            "call left behind",
            diagnosis=("values are kept on the class or in a global: keep them in ctx with ctx.save_for_backward",),
            judged=count,
        )
    if judging.scaled_gradients(first, told.scaled, SCALE):
        return Outcome("wrong answer", "backward is not proportional to d_out", judged=count)
    return Outcome("accepted", judged=count)


def _snippet(exercise: Exercise, args: tuple[float, ...], d_out: float | None) -> str:
    """Return the counterexample as something to paste and run."""
    name, given = exercise.spec.name, ", ".join(map(wording.plain, args))
    forward = f"ctx = Context(); {name}.forward(ctx, {given})"
    return forward if d_out is None else f"{forward}; {name}.backward(ctx, {wording.plain(d_out)})"


def _hidden(count: int) -> Outcome:
    return Outcome("wrong answer", "right on every input that is shown, wrong on some that are not", judged=count)


def _simplest(half: Half, judgement: Judgement) -> int:
    """Return the missed row a person would most like to work out by hand."""
    inputs = half.corpus.inputs
    return min(judgement.misses, key=lambda i: (wording.effort((*inputs[i].args, inputs[i].d_out)), i))


KIND = Kind("function", FunctionForm, ("forward", "backward", "contract"), read, prepare, judge, shares=True)
