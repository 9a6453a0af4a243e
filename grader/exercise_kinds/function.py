"""Judge a `ScalarFunction`: forward's values, backward's gradients, and the contract between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.forms import near
from grader.assignment.formulas import Condition, Formulas, MisconceptionForm, read_formulas
from grader.assignment.kind import Call, Description, Fresh, Kind, Mutation, Needs, Outcomes, Problems
from grader.exercise_kinds import blame, frames, stand_ins
from grader.exercise_kinds import function_shown as shown
from grader.exercise_kinds.frames import Frame
from grader.exercise_kinds.function_shown import Asker, Missed, Writing
from grader.exercise_kinds.question_set import QuestionSet
from grader.judging import bands
from grader.judging.bands import Judgement
from grader.model import Corpus, Diagnosis, Input, Outcome, Verdict
from grader.oracle.expressions import parse
from grader.oracle.inputs import draw
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.function import Evaluation, FunctionReply, FunctionRequest

CONTRACT_INPUTS = 12
CONTEXT_MODULE = "autodiff"

BARE = (
    "it uses ctx.saved_values without unpacking it: right only if your Context hands a single value back bare; if it "
    "keeps a tuple, take the one value out of it first, as in (saved,) = ctx.saved_values"
)

SavedValues = Literal["tuple", "unwrapped", "either", "unwrapped_first"]

UNWRAP: dict[SavedValues, tuple[bool, ...]] = {
    "tuple": (False,),
    "unwrapped": (True,),
    "either": (False, True),
    "unwrapped_first": (True, False),
}
"""Ways to hand a single saved value back, in the order in which they are tried."""


class FunctionForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A function exercise as its file has it."""

    class_: str = msgspec.field(name="class")
    arguments: dict[str, str]
    value: str
    also_accept: tuple[str, ...] = ()
    misconceptions: tuple[MisconceptionForm, ...] = ()
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()
    without_gradient: tuple[str, ...] = ()
    numeric_derivative: Literal["accept", "refuse"] = "accept"
    saved_values: SavedValues = "either"


class FunctionSpec(msgspec.Struct, frozen=True):
    """A class with forward and backward, and the formula it is to compute."""

    name: str
    formulas: Formulas
    numeric_derivative: Literal["accept", "refuse"]
    saved_values: SavedValues


def read(form: FunctionForm, problems: Problems) -> tuple[FunctionSpec | None, tuple[str, ...]]:
    """Turn the function's own keys into its record."""
    if not form.class_.isidentifier():
        problems.add("class", f"class {form.class_!r} should be a Python name")
    skipped = _without_gradient(form, problems)
    formulas = read_formulas(
        problems,
        form.arguments,
        form.value,
        form.also_accept,
        form.misconceptions,
        len(form.arguments) - len(skipped),
        ("d_out",),
        form.inputs,
        form.condition,
        skipped,
    )
    if formulas is None:
        return None, ()
    formulas = _with_places(formulas)
    return FunctionSpec(form.class_, formulas, form.numeric_derivative, form.saved_values), (form.class_,)


def _without_gradient(form: FunctionForm, problems: Problems) -> tuple[str, ...]:
    """Return the arguments by which no gradient is asked, and tell `problems` of those that are none."""
    known, found = tuple(form.arguments), form.without_gradient
    for i, name in enumerate(found):
        if name not in known or name in found[:i]:
            said = f"{name!r} should be one of the arguments, {', '.join(known)}, named once{near(name, known)}"
            problems.add(f"without_gradient.{i}", said)
    if known and {*known} <= {*found}:
        problems.add("without_gradient", "by one argument at least a gradient is asked; leave that one out")
    good = tuple(name for name in known if name in found)
    return good if len(good) < len(known) else ()


def _with_places(formulas: Formulas) -> Formulas:
    """Return formulas whose mistakes have a gradient for every argument: 0 where none is asked."""
    if not formulas.value.constants:
        return formulas
    none, names = parse("0", (*formulas.arguments, "d_out")), formulas.arguments
    made = []
    for one in formulas.misconceptions:
        given = iter(one.returns)
        returns = tuple(none if name in formulas.value.constants else next(given) for name in names)
        made.append(msgspec.structs.replace(one, returns=returns))
    return msgspec.structs.replace(formulas, misconceptions=tuple(made))


