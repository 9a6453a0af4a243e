"""What a student is shown of a wrong `ScalarFunction`: the simplest input, what came back, why, and the curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from grader.assignment.formulas import Formulas
from grader.exercise_kinds import blame, snippets, wording
from grader.exercise_kinds.frames import UNASKED
from grader.exercise_kinds.simplest import curve, simplest
from grader.judging import bands
from grader.judging.bands import Judgement
from grader.model import Corpus, Counterexample, Expected, Input, Outcome, Plot, Slope
from grader.oracle import finite_difference
from grader.oracle.expressions import Expression
from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.function import Evaluation, FunctionReply, Gradients, context

STEPS = (0.1, 0.01, 0.001)


class Written(Protocol):
    """How a call is written down for a student."""

    @property
    def name(self) -> str:
        """Return what is called."""

    def snippet(self, args: tuple[float, ...], d_out: float | None) -> str:
        """Return the call, with what is sent back where there is a d_out, to paste and run."""

    def doing(self, backward: bool) -> str:
        """Return what was being done when something was raised."""


def is_none(value: object) -> bool:
    """Say whether what came back from the box is None."""
    return isinstance(value, NonNumeric) and value.was == "None"


class Asker:
    """More questions about the same function, for when something missed."""

    def __init__(self, ask: Any, call: Callable[[Any], FunctionReply]) -> None:
        self.ask = msgspec.structs.replace(ask, together=(0, 0))
        self._call = call

    def rows(self, inputs: Sequence[Input], backward: bool) -> Sequence[Evaluation]:
        """Return a row an input, fewer where faults end the asking."""
        asked = tuple((one.args, one.d_out) for one in inputs)
        return self._call(msgspec.structs.replace(self.ask, inputs=asked, backward=backward)).rows

    def values(self, points: Sequence[tuple[float, ...]]) -> list[float | None]:
        """Return forward's values; None where there is no number."""
        found = [_number(row.forward) for row in self.rows([Input(point, 1.0) for point in points], False)]
        return found + [None] * (len(points) - len(found))


class Writing(msgspec.Struct, frozen=True):
    """How a student writes down a call of a function of theirs: where it is imported from, and what a context is.

    `unwrapped`: a single saved value comes back bare.
    """

    package: str
    module: str
    name: str
    unwrapped: bool = False

    def snippet(self, args: tuple[float, ...], d_out: float | None) -> str:
        """Return a call of forward, and of backward where there is a d_out, to paste and run."""
        lines = [*self._start("ctx"), f"print({self.name}.forward(ctx, {', '.join(map(wording.plain, args))}))"]
        return "; ".join(
            lines if d_out is None else [*lines, f"print({self.name}.backward(ctx, {wording.plain(d_out)}))"]
        )

    def doing(self, backward: bool) -> str:
        """Return what was being called when something was raised."""
        return f"{self.name}.{'backward' if backward else 'forward'}"

    def two_at_once(self, corpus: Corpus) -> str:
        """Return two forwards before the first's backward, to paste and run: the second must change nothing."""
        first, second = (", ".join(map(wording.plain, one.args)) for one in corpus.inputs[:2])
        calls = [f"{self.name}.forward(a, {first})", f"{self.name}.forward(b, {second})"]
        return "; ".join([*self._start("a", "b"), *calls, f"print({self.name}.backward(a, 1.0))"])

    def _start(self, *contexts: str) -> list[str]:
        """Return the imports, and contexts that keep what is saved, as grading's do."""
        lines = ["from types import SimpleNamespace", snippets.imports(self.package, (self.module, self.name))]
        return lines + [line for ctx in contexts for line in context(ctx, self.unwrapped)]


class Missed(msgspec.Struct, frozen=True):
    """What was wrong: on which inputs, and what came back there."""

    writing: Written
    formulas: Formulas
    corpus: Corpus
    rows: Sequence[Evaluation]
    judgement: Judgement

    def where_answered(self, backward: bool) -> Missed | None:
        """Return the same of the inputs alone that were answered; None where nothing is wrong among those."""
        answered = [
            i
            for i, row in enumerate(self.rows)
            if row != UNASKED
            and not isinstance(row.forward, Fault)
            and not (backward and (row.backward is None or isinstance(row.backward, Fault)))
        ]
        place = {old: new for new, old in enumerate(answered)}
        misses = tuple(place[i] for i in self.judgement.misses if i in place)
        if not misses:
            return None
        inputs, answers = self.corpus.inputs, self.corpus.answers
        corpus = Corpus(tuple(inputs[i] for i in answered), tuple(answers[i] for i in answered))
        rows = [self.rows[i] for i in answered]
        judgement = Judgement(misses, self.judgement.against)
        return msgspec.structs.replace(self, corpus=corpus, rows=rows, judgement=judgement)

    def first(self) -> list[int]:
        """Return the rows that missed, the simplest to work with first."""
        inputs = self.corpus.inputs
        return sorted(self.judgement.misses, key=lambda i: (wording.effort(inputs[i].args, inputs[i].d_out), i))

    def accepted(self) -> list[Expression]:
        """Return every formula that would have been right."""
        return [self.formulas.value, *self.formulas.also_accept]


