"""Judge an expression on the student's own variables: its value, and the derivatives that come of it.

The variables are made, sent back through and read by the course's dialect. The expression is the formula; where a
function of the student's is named, that function is called with the variables instead, and the formula is not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise, ExerciseForm
from grader.assignment.formulas import Condition, Formulas, MisconceptionForm, read_formulas
from grader.assignment.kind import Call, Description, Fresh, Kind, Mutation, Needs, Outcomes, Problems
from grader.exercise_kinds import blame, claims, describing, frames, speaking, wording
from grader.exercise_kinds import expression_names as names
from grader.exercise_kinds import function_shown as shown
from grader.exercise_kinds.asked_through import in_its_words, interface
from grader.exercise_kinds.frames import Frame
from grader.exercise_kinds.function_shown import Asker, Missed
from grader.exercise_kinds.question_set import QuestionSet
from grader.judging import bands
from grader.judging.bands import Judgement
from grader.judging.tolerance import EXACT
from grader.model import Corpus, Counterexample, Diagnosis, Expected, Input, Outcome, Verdict
from grader.oracle.inputs import draw
from grader.oracle.spelling import Build, Spelled, method_of, spelled
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.expression import ExpressionRequest
from grader.sandbox.probes.function import Evaluation, FunctionReply

CONTRACT_INPUTS = 12
SHARES = (1.0, -0.75, 1.5, 0.5)
"""How much of d is carried along each of the first arguments at once: no two are the same, and no two cancel."""

NOT_LINEAR = "along several arguments at once, the derivative is not the sum of those along each"
MISSING_RETURN = Diagnosis(
    "a `return` is missing", "An operation without one gives None, and nothing can be built on it."
)


class ExpressionForm(ExerciseForm, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exercise on an expression as its file has it.

    `function`: the student's function of variables, or of `(d, …)`, that computes the formula; none where the formula
    itself is evaluated.
    """

    arguments: dict[str, str]
    value: str
    function: str = ""
    build: Build = "as_written"
    also_accept: tuple[str, ...] = ()
    misconceptions: tuple[MisconceptionForm, ...] = ()
    inputs: tuple[dict[str, float], ...] = ()
    condition: Condition = ()
    numeric_derivative: Literal["accept", "refuse"] = "accept"


class ExpressionSpec(msgspec.Struct, frozen=True):
    """An expression, or a function of variables, with the formula that it is to compute."""

    function: str
    formulas: Formulas
    build: Build
    numeric_derivative: Literal["accept", "refuse"]

    @property
    def name(self) -> str:
        """Return what the expression is called: the function, or the formula."""
        return self.function or self.formulas.value.text


class Questions(QuestionSet[ExpressionRequest], frozen=True, kw_only=True):
    """One half's questions; `frame` says what in the question is which."""

    frame: Frame


def read(form: ExpressionForm, problems: Problems) -> tuple[ExpressionSpec | None, tuple[str, ...]]:
    """Turn the expression's own keys into its record."""
    if form.function and not form.function.isidentifier():
        problems.add("function", f"function {form.function!r} should be a Python name")
    if not form.under_test and not form.function:
        problems.add("under_test", "should name what is the student's, as in under_test: [Value]")
    formulas = read_formulas(
        problems,
        form.arguments,
        form.value,
        form.also_accept,
        form.misconceptions,
        len(form.arguments),
        ("d_out",),
        form.inputs,
        form.condition,
    )
    if formulas is None:
        return None, ()
    own = (*formulas.misconceptions, *names.known(formulas))
    formulas = msgspec.structs.replace(formulas, misconceptions=own)
    spec = ExpressionSpec(form.function, formulas, form.build, form.numeric_derivative)
    return spec, (form.function,) if form.function else ()


