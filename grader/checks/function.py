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
    """One half of an exercise's inputs, the question they make, and what each accepted formula expects."""

    corpus: Corpus
    ask: FunctionAsk
    accepted: tuple[Targets, ...]
    public: bool


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Half:
    """Draw one half of the inputs and work out the answers. Raises ValueError where the domain has too few."""
    formulas: Formulas = exercise.spec.formulas
    corpus = draw(formulas.domains, formulas.value, count, seed)
    accepted = tuple(judging.targets(corpus, one) for one in (formulas.value, *formulas.also_accept))
    return Half(corpus, _ask(exercise, corpus, public), accepted, public)


def _ask(exercise: Exercise, corpus: Corpus, public: bool) -> FunctionAsk:
    """Make the question. The contract is a matter of how, not of which inputs: it is asked once, of the public ones."""
    wanted = {check.name for check in exercise.checks}
    return FunctionAsk(
        module=exercise.module,
        name=exercise.spec.name,
        context_module=CONTEXT_MODULE,
        arity=len(exercise.spec.formulas.arguments),
        inputs=tuple((one.args, one.d_out) for one in corpus.inputs),
        backward=bool(wanted - {"forward"}),
        contract=min(CONTRACT_INPUTS, len(corpus.inputs)) if public and "contract" in wanted else 0,
    )


def judge(exercise: Exercise, half: Half, call: Call) -> Outcomes:
    """Return an outcome for every check of the exercise on this half.

    `ctx.saved_values` may be read in two styles; the one with fewer rows amiss is the one the student means.
    """
    styles = {"tuple": (False,), "unwrapped": (True,), "either": (False, True)}[exercise.spec.saved_values]
    tried: list[tuple[int, Outcomes]] = []
    for unwrap in styles:
        tried.append(_judge_style(exercise, half, call, unwrap))
        if tried[-1][0] == 0:
            break
    return min(tried, key=lambda one: one[0])[1]


def _judge_style(exercise: Exercise, half: Half, call: Call, unwrap: bool) -> tuple[int, Outcomes]:
    """Return how many rows of gradients are amiss (a fault counts double), and the outcomes."""
    wanted = {check.name for check in exercise.checks}
    told: FunctionTold = call(msgspec.structs.replace(half.ask, unwrap=True) if unwrap else half.ask)
    if told.absent:
        return 0, dict.fromkeys(wanted, _absent(exercise, told))
    amiss, outcomes = 0, {"forward": _forward(exercise, half, told.rows)}
    if half.ask.backward:
        amiss, outcomes["backward"] = _backward(exercise, half, told.rows, _Estimates(half.ask, call))
        outcomes["contract"] = _contract(half, told, outcomes["backward"])
    return amiss, {name: outcome for name, outcome in outcomes.items() if name in wanted}


def _absent(exercise: Exercise, told: FunctionTold) -> Outcome:
    if told.missing is not None:
        return blame.of_fault(told.missing, f"loading {exercise.module}.py")
    return Outcome("not attempted", f"there is no {exercise.spec.name} in {exercise.module}.py")


class _Estimates:
    """Central differences of the student's own forward, asked for only when something missed."""

    def __init__(self, ask: FunctionAsk, call: Call) -> None:
        self._ask = msgspec.structs.replace(ask, inputs=(), backward=False, contract=0)
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
    name, count = exercise.spec.name, len(half.corpus.inputs)
    judgement = judging.values([row.forward for row in rows], half.accepted)
    if not judgement.misses:
        return Outcome("accepted", judged=count)
    fault = next((row.forward for row in rows if isinstance(row.forward, Fault)), None)
    if fault is not None:
        return blame.of_fault(fault, f"{name}.forward")
    chosen = _simplest(half, judgement)
    return Outcome(
        "wrong answer",
        f"the value of {name} is wrong",
        counterexample=_wrong_value(exercise, half, rows[chosen], judgement, chosen) if half.public else None,
        diagnosis=diagnosis.values(exercise.spec.formulas, half.corpus, [row.forward for row in rows])
        if half.public
        else (),
        judged=count,
    )


def _wrong_value(exercise: Exercise, half: Half, row: Row, judgement: Judgement, chosen: int) -> Counterexample:
    args = half.corpus.inputs[chosen].args
    return Counterexample(
        args=dict(zip(exercise.spec.formulas.arguments, args)),
        d_out=None,
        argument="",
        returned=wording.shown(row.forward),
        expected=wording.plain(judgement.against.formula.value(args)),
        snippet=_snippet(exercise, args, None),
    )


def _backward(exercise: Exercise, half: Half, rows: Sequence[Row], estimates: _Estimates) -> tuple[int, Outcome]:
    name, count = exercise.spec.name, len(half.corpus.inputs)
    judgement = judging.backward(rows, half.corpus, half.accepted, exercise.spec.numeric_derivative, estimates.certify)
    if not judgement.misses:
        return 0, Outcome("accepted", judgement.note, judged=count)
    faults = [fault for row in rows for fault in (row.forward, row.backward) if isinstance(fault, Fault)]
    if faults:
        outcome = _no_gradient(name, faults[0], any(row.forward is faults[0] for row in rows))
        return len(judgement.misses) + len(faults), outcome
    return len(judgement.misses), Outcome(
        "wrong answer",
        f"the gradient of {name} is wrong",
        counterexample=_wrong_gradient(exercise, half, rows, judgement, estimates) if half.public else None,
        diagnosis=diagnosis.gradients(exercise.spec.formulas, half.corpus, rows) if half.public else (),
        judged=count,
    )


def _no_gradient(name: str, fault: Fault, in_forward: bool) -> Outcome:
    if not in_forward:
        return blame.of_fault(fault, f"{name}.backward")
    if fault.kind == "not implemented":
        return Outcome("not attempted", f"{name}.forward is not written yet, and backward needs it")
    return Outcome("skipped", f"{name}.forward failed, so backward could not be asked")


def _wrong_gradient(
    exercise: Exercise, half: Half, rows: Sequence[Row], judgement: Judgement, estimates: _Estimates
) -> Counterexample:
    chosen = _simplest(half, judgement)
    one, bands = half.corpus.inputs[chosen], judgement.against.gradients[chosen]
    argument, returned = _first_off(rows[chosen].backward, bands)
    partials = judgement.against.formula.answer(one.args).partials
    lo, hi = judging.expected(one, partials[argument])
    arguments = exercise.spec.formulas.arguments
    return Counterexample(
        args=dict(zip(arguments, one.args)),
        d_out=one.d_out,
        argument=arguments[argument] if len(bands) > 1 else "",
        returned=returned,
        expected=wording.plain(lo) if lo == hi else f"between {wording.plain(lo)} and {wording.plain(hi)}",
        estimate=estimates.shown(one.args, argument, one.d_out) if one.d_out else "",
        snippet=_snippet(exercise, one.args, one.d_out),
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
    if not half.public:
        return Outcome("accepted")
    count = half.ask.contract
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


def _simplest(half: Half, judgement: Judgement) -> int:
    """Return the missed row a person would most like to work out by hand."""
    inputs = half.corpus.inputs
    return min(judgement.misses, key=lambda i: (wording.effort((*inputs[i].args, inputs[i].d_out)), i))


KIND = Kind("function", FunctionForm, ("forward", "backward", "contract"), read, prepare, judge, shares=True)