def wrong_value(missed: Missed, questions: Asker) -> Counterexample:
    """Return the simplest input on which forward is wrong."""

    def wrong(inputs: Sequence[Input]) -> list[Evaluation | None]:
        return [
            None if _faulty(row) or not bands.plainly_wrong_value(one.args, row.forward, missed.accepted()) else row
            for one, row in zip(inputs, questions.rows(inputs, False))
        ]

    at, row = _found(missed, False, wrong)
    return Counterexample(
        args=dict(zip(missed.formulas.arguments, at.args)),
        d_out=None,
        argument="",
        returned=wording.shown(row.forward, expected := missed.judgement.against.formula.value(at.args)),
        expected=wording.plain(expected),
        snippet=missed.writing.snippet(at.args, None),
        plot=curve(
            missed.formulas,
            at,
            f"value of {missed.writing.name}",
            lambda inputs: [_number(row.forward) for row in questions.rows(inputs, False)],
            lambda answer: answer.value,
        ),
    )


def wrong_gradients(missed: Missed, questions: Asker, together: bool) -> tuple[Counterexample, Counterexample | None]:
    """Return the simplest input on which backward is wrong, and how its derivative comes about; and a second.

    The second is the simplest for another argument, where its gradient is wrong as well, and no one mistake explains
    both (`together`).
    """
    first, argument = _wrong_gradient(missed, questions)
    other = None if together or argument is None else _also_off(missed, argument)
    return first, None if other is None else _wrong_gradient(missed, questions, other)[0]


def _also_off(missed: Missed, argument: int) -> int | None:
    """Return another argument whose gradient missed; None where there is none."""
    formula = missed.judgement.against.formula
    for i in missed.first():
        at, got = missed.corpus.inputs[i], missed.rows[i].backward
        if isinstance(got, tuple):
            accepted = bands.gradient_bands(at, formula.answer(at.args))
            for k, (one, band) in enumerate(zip(got, accepted)):
                if k != argument and bands.plainly_off(one, band):
                    return k
    return None


def _wrong_gradient(missed: Missed, questions: Asker, only: int | None = None) -> tuple[Counterexample, int | None]:
    """Return an example, and the argument it is about; of the argument `only`, where one is asked for."""

    def off(one: Input, row: Evaluation) -> bool:
        if only is None or not isinstance(row.backward, tuple):
            return bands.plainly_wrong_gradients(one, row.backward, missed.accepted())
        answer = missed.judgement.against.formula.answer(one.args)
        return bands.plainly_off(row.backward[only], bands.gradient_bands(one, answer)[only])

    def wrong(inputs: Sequence[Input]) -> list[Evaluation | None]:
        return [
            None if _faulty(row) or not off(one, row) else row for one, row in zip(inputs, questions.rows(inputs, True))
        ]

    at, row = _found(missed, True, wrong)
    answer = missed.judgement.against.formula.answer(at.args)
    if not isinstance(row.backward, tuple):
        return _no_gradients(missed, at, row.backward, answer), None
    argument = _first_off(row.backward, at, answer) if only is None else only
    own = not bands.plainly_wrong_value(at.args, row.forward, missed.accepted())
    return _example(missed, questions, at, row.backward, argument, own), argument


def _example(
    missed: Missed, questions: Asker, at: Input, got: Sequence[float | NonNumeric], argument: int, own: bool
) -> Counterexample:
    arguments, answer = missed.formulas.arguments, missed.judgement.against.formula.answer(at.args)
    return Counterexample(
        args=dict(zip(arguments, at.args)),
        d_out=at.d_out,
        argument=arguments[argument] if len(arguments) > 1 else "",
        returned=wording.shown(got[argument], bands.expected(at, answer.partials[argument])[0]),
        expected=_expected(at, answer, argument),
        estimate=_estimate(questions, at, argument) if own and at.d_out else "",
        snippet=missed.writing.snippet(at.args, at.d_out),
        slopes=tuple(_slopes(questions, at, argument)) if own and at.d_out else (),
        slopes_of=arguments[argument],
        plot=_gradients(missed, questions, at),
    )


