"""The table of mistakes: what would come back if one were made, simplest first.

Each entry predicts one number from a `Case`, and says in words what is true whenever the prediction holds. The
order decides which of two entries that are the same for a formula is said: the one closer to what a student wrote.
Pure; nothing here knows what came back, but for `factors_and_offsets`, which reads one constant off the evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from grader.model import Answer
from grader.numerics import UNIT
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression

LEAST_CONSTANT = 1e-6
"""A smaller offset is noise, or an EPS, to the person who reads of it."""


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


def case(formula: Expression, args: tuple[float, ...], d_out: float, answer: Answer, of_value: bool) -> Case:
    """Return the row as a mistake sees it. A partial at a kink is NaN."""
    partials = tuple(lo if lo == hi else math.nan for lo, hi in answer.partials)
    wanted = (answer.value,) if of_value else tuple(d_out * partial for partial in partials)
    return Case(args, d_out, answer.value, partials, formula, of_value, wanted)


Predict = Callable[[Case, int], float]
"""What slot i holds if this mistake were made; NaN where the mistake cannot be made at all."""

Noise = Callable[[Case, int], float]
"""How far rounding may take the prediction off."""

Scope = Literal["each", "all", "one"]
"""`each` slot alone; `all` slots, right ones included; `one` slot that is wrong while the others are right."""


def _exact(_case: Case, _slot: int) -> float:
    return 0.0


class Mistake(msgspec.Struct, frozen=True):
    """A name and its prediction. `{x}` and `{y}` in the name are the first and second argument, `{own}` the slot's."""

    name: str
    predict: Predict
    scope: Scope = "each"
    noise: Noise = _exact


def _partial(case: Case, point: Sequence[float], slot: int) -> float:
    lo, hi = case.formula.answer(tuple(point)).partials[slot]
    if lo != hi:
        raise Undefined("at a kink")
    return lo


def _at(move: Callable[[float, Case], float]) -> Predict:
    return lambda c, i: c.d_out * _partial(c, [move(a, c) for a in c.args], i)


def _single(move: Callable[[float, Case], float]) -> Predict:
    taken = _at(move)
    return lambda c, i: taken(c, i) if len(c.args) == 1 else math.nan


def _value_at(move: Callable[[float], float]) -> Predict:
    return lambda c, _: c.formula.value([move(a) for a in c.args])


def _alone(predict: Callable[[Case], float]) -> Predict:
    return lambda c, _: predict(c) if len(c.args) == 1 else math.nan


def _other(case: Case, slot: int) -> float:
    return case.partials[1 - slot] if len(case.partials) == 2 else math.nan


def _pair(predict: Callable[[Case], float]) -> Predict:
    return lambda c, _: predict(c) if len(c.args) == 2 else math.nan


def _mirrored(case: Case, slot: int) -> float:
    return case.d_out * _partial(case, case.args[::-1], slot) if len(case.args) == 2 else math.nan


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


def _differences(steps: Sequence[float]) -> Iterator[Mistake]:
    for step in steps:
        for central, name in ((False, "a one-sided"), (True, "a central")):
            predict, noise = _difference(step, central)
            said = f"the derivative is {name} difference with a step of {step:g}, which is too coarse"
            yield Mistake(said, predict, "all", noise)


def _whole(what: str, number: Predict, then: Callable[[float, Case, int], float]) -> Iterator[Mistake]:
    """Yield what becomes of a number that is made whole on the way, in every slot alike."""
    ways: tuple[tuple[str, Callable[[float], float]], ...] = (
        ("cut off", math.trunc),
        ("rounded down", math.floor),
        ("rounded", round),
    )
    for said, way in ways:
        name = f"{what} is {said} to a whole number"
        yield Mistake(name, lambda c, i, way=way: then(float(way(number(c, i))), c, i), "all")  # type: ignore[misc]


def _decimals(what: str, number: Predict) -> Iterator[Mistake]:
    for digits in range(1, 7):
        name = f"{what} is rounded to {digits} decimal{'s' if digits > 1 else ''}"
        yield Mistake(name, lambda c, i, digits=digits: round(number(c, i), digits), "all")  # type: ignore[misc]


def _gradient(case: Case, slot: int) -> float:
    return case.d_out * case.partials[slot]


