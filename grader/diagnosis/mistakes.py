"""What a mistake is: a name, and a prediction of what comes back where it is made.

A prediction is a function of one row, as `Case` has it; the ways of building one are here, the table of them is in
`misconceptions`. Pure, and blind: a prediction never sees what came back.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from grader.model import Expected
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression
from grader.oracle.finite_difference import UNIT

LEAST_CONSTANT = 1e-6
"""A smaller offset is noise, or an EPS, to the person who reads of it."""

TOO_COARSE = "So large a step is off by more than rounding; write the derivative as a formula."
WHOLE = "int(), round() and // lose what comes after the decimal point; keep the float as it is."
DECIMALS = "round() loses digits; return the number as it is."
FACTOR = "Look for a number that is missing, or that is there once too often."
OFFSET = "Look for a number that is added or taken away."


class Case(msgspec.Struct, frozen=True):
    """One row as a mistake sees it: the point, d_out, the exact value and partials, and the exercise's formula.

    `wanted` is what is right, one number a slot: a gradient an argument, or with `of_value` the value alone.
    """

    args: tuple[float, ...]
    d_out: float
    value: float
    partials: tuple[float, ...]
    formula: Expression
    of_value: bool
    wanted: tuple[float, ...]


def case(formula: Expression, args: tuple[float, ...], d_out: float, answer: Expected, of_value: bool) -> Case:
    """Return the row as a mistake sees it. A partial at a kink is NaN."""
    partials = tuple(lo if lo == hi else math.nan for lo, hi in answer.partials)
    wanted = (answer.value,) if of_value else tuple(d_out * partial for partial in partials)
    return Case(args, d_out, answer.value, partials, formula, of_value, wanted)


def single(value: float) -> float:
    """Return a number as single precision keeps it; infinity for one that is too large."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.inf


Predict = Callable[[Case, int], float]
"""What slot i holds if this mistake were made; NaN where the mistake cannot be made at all."""

Noise = Callable[[Case, int], float]
"""How far rounding may take the prediction off."""

Scope = Literal["each", "all", "one"]
"""`each` slot alone; `all` slots, right ones included; `one` slot that is wrong while the others are right."""


def _exact(_case: Case, _slot: int) -> float:
    return 0.0


class Plant(msgspec.Struct, frozen=True):
    """How an audit plants a mistake, and what it calls that.

    Of a gradient, `code` sets the list `g`, from `right(d)` and `at(point, d)` (lists of what is right), the value `v`,
    `d` and `args`. Of a value it is an expression, from `right(*args)` and `args`.
    """

    what: str
    code: str


class Mistake(msgspec.Struct, frozen=True):
    """A name, one sentence of why it is a mistake, and its prediction.

    In both, `{x}` and `{y}` are the first and second argument, `{own}` the slot's and `{other}` the other one.
    """

    name: str
    why: str
    predict: Predict
    scope: Scope = "each"
    noise: Noise = _exact
    plant: Plant | None = None


class AtKink(Undefined):
    """The formula has a value here, and several slopes."""


def partial(case: Case, point: Sequence[float], slot: int) -> float:
    """Return a partial derivative of the formula anywhere. Raises Undefined; at a kink, AtKink."""
    lo, hi = case.formula.answer(tuple(point)).partials[slot]
    if lo != hi:
        raise AtKink("several slopes")
    return lo


def at(move: Callable[[float, Case], float]) -> Predict:
    """Return the gradient with the derivative taken at a moved point."""
    return lambda c, i: c.d_out * partial(c, [move(a, c) for a in c.args], i)


def at_single(move: Callable[[float, Case], float]) -> Predict:
    """Return the same, for a function of one argument only."""
    taken = at(move)
    return lambda c, i: taken(c, i) if len(c.args) == 1 else math.nan


def value_at(move: Callable[[float], float]) -> Predict:
    """Return the value at a moved point."""
    return lambda c, _: c.formula.value([move(a) for a in c.args])


def alone(predict: Callable[[Case], float]) -> Predict:
    """Return a prediction that holds for one argument only."""
    return lambda c, _: predict(c) if len(c.args) == 1 else math.nan


def pair(predict: Callable[[Case], float]) -> Predict:
    """Return a prediction that holds for two arguments only."""
    return lambda c, _: predict(c) if len(c.args) == 2 else math.nan


def _difference(step: float, central: bool) -> tuple[Predict, Noise]:
    width = (2 if central else 1) * step

    def predict(c: Case, slot: int) -> float:
        up, down = (
            c.formula.value([a + side * (i == slot) for i, a in enumerate(c.args)])
            for side in (step, -step if central else 0.0)
        )
        return c.d_out * (up - down) / width

    def noise(c: Case, slot: int) -> float:
        slope = abs(c.partials[slot])
        return abs(c.d_out) * 16 * UNIT * (2 * abs(c.value) + slope * (abs(c.args[slot]) + 2 * step) + 2) / width

    return predict, noise


def differences(steps: Sequence[float]) -> Iterator[Mistake]:
    """Yield one-sided and central difference quotients of the formula."""
    for step in steps:
        for central, name in ((False, "a one-sided"), (True, "a central")):
            predict, noise = _difference(step, central)
            said = f"the derivative is {name} difference with a step of {step:g}"
            yield Mistake(said, TOO_COARSE, predict, "all", noise)


def made_whole(what: str, number: Predict, then: Callable[[float, Case, int], float]) -> Iterator[Mistake]:
    """Yield what becomes of a number that is made whole on the way, in every slot alike."""
    ways: tuple[tuple[str, Callable[[float], float]], ...] = (
        ("cut off", math.trunc),
        ("rounded down", math.floor),
        ("rounded", round),
    )
    for said, way in ways:
        name = f"{what} is {said} to a whole number"
        yield Mistake(name, WHOLE, _whole(way, number, then), "all")


def _whole(way: Callable[[float], float], number: Predict, then: Callable[[float, Case, int], float]) -> Predict:
    return lambda c, i: then(float(way(number(c, i))), c, i)


def decimals(what: str, number: Predict) -> Iterator[Mistake]:
    """Yield what becomes of a number that is cut to a few decimals."""
    for digits in range(1, 7):
        name = f"{what} is rounded to {digits} decimal{'s' if digits > 1 else ''}"
        yield Mistake(name, DECIMALS, _rounded(number, digits), "all")


def _rounded(number: Predict, digits: int) -> Predict:
    return lambda c, i: round(number(c, i), digits)


def factor(what: str, times: float, of: Predict, plant: Plant | None = None) -> Iterator[Mistake]:
    """Yield a constant factor that shows in six digits."""
    if math.isfinite(times) and times and f"{times:.6g}" != "1":
        name = f"{what} is {times:.6g} times what it should be"
        yield Mistake(name, FACTOR, lambda c, i: times * of(c, i), plant=plant)


def offset(name: str, by: float, times: Callable[[Case], float], plant: Plant | None = None) -> Iterator[Mistake]:
    """Yield a constant that is added, unless it is too small to speak of."""
    if math.isfinite(by) and abs(by) >= LEAST_CONSTANT:
        yield Mistake(name.format(f"{by:+.6g}"), OFFSET, lambda c, i: c.wanted[i] + by * times(c), plant=plant)