def faulty(
    writing: Written, corpus: Corpus, rows: Sequence[Evaluation], backward: bool, public: bool
) -> Outcome | None:
    """Return the outcome of an exception out of forward, or out of backward, on the simplest input that brought one."""
    found = [
        (wording.effort(one.args, one.d_out if backward else 1.0), i, fault)
        for i, (one, row) in enumerate(zip(corpus.inputs, rows))
        if isinstance(fault := row.backward if backward else row.forward, Fault)
    ]
    if not found:
        return None
    _, i, fault = min(found, key=lambda one: one[:2])
    one = corpus.inputs[i]
    call = writing.snippet(one.args, one.d_out if backward else None) if public else ""
    return blame.of_fault(fault, writing.doing(backward), call)


def _found(
    missed: Missed, backward: bool, wrong: Callable[[Sequence[Input]], Sequence[Evaluation | None]]
) -> tuple[Input, Evaluation]:
    first = missed.first()
    inputs = missed.corpus.inputs
    found = simplest(missed.formulas, backward, [inputs[i] for i in first], wrong)
    return found or (inputs[first[0]], missed.rows[first[0]])


def _faulty(row: Evaluation) -> bool:
    return isinstance(row.forward, Fault) or isinstance(row.backward, Fault)


def _no_gradients(missed: Missed, at: Input, got: Gradients, answer: Expected) -> Counterexample:
    """Show what came back where one gradient an argument should have."""
    count = len(answer.partials)
    wanted = [_expected(at, answer, i) for i in range(count)]
    return Counterexample(
        args=dict(zip(missed.formulas.arguments, at.args)),
        d_out=at.d_out,
        argument="",
        returned=blame.of_odd(got) if isinstance(got, NonNumeric) else "nothing",
        expected=wanted[0] if count == 1 else f"{count} gradients, one per argument: ({', '.join(wanted)})",
        snippet=missed.writing.snippet(at.args, at.d_out),
    )


def _expected(at: Input, answer: Expected, argument: int) -> str:
    lo, hi = bands.expected(at, answer.partials[argument])
    return wording.plain(lo) if lo == hi else f"between {wording.plain(lo)} and {wording.plain(hi)}"


def _first_off(got: Sequence[object], at: Input, answer: Expected) -> int:
    """Return the first argument whose gradient missed."""
    accepted = bands.gradient_bands(at, answer)
    return next((i for i, (one, band) in enumerate(zip(got, accepted)) if not bands.within(one, band)), 0)


def _estimate(questions: Asker, at: Input, argument: int) -> str:
    """Return d_out times the central difference as a student reads it, or nothing where there is none."""
    found = finite_difference.central_difference(questions.values, at.args, argument)
    return "" if found is None else f"{at.d_out * found[0]:.6f} ± {abs(at.d_out) * found[1]:.0e}"


def _slopes(questions: Asker, at: Input, argument: int) -> list[Slope]:
    """Return central differences with smaller and smaller steps, times d_out where that is not 1."""
    points: list[tuple[float, ...]] = []
    for step in STEPS:
        points += [_moved(at.args, argument, side) for side in (step, -step)]
    values = questions.values(points)
    found = []
    for step, above, below in zip(STEPS, values[::2], values[1::2]):
        if above is not None and below is not None:
            slope = (above - below) / (2 * step)
            times = "" if at.d_out == 1.0 else f" × d_out ({wording.plain(at.d_out)}) = {slope * at.d_out:.6g}"
            found.append(Slope(f"{step:g}", f"{slope:.6g}{times}"))
    return found


def _moved(args: tuple[float, ...], argument: int, by: float) -> tuple[float, ...]:
    return (*args[:argument], args[argument] + by, *args[argument + 1 :])


def _gradients(missed: Missed, questions: Asker, at: Input) -> Plot | None:
    def returned(inputs: Sequence[Input]) -> list[float | None]:
        rows = questions.rows(inputs, True)
        return [_number(row.backward[0]) if isinstance(row.backward, tuple) else None for row in rows]

    def right(answer: Expected) -> float | None:
        lo, hi = bands.expected(at, answer.partials[0])
        return lo if lo == hi else None

    return curve(missed.formulas, at, f"gradient of {missed.writing.name} at d_out = {at.d_out:g}", returned, right)


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None