class Questions(QuestionSet[FunctionRequest], frozen=True, kw_only=True):
    """One half's questions; `frame` says what in the question is which."""

    frame: Frame


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw one half of the inputs and work out the answers. Raises ValueError where the domain has too few."""
    formulas: Formulas = exercise.spec.formulas
    corpus = draw(formulas.domains, formulas.value, count, seed, formulas.inputs if public else ())
    accepted = tuple(bands.targets(corpus, one) for one in (formulas.value, *formulas.also_accept))
    frame = _frame(exercise, len(corpus.inputs), seed, public)
    return Questions(_ask(exercise, corpus, frame), public, corpus, accepted, frame=frame)


def _frame(exercise: Exercise, count: int, seed: str, public: bool) -> Frame:
    """The contract is a matter of how, not of which inputs: it is asked once, of the public ones."""
    if not public or "contract" not in {check.name for check in exercise.checks}:
        return frames.plain(count)
    return frames.with_contract(count, min(CONTRACT_INPUTS, count), seed)


def _ask(exercise: Exercise, corpus: Corpus, frame: Frame) -> FunctionRequest:
    wanted = {check.name for check in exercise.checks}
    formulas: Formulas = exercise.spec.formulas
    return FunctionRequest(
        module=exercise.module,
        name=exercise.spec.name,
        context_module=CONTEXT_MODULE,
        arity=len(formulas.arguments),
        inputs=frame.inputs(corpus.inputs),
        backward=bool(wanted - {"forward"}),
        together=frame.run(),
        skipped=tuple(i for i, name in enumerate(formulas.arguments) if name in formulas.value.constants),
    )


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check of the exercise on this half.

    `ctx.saved_values` may be read in two styles; the one with fewer rows amiss is the one the student means. What goes
    wrong in the other is not asked about: its exceptions are of our making.
    """
    tried: list[_Style] = []
    for unwrap in UNWRAP[exercise.spec.saved_values]:
        tried.append(_asked(exercise, half, call, unwrap, brief=bool(tried)))
        if not tried[-1].amiss:
            break
    meant = min(tried, key=lambda one: one.amiss)
    if meant.questions.ask.brief and meant.amiss:
        meant = _asked(exercise, half, call, unwrap=True)
    outcomes = _outcomes(exercise, half, meant)
    return {check.name: outcomes[check.name] for check in exercise.checks}


class _Style(msgspec.Struct, frozen=True):
    """What came back in one style of reading saved values, and how many rows are amiss; a fault counts double.

    `rows` are those of the exercise's own inputs.
    """

    told: FunctionReply
    rows: Sequence[Evaluation]
    questions: Asker
    gradients: Judgement | None
    amiss: int

    def writing(self, exercise: Exercise) -> Writing:
        """Return how calls of the function are written down."""
        return Writing(exercise.package, exercise.module, exercise.spec.name, self.questions.ask.unwrap)


def _asked(exercise: Exercise, half: Questions, call: Call, unwrap: bool, brief: bool = False) -> _Style:
    ask = msgspec.structs.replace(half.ask, unwrap=True, brief=brief) if unwrap else half.ask
    told: FunctionReply = call(ask)
    questions, rows = Asker(ask, call), half.frame.rows(told.rows)
    if told.absent or not ask.backward:
        return _Style(told, rows, questions, None, 0)

    def again(inputs: Sequence[Input]) -> Sequence[Evaluation]:
        moved = msgspec.structs.replace(ask, inputs=half.frame.inputs(inputs))
        fresh: FunctionReply | None = call(Fresh(moved, ask))
        return half.frame.rows(fresh.rows) if fresh and len(fresh.rows) == len(moved.inputs) else ()

    judgement = bands.backward(rows, half.corpus, half.accepted, exercise.spec.numeric_derivative, again)
    amiss = len(judgement.misses) + (len(_faults(rows)) if judgement.misses else 0)
    return _Style(told, rows, questions, judgement, amiss)