def prepare(exercise: Exercise, count: int, seed: str, public: bool) -> Questions:
    """Draw one half of the inputs and work out the answers. Raises ValueError where the domain has too few."""
    formulas: Formulas = exercise.spec.formulas
    corpus = draw(formulas.domains, formulas.value, count, seed, formulas.inputs if public else ())
    accepted = tuple(bands.targets(corpus, one) for one in (formulas.value, *formulas.also_accept))
    frame = _frame(exercise, len(corpus.inputs), seed, public)
    return Questions(_ask(exercise, corpus, frame), public, corpus, accepted, frame=frame)


def _frame(exercise: Exercise, count: int, seed: str, public: bool) -> Frame:
    if not public or "contract" not in {check.name for check in exercise.checks}:
        return frames.plain(count)
    return frames.with_contract(count, min(CONTRACT_INPUTS, count), seed)


def _ask(exercise: Exercise, corpus: Corpus, frame: Frame) -> ExpressionRequest:
    dialect, spec = exercise.dialect, exercise.spec
    if dialect is None:
        raise ValueError("it says through which dialect it is asked neither itself nor in the config (`through:`)")
    said = _spelled(exercise, dialect)
    used = () if spec.function else said.called
    return ExpressionRequest(
        module=exercise.module,
        how=interface(exercise, dialect),
        mode=dialect.mode,
        formula="" if spec.function else said.text,
        operations=used,
        needed=tuple(name for name in exercise.under_test if name in dialect.names),
        arity=len(spec.formulas.arguments),
        inputs=frame.inputs(corpus.inputs),
        function=spec.function,
        backward=bool({check.name for check in exercise.checks} - {"value"}),
        together=frame.run(),
    )


def _spelled(exercise: Exercise, dialect: Dialect) -> Spelled:
    return spelled(exercise.spec.formulas.value, exercise.spec.build, tuple(dialect.operations))


def fits(exercise: Exercise, dialect: Dialect) -> str:
    """Return why an exercise cannot be asked through a dialect; blank where it can."""
    asked = {check.name for check in exercise.checks}
    wanted = {"backward": "gradient", "pullback": "gradient", "forward": "tangent"}[dialect.mode]
    other = {"gradient", "tangent"} - {wanted}
    if asked & other:
        return f"through {dialect.name} the check on derivatives is `{wanted}`, not `{other.pop()}`"
    if dialect.mode == "pullback" and not exercise.spec.function:
        return f"through {dialect.name} a `function` of the student's is called: name it"
    if dialect.mode == "pullback" and "value" in asked:
        return f"through {dialect.name} no value is asked: leave the check `value` out"
    if dialect.mode != "pullback" and dialect.mode != "forward" and "leaf" not in dialect.functions:
        return f"{dialect.name} does not say how a variable is made: def leaf(value)"
    used = () if exercise.spec.function else _spelled(exercise, dialect).used
    lacking = [op for op in used if op in dialect.lacking or (op in UNSAID and op not in dialect.operations)]
    if lacking:
        return f"{dialect.name} has no {lacking[0]}; say it in OPERATIONS, or write the formula without"
    return ""


def needs(exercise: Exercise) -> Needs:
    """Return what the dialect takes where this is asked; derivatives are sent back."""
    dialect = exercise.dialect or Dialect("")
    used = () if exercise.spec.function else _spelled(exercise, dialect).used
    return Needs(spoken=dialect.taken(used), walks=True)


UNSAID = ("min", "max", "where")
"""Operations that no variable has of itself: only a dialect's own table has them."""


def judge(exercise: Exercise, half: Questions, call: Call) -> Outcomes:
    """Return an outcome for every check of the exercise on this half."""
    found = _Asked(exercise, half, call)
    asked = [check.name for check in exercise.checks]
    if found.told.absent:
        return dict.fromkeys(asked, found.absent())
    outcomes = {"value": found.value()}
    if half.ask.backward:
        derivative = found.gradient()
        if "tangent" in asked and derivative.verdict == "accepted" and half.ask.arity > 1:
            derivative = found.mixed(derivative)
        outcomes |= {"gradient": derivative, "tangent": derivative, "contract": found.contract(derivative)}
    return in_its_words(exercise, {name: outcomes[name] for name in asked})


