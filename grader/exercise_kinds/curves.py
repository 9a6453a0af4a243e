"""The curves of a student's own function and of its gradient beside the right ones, for the page of a self-check.

They are asked once a verdict is there, and decide nothing. Where the function raises, or returns no number, there is a
gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from grader.assignment.exercise import Exercise
from grader.assignment.formulas import Formulas
from grader.assignment.kind import Call
from grader.exercise_kinds.function import UNWRAP
from grader.exercise_kinds.question_set import QuestionSet
from grader.model import Counterexample, Expected, Input, Plot
from grader.oracle.inputs import inside, usable
from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.probes.function import Evaluation, FunctionRequest
from grader.sandbox.probes.values import ValuesRequest

POINTS, WINDOW = 61, 3.0
"""On how many points, and how far to both sides of 0 at least."""

D_OUT = 2.0
"""What is sent back where no example says it: at 1 a forgotten d_out would not show."""

Returned = tuple[float | None, tuple[float | None, ...] | None]
"""What came back at one point: the value, and one gradient per argument."""


def curves(exercise: Exercise, half: QuestionSet[Any], example: Counterexample | None, call: Call) -> tuple[Plot, ...]:
    """Return a curve of the value and one of the gradient, as far as the exercise asks for them; none for other kinds.

    They run along the argument that the example is about, with the others held where it has them. Where nothing that
    came back is a number, there is nothing to draw.
    """
    formulas: Formulas | None = getattr(exercise.spec, "formulas", None)
    if exercise.kind not in ("function", "expression", "values") or formulas is None or not half.corpus.inputs:
        return ()
    at = _held(formulas, half.corpus.inputs, example)
    argument = formulas.arguments.index(example.argument) if example and example.argument in formulas.arguments else 0
    inputs = tuple(_line(formulas, at, argument))
    if len(inputs) < 2:
        return ()
    answers = [usable(formulas.value, one.args) for one in inputs]
    told = max((_asked(ask, inputs, call) for ask in _styles(exercise, half.ask)), key=_answered)
    plotted = _Plotted(exercise.spec.name, formulas, at, argument, [one.args[argument] for one in inputs])
    asked = {check.name for check in exercise.checks}
    found = []
    if asked & {"forward", "value"}:
        values = [None if one is None else one.value for one in answers]
        found.append(plotted.plot(f"value of {exercise.spec.name}", [value for value, _ in told], values))
    if asked & {"backward", "gradient", "tangent"}:
        theirs = [None if gradients is None else gradients[argument] for _, gradients in told]
        right = [_slope(answer, at.d_out, argument) for answer in answers]
        by = f" by {formulas.arguments[argument]}" if len(formulas.arguments) > 1 else ""
        found.append(plotted.plot(f"gradient of {exercise.spec.name}{by} at d_out = {at.d_out:g}", theirs, right))
    return tuple(one for one in found if any(value is not None for value in one.returned))


class _Plotted(msgspec.Struct, frozen=True):
    """What the plots of one exercise share."""

    name: str
    formulas: Formulas
    at: Input
    argument: int
    points: Sequence[float]

    def plot(self, what: str, returned: Sequence[float | None], expected: Sequence[float | None]) -> Plot:
        """Return one plot; its title says where the other arguments are held."""
        held = [
            f"{name} = {value:g}"
            for i, (name, value) in enumerate(zip(self.formulas.arguments, self.at.args))
            if i != self.argument
        ]
        title = f"{what}, with {', '.join(held)}" if held else what
        return Plot(self.formulas.arguments[self.argument], title, tuple(self.points), tuple(returned), tuple(expected))


def _held(formulas: Formulas, inputs: Sequence[Input], example: Counterexample | None) -> Input:
    """Return the point that a curve runs through: the example's, else the first that was asked."""
    args, d_out = inputs[0].args, D_OUT
    if example is not None:
        told = [example.args.get(name) for name in formulas.arguments]
        numbers = tuple(one for one in told if isinstance(one, float))
        args = numbers if len(numbers) == len(told) else args
        d_out = example.d_out or D_OUT
    return Input(args, d_out)


def _line(formulas: Formulas, at: Input, argument: int) -> Iterator[Input]:
    """Yield points of the domain along an argument, around what is held there."""
    domain, half = formulas.domains[argument], max(WINDOW, 1.5 * abs(at.args[argument]))
    lo, hi = max(domain.lo, -half), min(domain.hi, half)
    for i in range(POINTS):
        x = float(f"{lo + (hi - lo) * i / (POINTS - 1):.4g}")
        args = (*at.args[:argument], x, *at.args[argument + 1 :])
        if inside(x, domain) and formulas.value.holds(args):
            yield Input(args, at.d_out)


def _slope(answer: Expected | None, d_out: float, argument: int) -> float | None:
    """Return the exact gradient; none at a kink, where any of several is right."""
    if answer is None:
        return None
    lo, hi = answer.partials[argument]
    return d_out * lo if lo == hi else None


def _styles(exercise: Exercise, ask: Any) -> Iterator[Any]:
    """Yield a question in each style of reading saved values that counts."""
    if not isinstance(ask, FunctionRequest):
        yield ask
        return
    for unwrap in UNWRAP[exercise.spec.saved_values]:
        yield msgspec.structs.replace(ask, unwrap=unwrap, brief=True)


def _answered(told: Sequence[Returned]) -> int:
    return sum(one is not None for _, gradients in told for one in gradients or ())


def _asked(ask: Any, inputs: Sequence[Input], call: Call) -> list[Returned]:
    """Ask about all inputs. A worker leaves the rest unasked after a few exceptions: that is asked once more."""
    some = _values if isinstance(ask, ValuesRequest) else _rows
    found: list[Returned] = []
    while len(found) < len(inputs):
        told = some(ask, inputs[len(found) :], call)
        if not told:
            break
        found += told
    return found + [(None, None)] * (len(inputs) - len(found))


def _values(ask: Any, inputs: Sequence[Input], call: Call) -> list[Returned]:
    told = call(msgspec.structs.replace(ask, inputs=tuple(one.args for one in inputs)))
    return [(_number(one), None) for one in told.values]


def _rows(ask: Any, inputs: Sequence[Input], call: Call) -> list[Returned]:
    rows: Sequence[Evaluation] = call(
        msgspec.structs.replace(ask, inputs=tuple((one.args, one.d_out) for one in inputs), together=(0, 0))
    ).rows
    if ask.backward:
        unasked = (i for i, row in enumerate(rows) if row.backward is None and not isinstance(row.forward, Fault))
        rows = rows[: next(unasked, len(rows))]
    return [(_number(row.forward), _gradients(row.backward)) for row in rows]


def _gradients(told: object) -> tuple[float | None, ...] | None:
    return tuple(map(_number, told)) if isinstance(told, tuple) else None


def _number(told: object) -> float | None:
    return told if isinstance(told, float) and math.isfinite(told) else None