COMMON: tuple[Mistake, ...] = (
    Mistake("d_out was forgotten: backward returns g'(x) · d_out, not g'(x) alone", lambda c, i: c.partials[i]),
    Mistake("the sign is flipped", lambda c, i: -c.d_out * c.partials[i]),
    Mistake("the gradients of the two arguments are swapped", lambda c, i: c.d_out * _other(c, i), "all"),
    Mistake("backward returns d_out alone: multiply it by the derivative g'(x)", lambda c, _: c.d_out),
    Mistake(
        "backward returns g(x) · d_out where the derivative g'(x) · d_out is asked", lambda c, _: c.value * c.d_out
    ),
    Mistake("backward returns the value g(x), with neither the derivative nor d_out", lambda c, _: c.value),
    Mistake("backward returns 0", lambda _c, _i: 0.0),
    Mistake("backward returns 1, whatever the input", lambda _c, _i: 1.0),
    Mistake("d_out was forgotten and the sign is flipped", lambda c, i: -c.partials[i]),
    Mistake("the gradients of the two arguments are swapped and d_out was forgotten", _other, "all"),
    Mistake("d_out is multiplied in twice", lambda c, i: c.d_out * c.d_out * c.partials[i]),
    Mistake(
        "both gradients are the derivative by {other}: {own} has one of its own",
        lambda c, i: c.d_out * _other(c, i),
        "one",
    ),
    Mistake("the absolute value is taken", lambda c, i: abs(c.d_out * c.partials[i])),
    Mistake("the absolute value of d_out is taken", lambda c, i: abs(c.d_out) * c.partials[i]),
    Mistake("the absolute value of the derivative is taken", lambda c, i: c.d_out * abs(c.partials[i])),
    Mistake("backward divides by the derivative instead of multiplying", lambda c, i: c.d_out / c.partials[i]),
    Mistake("backward divides by d_out instead of multiplying", lambda c, i: c.partials[i] / c.d_out),
    Mistake("d_out is added to the derivative instead of multiplied with it", lambda c, i: c.partials[i] + c.d_out),
    Mistake("the derivative is taken at the saved output g(x) instead of the input x", _single(lambda _, c: c.value)),
    Mistake("the derivative is taken at x · d_out instead of at x", _at(lambda a, c: a * c.d_out)),
    Mistake(
        "the saved arguments are mixed up: the derivative is taken with {x} and {y} swapped",
        _mirrored,
        "all",
    ),
    Mistake("the two derivatives are added into one", _pair(lambda c: c.d_out * sum(c.partials)), "all"),
    Mistake(
        "the two derivatives are multiplied with each other", _pair(lambda c: c.d_out * math.prod(c.partials)), "all"
    ),
    Mistake(
        "the derivative is taken at d_out: it belongs at the input x, multiplied by d_out",
        _alone(lambda c: _partial(c, (c.d_out,), 0)),
    ),
    Mistake("backward repeats forward on d_out: it returns g(d_out)", _alone(lambda c: c.formula.value((c.d_out,)))),
    Mistake("d_out and the input x have changed places", _alone(lambda c: c.args[0] * _partial(c, (c.d_out,), 0))),
    *_differences((1e-1, 1e-2, 1e-3, 1e-4, 1e-5)),
)
"""Gradients, before a plain factor or offset is tried."""

RARER: tuple[Mistake, ...] = (
    Mistake("backward multiplies d_out by the argument, not by the derivative", lambda c, i: c.d_out * c.args[i]),
    Mistake("its argument is a factor once too often", lambda c, i: c.d_out * c.partials[i] * c.args[i]),
    Mistake("its argument is a factor once too few", lambda c, i: c.d_out * c.partials[i] / c.args[i]),
    Mistake("the value g(x) is a factor once too often", lambda c, i: c.d_out * c.partials[i] * c.value),
    Mistake("the value g(x) is a factor once too few", lambda c, i: c.d_out * c.partials[i] / c.value),
    Mistake("the derivative is taken at -x instead of at x", _single(lambda a, _: -a)),
    Mistake("the derivative is taken at |x| instead of at x", _single(lambda a, _: abs(a))),
    *(
        Mistake(
            f"the derivative is taken at x {'+' if shift > 0 else '-'} {abs(shift):g} instead of at x",
            _single(lambda a, _, shift=shift: a + shift),  # type: ignore[misc]
        )
        for shift in (1.0, -1.0, 1e-3, 1e-4, 1e-5, 1e-6)
    ),
    *_differences((1.0, 0.5)),
    Mistake("only the sign of d_out is used", lambda c, i: math.copysign(1.0, c.d_out) * c.partials[i]),
    *_whole("d_out", lambda c, _: c.d_out, lambda whole, c, i: whole * c.partials[i]),
    *_whole("the gradient", _gradient, lambda whole, _c, _i: whole),
    *_decimals("the gradient", _gradient),
)
"""Gradients, after it."""