class _Asked:
    """An expression that was asked, and what came back; `rows` are those of the exercise's own inputs."""

    def __init__(self, exercise: Exercise, half: Questions, call: Call) -> None:
        self._exercise, self._half, self._call = exercise, half, call
        self._spec: ExpressionSpec = exercise.spec
        self.told: FunctionReply = call(half.ask)
        self._rows: Sequence[Evaluation] = half.frame.rows(self.told.rows)
        self._questions = Asker(half.ask, call)
        self._speaking = speaking.of(exercise, self._spec.name, self._spec.formulas.arguments, self._spec.function)

    def absent(self) -> Outcome:
        """Return the outcome of a name that is not there."""
        exercise, ask = self._exercise, self._half.ask
        if self.told.missing is not None:
            return blame.of_fault(self.told.missing, f"loading {exercise.file}")
        wanted = " or ".join(ask.needed) or ask.function or " or ".join(exercise.under_test) or "such name"
        return Outcome("not attempted", f"there is no {wanted} in {exercise.file}")

    def value(self) -> Outcome:
        """Judge the values."""
        count = len(self._half.corpus.inputs)
        judgement = bands.values([row.forward for row in self._rows], self._half.accepted)
        if not judgement.misses:
            return Outcome("accepted", judged=count)
        missed = self._missed(judgement, backward=False)
        fault = shown.faulty(self._speaking, self._half.corpus, self._rows, False, self._half.public)
        if fault is not None and missed is None:
            return self._with_name(fault, False)
        says = f"the value of {self._spec.name} is wrong"
        if missed is None or not self._half.public:
            return Outcome("wrong answer", says, judged=count)
        named = claims.values(
            missed.formulas,
            missed.corpus,
            [row.forward for row in missed.rows],
            lambda inputs: [row.forward for row in self._questions.rows(inputs, False)],
        )
        if all(shown.is_none(row.forward) for row in missed.rows):
            named = (MISSING_RETURN,)
        example = self._speaking.worded(shown.wrong_value(missed, self._questions))
        return self._wrong(says, example, None, named, count, blame.besides(fault))

    def gradient(self) -> Outcome:
        """Judge the derivatives, one per argument."""
        count, half = len(self._half.corpus.inputs), self._half
        rows = [_none_where_zero(row, answer) for row, answer in zip(self._rows, half.corpus.answers)]
        judgement = bands.backward(rows, half.corpus, half.accepted, self._spec.numeric_derivative, self._again)
        if not judgement.misses:
            return Outcome("accepted", judgement.note, judged=count)
        missed = self._missed(judgement, backward=True)
        raised = next((one for row in rows for one in (row.forward, row.backward) if isinstance(one, Fault)), None)
        if raised is not None and missed is None:
            return self._not_reached(raised)
        says = self._says(judgement)
        if missed is None or not half.public:
            return Outcome("wrong answer", says, judged=count)
        if all(isinstance(row.forward, NonNumeric) for row in missed.rows) and half.ask.mode != "pullback":
            return Outcome(
                "wrong answer",
                says,
                judged=count,
                detail="what comes out is no variable of yours, so it has no derivative",
            )
        missed = msgspec.structs.replace(missed, formulas=self._nameable())
        named = self._of_the_walk(missed) or self._overwritten(missed) or claims.gradients(missed, self._questions)
        together = bool(named) and claims.is_of_all(named)
        first, second = shown.wrong_gradients(missed, self._questions, together=together)
        other = None if second is None else self._speaking.worded(second)
        besides = blame.besides(shown.faulty(self._speaking, half.corpus, rows, True, True))
        return self._wrong(says, self._speaking.worded(first), other, named, count, besides)

    def _nameable(self) -> Formulas:
        """Return the formulas with the mistakes that are looked for in derivatives."""
        formulas = self._spec.formulas
        if not bands.values([row.forward for row in self._rows], self._half.accepted).misses:
            formulas = names.where_values_are_right(formulas)
        return names.carried_along(formulas) if self._half.ask.mode == "forward" else formulas

    def _of_the_walk(self, missed: Missed) -> tuple[Diagnosis, ...]:
        """Name a walk that does not begin, or goes the wrong way: whatever the operation, nothing arrives."""
        if self._half.ask.mode != "backward":
            return ()
        empty = claims.left_by(missed, self._questions, [names.nothing])
        if empty and self._alone("_0", (((3.0,), 1.0),)) == [(0.0,)]:
            return (names.NOT_BEGUN,)
        turned = names.turned_round(self._spec.formulas)
        is_so = claims.left_by(missed, self._questions, [turned])
        if not is_so or not claims.tells_much(missed):
            return ()
        sums = self._alone("_0 + _1", (((3.0, 2.0), 1.0), ((3.0, 2.0), 2.0)))
        return (names.WRONG_WAY,) if sums == [(1.0, 1.0), (0.0, 0.0)] else ()

    def _alone(self, formula: str, inputs: tuple[tuple[tuple[float, ...], float], ...]) -> list[object]:
        """Return what comes of a formula of signs alone, such as `_0 + _1`."""
        alone = msgspec.structs.replace(
            self._half.ask,
            formula=formula,
            operations=(),
            function="",
            arity=len(inputs[0][0]),
            inputs=inputs,
            together=(0, 0),
        )
        told: FunctionReply = self._call(alone)
        return [row.backward for row in told.rows]

    def _overwritten(self, missed: Missed) -> tuple[Diagnosis, ...]:
        """Name a share that is lost where one argument is used more than once; not where an operation loses it."""
        ask, foreseen = self._half.ask, names.overwritten(self._spec.formulas)
        if ask.mode != "backward" or not claims.left_by(missed, self._questions, foreseen):
            return ()
        for sign, slopes in names.signs_of(self._spec.formulas):
            inputs = (((3.0, 2.0), -1.5), ((2.0, 4.0), 2.0))
            right = [tuple(d * slope for slope in slopes(*args)) for args, d in inputs]
            if self._alone(f"_0 {sign} _1", inputs) != right:
                return ()
        return (names.OVERWRITTEN,)

    def mixed(self, derivative: Outcome) -> Outcome:
        """Judge what dual numbers carry along all arguments at once: what is right along each may not add up."""
        half = self._half
        shares = shares_of(half.ask.arity)
        inputs = tuple((one.args, one.d_out) for one in half.corpus.inputs)
        told: FunctionReply = self._call(
            msgspec.structs.replace(half.ask, inputs=inputs, mixed=shares, together=(0, 0))
        )
        for i, (one, answer) in enumerate(zip(half.corpus.inputs, half.corpus.answers)):
            got = told.rows[i].backward if i < len(told.rows) else None
            if isinstance(got, Fault):
                return blame.of_fault(got, self._speaking.doing(True))
            tangent = got[0] if isinstance(got, tuple) else None
            if tangent is None or not _adds_up(tangent, one, answer, shares):
                example = self._along_all(one, answer, shares, tangent) if half.public else None
                return Outcome("wrong answer", NOT_LINEAR, counterexample=example, judged=len(inputs))
        return derivative

    def _along_all(
        self, one: Input, answer: Expected, shares: Sequence[float], got: float | NonNumeric | None
    ) -> Counterexample:
        arguments = self._spec.formulas.arguments
        lo, hi = _sum(one, answer, shares)
        return Counterexample(
            args={
                **dict(zip(arguments, one.args)),
                **{f"d{name}": one.d_out * share for name, share in zip(arguments, shares)},
            },
            d_out=None,
            argument="",
            returned=wording.shown(got, lo),
            expected=wording.plain(lo) if lo == hi else f"between {wording.plain(lo)} and {wording.plain(hi)}",
            what="derivative",
        )

    def contract(self, derivative: Outcome) -> Outcome:
        """Judge that nothing is shared, the same comes twice, and derivatives are proportional to what is sent."""
        if derivative.verdict != "accepted":
            attempted: Verdict = "not attempted" if derivative.verdict == "not attempted" else "skipped"
            return Outcome(attempted, "it is judged once the derivatives are right")
        if not self._half.public:
            return Outcome("accepted")
        again, scaled, together = ([row.backward for row in rows] for rows in self._half.frame.contract(self.told.rows))
        first, count = [row.backward for row in self._rows[: len(again)]], len(again)
        if bands.same_gradients(first, again):
            return Outcome("wrong answer", "worked out twice, it gives two different answers", judged=count)
        if bands.same_gradients(first, together):
            return Outcome(
                "wrong answer",
                "with several expressions built before the first is sent back through, the derivatives change: one "
                "reads what another left behind",
                judged=count,
                call=self._speaking.two_at_once(self._half.corpus),
            )
        if bands.scaled_gradients(first, scaled, frames.SCALE):
            name = self._speaking.dialect.words.sent_name
            return Outcome("wrong answer", f"the derivatives are not proportional to {name}", judged=count)
        return Outcome("accepted", judged=count)

    def _missed(self, judgement: Judgement, backward: bool) -> Missed | None:
        missed = Missed(self._speaking, self._spec.formulas, self._half.corpus, self._rows, judgement)
        return missed.where_answered(backward)

    def _again(self, inputs: Sequence[Input]) -> Sequence[Evaluation]:
        half = self._half
        moved = msgspec.structs.replace(half.ask, inputs=half.frame.inputs(inputs))
        fresh: FunctionReply | None = self._call(Fresh(moved, half.ask))
        return half.frame.rows(fresh.rows) if fresh and len(fresh.rows) == len(moved.inputs) else ()

    def _not_reached(self, raised: Fault) -> Outcome:
        behind = shown.faulty(self._speaking, self._half.corpus, self._rows, True, self._half.public)
        if behind is not None and not any(row.forward is raised for row in self._rows):
            return self._with_name(behind, True)
        if raised.kind == "not implemented":
            return Outcome(
                "not attempted", f"{self._speaking.doing(False)} is not written yet, and derivatives need it"
            )
        return Outcome("skipped", f"{self._speaking.doing(False)} failed, so no derivative could be asked")

    def _with_name(self, outcome: Outcome, backward: bool) -> Outcome:
        """Return the outcome of an exception with the name of the mistake that it shows."""
        raised = (row.backward if backward else row.forward for row in self._rows)
        fault = next((one for one in raised if isinstance(one, Fault)), None)
        named = names.of_fault(fault, self._spec.formulas) if fault else ()
        # a name says what the help for the exception says, in this course's words
        kept = "" if named else outcome.help
        return msgspec.structs.replace(outcome, diagnosis=tuple(map(self._speaking.named, named)), help=kept)

    def _says(self, judgement: Judgement) -> str:
        name, arguments = self._spec.name, self._spec.formulas.arguments
        came = [self._rows[i].backward for i in judgement.misses if i < len(self._rows)]
        given = [one for one in came if isinstance(one, tuple)]
        if self._half.ask.mode == "pullback" and any(isinstance(one, NonNumeric) for one in came):
            return f"{name} does not return one gradient per argument"
        of = f"the gradient that {name} returns" if self._half.ask.mode == "pullback" else f"the derivative of {name}"
        for i, argument in enumerate(arguments):
            if given and all(shown.is_none(one[i]) for one in given):
                return f"{of}{f' by {argument}' * (len(arguments) > 1)} is None"
        return f"{of} is wrong"

    def _wrong(
        self,
        says: str,
        first: Counterexample,
        second: Counterexample | None,
        named: tuple[Diagnosis, ...],
        count: int,
        detail: str,
    ) -> Outcome:
        return Outcome(
            "wrong answer",
            says,
            counterexample=first,
            second=second,
            diagnosis=tuple(map(self._speaking.named, named)),
            judged=count,
            detail=detail,
        )