def _faults(rows: Sequence[Evaluation]) -> list[Fault]:
    return [fault for row in rows for fault in (row.forward, row.backward) if isinstance(fault, Fault)]


def _outcomes(exercise: Exercise, half: Questions, style: _Style) -> Outcomes:
    if style.told.absent:
        return dict.fromkeys((check.name for check in exercise.checks), _absent(exercise, style.told))
    outcomes = {"forward": _forward(exercise, half, style)}
    if style.gradients is not None:
        outcomes["backward"] = _backward(exercise, half, style, style.gradients)
        outcomes["contract"] = _contract(exercise, half, style, outcomes["backward"])
    return outcomes


def _absent(exercise: Exercise, told: FunctionReply) -> Outcome:
    if told.missing is not None:
        return blame.of_fault(told.missing, f"loading {exercise.file}")
    return Outcome("not attempted", f"there is no {exercise.spec.name} in {exercise.file}")


def _forward(exercise: Exercise, half: Questions, style: _Style) -> Outcome:
    name, rows, count = exercise.spec.name, style.rows, len(half.corpus.inputs)
    judgement = bands.values([row.forward for row in rows], half.accepted)
    if not judgement.misses:
        return Outcome("accepted", judged=count)
    from grader.exercise_kinds import claims  # what is right needs no name

    missed = Missed(style.writing(exercise), exercise.spec.formulas, half.corpus, rows, judgement).where_answered(
        backward=False
    )
    fault = shown.faulty(style.writing(exercise), half.corpus, rows, False, half.public)
    if fault is not None and missed is None:
        return fault
    says = f"the value of {name} is wrong"
    if missed is None or not half.public:
        return Outcome("wrong answer", says, judged=count)
    return Outcome(
        "wrong answer",
        says,
        counterexample=shown.wrong_value(missed, style.questions),
        diagnosis=claims.values(
            missed.formulas,
            missed.corpus,
            [row.forward for row in missed.rows],
            lambda inputs: [row.forward for row in style.questions.rows(inputs, False)],
        ),
        judged=count,
        detail=blame.besides(fault),
    )


def _backward(exercise: Exercise, half: Questions, style: _Style, judgement: Judgement) -> Outcome:
    rows, count = style.rows, len(half.corpus.inputs)
    if not judgement.misses:
        return Outcome("accepted", judgement.note or _style_note(exercise, style), judged=count)
    missed = Missed(style.writing(exercise), exercise.spec.formulas, half.corpus, rows, judgement).where_answered(
        backward=True
    )
    faults = _faults(style.rows)
    if faults and missed is None:
        return _no_gradient(exercise, half, style, faults[0])
    says = _says(exercise, style.rows, judgement)
    if missed is None or not half.public:
        return Outcome("wrong answer", says, judged=count)
    from grader.exercise_kinds import claims

    named = claims.gradients(missed, style.questions)
    first, second = shown.wrong_gradients(missed, style.questions, together=bool(named) and claims.is_of_all(named))
    return Outcome(
        "wrong answer",
        says,
        counterexample=first,
        second=second,
        diagnosis=named,
        judged=count,
        detail=blame.besides(shown.faulty(style.writing(exercise), half.corpus, rows, True, True)),
    )


def _says(exercise: Exercise, rows: Sequence[Evaluation], judgement: Judgement) -> str:
    """Say what is wrong with gradients: that there is not one per argument, that one is None, or just wrong."""
    name, arguments = exercise.spec.name, exercise.spec.formulas.arguments
    came = [rows[i].backward for i in judgement.misses if i < len(rows)]
    off = [one for one in came if isinstance(one, (tuple, NonNumeric))]  # the rest raised, or was not asked
    given = [one for one in off if isinstance(one, tuple)]
    if len(given) < len(off) and len(arguments) > 1:
        return f"{name}.backward does not return one gradient per argument"
    for i, argument in enumerate(arguments):
        if len(arguments) > 1 and given and all(shown.is_none(one[i]) for one in given):
            return f"the gradient of {name} by {argument} is None"
    return f"the gradient of {name} is wrong"


def _style_note(exercise: Exercise, style: _Style) -> str:
    """Say that a backward is right in the lecture's style of reading what was saved alone, where both styles count."""
    return BARE if style.questions.ask.unwrap and exercise.spec.saved_values == "either" else ""