COMMON_VALUES: tuple[Mistake, ...] = (
    Mistake("the two arguments are swapped", _pair(lambda c: c.formula.value(c.args[::-1]))),
    Mistake("the sign is flipped", lambda c, _: -c.value),
    Mistake("0 is returned, whatever the input", lambda _c, _i: 0.0),
    Mistake("1 is returned, whatever the input", lambda _c, _i: 1.0),
    Mistake("the derivative is returned where the value is asked", _alone(lambda c: _partial(c, c.args, 0))),
    Mistake("the argument is returned as it came", _alone(lambda c: c.args[0])),
    Mistake("{x} alone is returned", _pair(lambda c: c.args[0])),
    Mistake("{y} alone is returned", _pair(lambda c: c.args[1])),
    Mistake("{x} + {y} is returned", _pair(lambda c: c.args[0] + c.args[1])),
    Mistake("{x} - {y} is returned", _pair(lambda c: c.args[0] - c.args[1])),
    Mistake("{x} · {y} is returned", _pair(lambda c: c.args[0] * c.args[1])),
    Mistake("{x} / {y} is returned", _pair(lambda c: c.args[0] / c.args[1])),
    Mistake("the larger of {x} and {y} is returned", _pair(lambda c: max(c.args))),
    Mistake("the smaller of {x} and {y} is returned", _pair(lambda c: min(c.args))),
    Mistake("yes and no are swapped: it returns 1 for 0 and 0 for 1", lambda c, _: 1.0 - _truth(c.value)),
    Mistake("the absolute value is taken", lambda c, _: abs(c.value)),
    Mistake("the reciprocal is returned", lambda c, _: 1.0 / c.value),
)
"""Values, before a plain factor or offset is tried."""

RARER_VALUES: tuple[Mistake, ...] = (
    Mistake("the value is squared", lambda c, _: c.value * c.value),
    Mistake("the value is multiplied by its argument", _alone(lambda c: c.value * c.args[0])),
    Mistake("the sign of the argument is flipped", _value_at(lambda a: -a)),
    Mistake("the absolute value of the argument is taken", _value_at(abs)),
    Mistake("the argument is taken in degrees instead of radians", _value_at(math.radians)),
    *_whole("the value", lambda c, _: c.value, lambda whole, _c, _i: whole),
    *_decimals("the value", lambda c, _: c.value),
    Mistake("the argument is cut off to a whole number", _value_at(lambda a: float(math.trunc(a)))),
)
"""Values, after it."""


def _truth(value: float) -> float:
    return value if value in (0.0, 1.0) else math.nan


def factors_and_offsets(rows: Sequence[tuple[Case, tuple[object, ...]]], slots: Sequence[int]) -> Iterator[Mistake]:
    """Yield the constants that would explain a gradient's best-conditioned rows; all rows must bear them out yet."""
    found = [(c, i, got) for c, given in rows for i in slots if isinstance(got := given[i], float)]
    if not found:
        return
    sized = [(c, i, got) for c, i, got in found if abs(c.wanted[i]) > 1e-3]
    if sized:
        c, i, got = sized[0]
        yield from _factor("the gradient", got / c.wanted[i], lambda c, i: c.wanted[i])
        yield from _factor("d_out was forgotten, and what is left", got / c.partials[i], lambda c, i: c.partials[i])
    c, i, got = min(found, key=lambda one: abs(one[0].wanted[one[1]]))
    yield from _offset("the gradient is off by a constant: {}", got - c.wanted[i], lambda _: 1.0)
    if len({c.partials[i] for c, i, _ in found}) > 1:  # a constant derivative is off by a factor, if by anything
        c, i, got = min(found, key=lambda one: abs(one[0].partials[one[1]]))
        name = "the derivative is off by a constant, before it is multiplied by d_out: {}"
        yield from _offset(name, (got - c.wanted[i]) / c.d_out, lambda c: c.d_out)


def value_factors_and_offsets(rows: Sequence[tuple[Case, tuple[object, ...]]]) -> Iterator[Mistake]:
    """Yield the constants that would explain a value's best-conditioned rows."""
    found = [(c, got) for c, given in rows if isinstance(got := given[0], float)]
    sized = [(c, got) for c, got in found if abs(c.value) > 1e-3]
    if sized:
        yield from _factor("the value", sized[0][1] / sized[0][0].value, lambda c, i: c.wanted[i])
    if found:
        c, got = min(found, key=lambda one: abs(one[0].value))
        yield from _offset("the value is off by a constant: {}", got - c.value, lambda _: 1.0)


def _factor(what: str, factor: float, of: Predict) -> Iterator[Mistake]:
    if math.isfinite(factor) and factor and f"{factor:.6g}" != "1":
        yield Mistake(f"{what} is {factor:.6g} times what it should be", lambda c, i: factor * of(c, i))


def _offset(name: str, offset: float, times: Callable[[Case], float]) -> Iterator[Mistake]:
    if math.isfinite(offset) and abs(offset) >= LEAST_CONSTANT:
        yield Mistake(name.format(f"{offset:+.6g}"), lambda c, i: c.wanted[i] + offset * times(c))