def shares_of(arity: int) -> tuple[float, ...]:
    """Return one share of d per argument, however many there are.

    >>> shares_of(6)
    (1.0, -0.75, 1.5, 0.5, 2.0, 2.25)
    """
    return (*SHARES, *(2.0 + i / 4 for i in range(arity - len(SHARES))))[:arity]


def _none_where_zero(row: Evaluation, answer: Expected) -> Evaluation:
    """Take None for 0 where the derivative is 0: nothing arrived, and nothing should."""
    if not isinstance(row.backward, tuple) or all(type(one) is float for one in row.backward):
        return row
    filled = tuple(
        0.0 if shown.is_none(one) and lo <= 0.0 <= hi else one for one, (lo, hi) in zip(row.backward, answer.partials)
    )
    return Evaluation(row.forward, filled)


def _sum(one: Input, answer: Expected, shares: Sequence[float]) -> tuple[float, float]:
    """Return what should be carried along all arguments at once: a point, or an interval at a kink."""
    ends = [
        sorted((one.d_out * share * lo, one.d_out * share * hi)) for share, (lo, hi) in zip(shares, answer.partials)
    ]
    return sum(lo for lo, _ in ends), sum(hi for _, hi in ends)


def _adds_up(got: object, one: Input, answer: Expected, shares: Sequence[float]) -> bool:
    """Say whether a tangent is the sum of its parts, as closely as the largest of them allows."""
    lo, hi = _sum(one, answer, shares)
    if type(got) is not float or lo != lo or hi != hi:
        return type(got) is float and got == got
    sizes = [abs(one.d_out * share * end) for share, pair in zip(shares, answer.partials) for end in pair]
    largest = max((size for size in sizes if size < bands.LARGEST), default=0.0)
    slack = EXACT.allowed(largest, abs(one.d_out) * max(1.0, abs(answer.value)))
    return lo - slack <= got <= hi + slack