def _no_gradient(exercise: Exercise, half: Questions, style: _Style, first: Fault) -> Outcome:
    name = exercise.spec.name
    in_backward = shown.faulty(style.writing(exercise), half.corpus, style.rows, True, half.public)
    if in_backward is not None and not any(row.forward is first for row in style.rows):
        return in_backward
    if first.kind == "not implemented":
        return Outcome("not attempted", f"{name}.forward is not written yet, and backward needs it")
    return Outcome("skipped", f"{name}.forward failed, so backward could not be asked")


def _contract(exercise: Exercise, half: Questions, style: _Style, backward: Outcome) -> Outcome:
    """Judge what every context promises: nothing shared, the same answer twice, linear in d_out.

    A wrong backward promises nothing: without that rule a function that returns a constant would earn this.
    """
    if backward.verdict != "accepted":
        attempted: Verdict = "not attempted" if backward.verdict == "not attempted" else "skipped"
        return Outcome(attempted, "it is judged once backward is right")
    if not half.public:
        return Outcome("accepted")
    again, scaled, together = ([row.backward for row in rows] for rows in half.frame.contract(style.told.rows))
    count = len(again)
    first = [row.backward for row in style.rows[:count]]
    if bands.same_gradients(first, again):
        return Outcome("wrong answer", "asked the same thing twice, it gives two different answers", judged=count)
    if bands.same_gradients(first, together):
        return Outcome(
            "wrong answer",
            "with several forwards before their backwards, the gradients change: backward reads what another "
            "call left behind",
            diagnosis=(
                Diagnosis(
                    "values are kept on the class or in a global",
                    "The next forward overwrites them; ctx.save_for_backward keeps them for this call alone.",
                ),
            ),
            judged=count,
            call=style.writing(exercise).two_at_once(half.corpus),
        )
    if bands.scaled_gradients(first, scaled, frames.SCALE):
        return Outcome("wrong answer", "backward is not proportional to d_out", judged=count)
    return Outcome("accepted", judged=count)


def among_own(exercise: Exercise, half: Questions, handed: Collection[str]) -> tuple[Questions, ...]:  # noqa: ARG001 - as all kinds
    """Return the half to ask with the plain Context of a self-check, and with the student's own where they have one."""
    plain = msgspec.structs.replace(half.ask, context_module=stand_ins.CONTEXT_MODULE)
    with_plain = msgspec.structs.replace(half, ask=plain)
    return (with_plain, half) if half.ask.context_module in handed else (with_plain,)


def _but(exercise: Exercise) -> str:
    """Say by which arguments no gradient is asked."""
    names = exercise.spec.formulas.value.constants
    return f" but {' and '.join(names)}, for which None, any number or nothing is right" if names else ""


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which inputs and how closely."""
    from grader.exercise_kinds import describing  # for authors

    return Description(
        {
            "forward": "the value at every input, against the formula",
            "backward": f"the exact derivative times d_out, one per argument{_but(exercise)}; d_out is negative, zero, "
            "large and rarely 1. It is held to the formula where the forward is off as well",
            "contract": "the same question twice gives the same answer, contexts share nothing, and backward is "
            "proportional to d_out. Judged once backward is right",
        },
        describing.inputs(exercise.spec.formulas, public, private, sent="d_out"),
        (
            describing.VALUES,
            f"{describing.DERIVATIVES} All of it times d_out.",
            *describing.numeric(exercise.spec.numeric_derivative),
            describing.EPS,
        ),
    )


KIND = Kind(
    name="function",
    form=FunctionForm,
    checks=("forward", "backward", "contract"),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(FunctionSpec, Questions),
    describe=describe,
    mutants=Mutation(constants=True, value="forward", gradient="backward", contract="contract", methods=True),
    about=lambda exercise, check: f"{exercise.spec.name}.{'forward' if check == 'forward' else 'backward'}",
    stand_in="class",
    among_own=among_own,
    needs=lambda _: Needs(((CONTEXT_MODULE, "Context"),), bases=False),
    shares=True,
    sentence="{value} and its {derivative}.",
    parameters=True,
)