def describe(exercise: Exercise, public: Questions, private: Questions | None) -> Description:
    """Say what is held, at which inputs and how closely."""
    sent = (exercise.dialect or Dialect("")).words.sent_name
    return Description(
        {
            "value": "the value at every input, against the formula",
            "gradient": f"the exact derivative by each argument, times what is sent back ({sent}): negative, zero, "
            "large and rarely 1",
            "tangent": "what is carried along each argument, and along all of them at once, against the exact one",
            "contract": "the same question twice gives the same answer, expressions share nothing, and derivatives are "
            "proportional to what is sent. Judged once the derivatives are right",
        },
        describing.inputs(exercise.spec.formulas, public, private, sent=sent),
        (
            describing.VALUES,
            f"{describing.DERIVATIVES} All of it times what is sent.",
            *describing.numeric(exercise.spec.numeric_derivative),
            describing.EPS,
        ),
    )


def about(exercise: Exercise, _check: str) -> str:
    """Return the function under test, or the method that computes a formula of one operation; else the class."""
    if exercise.spec.function:
        return str(exercise.spec.function)
    method = method_of(exercise.spec.formulas.value)
    name = exercise.under_test[0] if exercise.under_test else ""
    return f"{name}.{method}" if method and name else name


KIND = Kind(
    name="expression",
    form=ExpressionForm,
    checks=("value", "gradient", "tangent", "contract"),
    read=read,
    prepare=prepare,
    judge=judge,
    records=(ExpressionSpec, Questions),
    describe=describe,
    fits=fits,
    needs=needs,
    mutants=Mutation(constants=True),
    about=about,
    sentence="{value}, and its {derivative}.",
    parameters=True,
    shares=True,
)
