"""The table of mistakes, simplest first: what is said, what would come back, and how an audit plants it.

What an entry says is true whenever its prediction holds. The order decides which of two entries that are the
same for a formula is said: the one closer to what a student wrote. `factors_and_offsets` reads one constant off
what came back; it is then a prediction like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.diagnosis.mistakes import (
    Case,
    Mistake,
    Plant,
    alone,
    at,
    at_single,
    decimals,
    differences,
    factor,
    made_whole,
    offset,
    pair,
    partial,
    value_at,
)
from grader.judging.tolerance import WELL_CONDITIONED

COMPARE = "Put the input shown into the formula by hand, and compare step by step."


def _other(case: Case, slot: int) -> float:
    return case.partials[1 - slot] if len(case.partials) == 2 else math.nan


def _mirrored(case: Case, slot: int) -> float:
    return case.d_out * partial(case, case.args[::-1], slot) if len(case.args) == 2 else math.nan


def _gradient(case: Case, slot: int) -> float:
    return case.d_out * case.partials[slot]


COMMON: tuple[Mistake, ...] = (
    Mistake(
        "d_out was forgotten",
        "The chain rule multiplies the derivative by d_out, which is whatever came back from the rest of the graph.",
        lambda c, i: c.partials[i],
        plant=Plant("d_out forgotten", "g = right(1.0)"),
    ),
    Mistake(
        "the sign is flipped",
        "Work the derivative out by hand at the input shown, and watch the minus.",
        lambda c, i: -c.d_out * c.partials[i],
        plant=Plant("the sign flipped", "g = [-one for one in right(d)]"),
    ),
    Mistake(
        "the gradients of the two arguments are swapped",
        "backward returns one gradient per argument, in the order in which forward takes them.",
        lambda c, i: c.d_out * _other(c, i),
        "all",
        plant=Plant("the gradients swapped", "g = right(d)[::-1]"),
    ),
    Mistake(
        "backward returns d_out alone",
        "The chain rule multiplies d_out by the derivative of this function.",
        lambda c, _: c.d_out,
        plant=Plant("d_out alone", "g = [d for _ in right(d)]"),
    ),
    Mistake(
        "backward multiplies d_out by the value",
        "The chain rule wants the derivative of this function at the input, not its value.",
        lambda c, _: c.value * c.d_out,
        plant=Plant("the value for the derivative", "g = [v * d for _ in right(d)]"),
    ),
    Mistake(
        "backward returns the value of forward",
        "backward returns the derivative of this function at the input, multiplied by d_out.",
        lambda c, _: c.value,
    ),
    Mistake(
        "backward returns 0",
        "A gradient of 0 says that the input has no effect on the value; here it has one.",
        lambda _c, _i: 0.0,
        plant=Plant("nothing but 0", "g = [0.0 for _ in right(d)]"),
    ),
    Mistake(
        "backward returns 1, whatever the input",
        "backward returns the derivative at the saved input, multiplied by d_out.",
        lambda _c, _i: 1.0,
    ),
    Mistake(
        "d_out was forgotten and the sign is flipped",
        "The chain rule multiplies the derivative by d_out, which is whatever came back from the rest of the graph.",
        lambda c, i: -c.partials[i],
    ),
    Mistake(
        "the gradients of the two arguments are swapped and d_out was forgotten",
        "backward returns one gradient per argument, in forward's order, each multiplied by d_out.",
        _other,
        "all",
    ),
    Mistake(
        "d_out is multiplied in twice",
        "The chain rule multiplies the derivative by d_out once.",
        lambda c, i: c.d_out * c.d_out * c.partials[i],
        plant=Plant("d_out twice", "g = [one * d for one in right(d)]"),
    ),
    Mistake(
        "both gradients are the derivative by {other}",
        "Differentiate once by each argument, and hold the other one fixed.",
        lambda c, i: c.d_out * _other(c, i),
        "one",
    ),
    Mistake(
        "the absolute value is taken",
        "A gradient has a sign: it says in which direction the value moves.",
        lambda c, i: abs(c.d_out * c.partials[i]),
        plant=Plant("the absolute value", "g = [abs(one) for one in right(d)]"),
    ),
    Mistake(
        "the absolute value of d_out is taken",
        "d_out may be negative, and its sign belongs in the gradient.",
        lambda c, i: abs(c.d_out) * c.partials[i],
    ),
    Mistake(
        "the absolute value of the derivative is taken",
        "A derivative has a sign: it is negative where the function falls.",
        lambda c, i: c.d_out * abs(c.partials[i]),
    ),
    Mistake(
        "backward divides by the derivative instead of multiplying",
        "The chain rule multiplies d_out by the derivative.",
        lambda c, i: c.d_out / c.partials[i],
    ),
    Mistake(
        "backward divides by d_out instead of multiplying",
        "The chain rule multiplies the derivative by d_out.",
        lambda c, i: c.partials[i] / c.d_out,
    ),
    Mistake(
        "d_out is added to the derivative",
        "The chain rule multiplies the derivative by d_out.",
        lambda c, i: c.partials[i] + c.d_out,
        plant=Plant("d_out added", "g = [one + d for one in right(1.0)]"),
    ),
    Mistake(
        "the derivative is taken at the output of forward instead of at its input",
        "Look at what forward saved, and what backward takes it for.",
        at_single(lambda _, c: c.value),
    ),
    Mistake(
        "the derivative is taken at x · d_out instead of at x",
        "Take the derivative at the saved input first; then multiply the result by d_out.",
        at(lambda a, c: a * c.d_out),
        plant=Plant("taken at x · d_out", "g = at([a * d for a in args], d)"),
    ),
    Mistake(
        "the derivative is taken with {x} and {y} swapped",
        "Saved values come back in the order in which they were saved: unpack them in the same order.",
        _mirrored,
        "all",
    ),
    Mistake(
        "the two derivatives are added into one",
        "backward returns one gradient per argument, not their sum.",
        pair(lambda c: c.d_out * sum(c.partials)),
        "all",
    ),
    Mistake(
        "the two derivatives are multiplied with each other",
        "backward returns one gradient per argument, each multiplied by d_out alone.",
        pair(lambda c: c.d_out * math.prod(c.partials)),
        "all",
    ),
    Mistake(
        "the derivative is taken at d_out",
        "Take the derivative at the saved input, and multiply the result by d_out.",
        alone(lambda c: partial(c, (c.d_out,), 0)),
    ),
    Mistake(
        "backward repeats forward on d_out",
        "backward returns the derivative at the saved input, multiplied by d_out.",
        alone(lambda c: c.formula.value((c.d_out,))),
    ),
    Mistake(
        "d_out and the input x have changed places",
        "Take the derivative at the saved input, and multiply the result by d_out.",
        alone(lambda c: c.args[0] * partial(c, (c.d_out,), 0)),
    ),
    *differences((1e-1, 1e-2, 1e-3, 1e-4, 1e-5)),
)
"""Gradients, before a plain factor or offset is tried."""

RARER: tuple[Mistake, ...] = (
    Mistake(
        "backward multiplies d_out by the argument",
        "The chain rule multiplies d_out by the derivative of this function.",
        lambda c, i: c.d_out * c.args[i],
    ),
    Mistake(
        "the derivative is multiplied by its argument once too often",
        "Work the derivative out by hand at the input shown, and compare factor by factor.",
        lambda c, i: c.d_out * c.partials[i] * c.args[i],
    ),
    Mistake(
        "the derivative is divided by its argument once too often",
        "Work the derivative out by hand at the input shown, and compare factor by factor.",
        lambda c, i: c.d_out * c.partials[i] / c.args[i],
    ),
    Mistake(
        "the derivative is multiplied by the value of forward",
        "Work the derivative out by hand at the input shown, and compare factor by factor.",
        lambda c, i: c.d_out * c.partials[i] * c.value,
    ),
    Mistake(
        "the derivative is divided by the value of forward",
        "Work the derivative out by hand at the input shown, and compare factor by factor.",
        lambda c, i: c.d_out * c.partials[i] / c.value,
    ),
    Mistake(
        "the derivative is taken at -x instead of at x",
        "Check what forward saves and what backward does with it before it differentiates.",
        at_single(lambda a, _: -a),
    ),
    Mistake(
        "the derivative is taken at |x| instead of at x",
        "Check what forward saves and what backward does with it before it differentiates.",
        at_single(lambda a, _: abs(a)),
    ),
    *(
        Mistake(
            f"the derivative is taken at x {'+' if shift > 0 else '-'} {abs(shift):g} instead of at x",
            "Take the derivative at the very input that forward got.",
            at_single(lambda a, _, shift=shift: a + shift),  # type: ignore[misc] # the default binds it
            plant=Plant("taken at x + 1", "g = at([a + 1.0 for a in args], d)") if shift == 1.0 else None,
        )
        for shift in (1.0, -1.0, 1e-3, 1e-4, 1e-5, 1e-6)
    ),
    *differences((1.0, 0.5)),
    Mistake(
        "only the sign of d_out is used",
        "The chain rule multiplies the derivative by the whole of d_out.",
        lambda c, i: math.copysign(1.0, c.d_out) * c.partials[i],
    ),
    *made_whole("d_out", lambda c, _: c.d_out, lambda whole, c, i: whole * c.partials[i]),
    *made_whole("the gradient", _gradient, lambda whole, _c, _i: whole),
    *decimals("the gradient", _gradient),
)
"""Gradients, after it."""

CONSTANT: tuple[Mistake, ...] = (
    *factor(
        "the gradient",
        1.001,
        lambda c, i: c.wanted[i],
        Plant("0.1 % too much", "g = [1.001 * one for one in right(d)]"),
    ),
    *factor("the gradient", 0.5, lambda c, i: c.wanted[i], Plant("half of it", "g = [0.5 * one for one in right(d)]")),
    *offset(
        "the gradient is off by a constant: {}",
        0.25,
        lambda _: 1.0,
        Plant("a constant too much", "g = [one + 0.25 for one in right(d)]"),
    ),
)
"""Gradients that are off by a constant, as they are planted; which constant it is, is read off what comes back."""

COMMON_VALUES: tuple[Mistake, ...] = (
    Mistake(
        "the two arguments are swapped",
        "The arguments come in the order of the formula.",
        pair(lambda c: c.formula.value(c.args[::-1])),
        plant=Plant("the arguments swapped", "right(*args[::-1])"),
    ),
    Mistake("the sign is flipped", COMPARE, lambda c, _: -c.value, plant=Plant("the sign flipped", "-right(*args)")),
    Mistake(
        "0 is returned, whatever the input",
        "The value depends on the input.",
        lambda _c, _i: 0.0,
        plant=Plant("nothing but 0", "0.0"),
    ),
    Mistake("1 is returned, whatever the input", "The value depends on the input.", lambda _c, _i: 1.0),
    Mistake(
        "the derivative is returned where the value is asked",
        "The value is asked here; its derivative is for backward.",
        alone(lambda c: partial(c, c.args, 0)),
    ),
    Mistake(
        "the argument is returned as it came",
        "Put the argument through the formula first.",
        alone(lambda c: c.args[0]),
        plant=Plant("the first argument", "args[0]"),
    ),
    Mistake("{x} alone is returned", COMPARE, pair(lambda c: c.args[0]), plant=Plant("the first argument", "args[0]")),
    Mistake("{y} alone is returned", COMPARE, pair(lambda c: c.args[1])),
    Mistake("{x} + {y} is returned", COMPARE, pair(lambda c: c.args[0] + c.args[1])),
    Mistake("{x} - {y} is returned", COMPARE, pair(lambda c: c.args[0] - c.args[1])),
    Mistake("{x} · {y} is returned", COMPARE, pair(lambda c: c.args[0] * c.args[1])),
    Mistake("{x} / {y} is returned", COMPARE, pair(lambda c: c.args[0] / c.args[1])),
    Mistake("the larger of {x} and {y} is returned", COMPARE, pair(lambda c: max(c.args))),
    Mistake("the smaller of {x} and {y} is returned", COMPARE, pair(lambda c: min(c.args))),
    Mistake(
        "yes and no are swapped",
        "The value is 1.0 where the condition holds, and 0.0 where it does not.",
        lambda c, _: 1.0 - _truth(c.value),
    ),
    Mistake(
        "the absolute value is taken",
        "A gradient has a sign: it says in which direction the value moves.",
        lambda c, _: abs(c.value),
        plant=Plant("the absolute value", "abs(right(*args))"),
    ),
    Mistake("the reciprocal is returned", "Look at what is divided by what.", lambda c, _: 1.0 / c.value),
)
"""Values, before a plain factor or offset is tried."""

RARER_VALUES: tuple[Mistake, ...] = (
    Mistake("the value is squared", "Look for a power or a factor too many.", lambda c, _: c.value * c.value),
    Mistake(
        "the value is multiplied by its argument", "Look for a factor too many.", alone(lambda c: c.value * c.args[0])
    ),
    Mistake("the sign of the argument is flipped", "Look for a minus before the argument.", value_at(lambda a: -a)),
    Mistake(
        "the absolute value of the argument is taken",
        "The argument may be negative, and its sign matters.",
        value_at(abs),
    ),
    Mistake(
        "the argument is taken in degrees instead of radians",
        "Python's functions, and this formula, take radians.",
        value_at(math.radians),
    ),
    *made_whole("the value", lambda c, _: c.value, lambda whole, _c, _i: whole),
    *decimals("the value", lambda c, _: c.value),
    Mistake(
        "the argument is cut off to a whole number",
        "int() and // drop what comes after the decimal point.",
        value_at(lambda a: float(math.trunc(a))),
    ),
)
"""Values, after it."""

CONSTANT_VALUES: tuple[Mistake, ...] = (
    *factor("the value", 1.001, lambda c, i: c.wanted[i], Plant("0.1 % too much", "1.001 * right(*args)")),
    *offset(
        "the value is off by a constant: {}", 0.25, lambda _: 1.0, Plant("a constant too much", "right(*args) + 0.25")
    ),
)
"""Values that are off by a constant, as they are planted."""


def _truth(value: float) -> float:
    return value if value in (0.0, 1.0) else math.nan


def factors_and_offsets(rows: Sequence[tuple[Case, tuple[object, ...]]], slots: Sequence[int]) -> Iterator[Mistake]:
    """Yield the constants that would explain a gradient's best-conditioned rows; all rows must bear them out yet."""
    found = [(c, i, got) for c, given in rows for i in slots if isinstance(got := given[i], float)]
    if not found:
        return
    sized = [(c, i, got) for c, i, got in found if abs(c.wanted[i]) > WELL_CONDITIONED]
    if sized:
        c, i, got = sized[0]
        yield from factor("the gradient", got / c.wanted[i], lambda c, i: c.wanted[i])
        yield from factor("d_out was forgotten, and what is left", got / c.partials[i], lambda c, i: c.partials[i])
    c, i, got = min(found, key=lambda one: abs(one[0].wanted[one[1]]))
    yield from offset("the gradient is off by a constant: {}", got - c.wanted[i], lambda _: 1.0)
    if len({c.partials[i] for c, i, _ in found}) > 1:  # a constant derivative is off by a factor, if by anything
        c, i, got = min(found, key=lambda one: abs(one[0].partials[one[1]]))
        name = "the derivative is off by a constant, before it is multiplied by d_out: {}"
        yield from offset(name, (got - c.wanted[i]) / c.d_out, lambda c: c.d_out)


def value_factors_and_offsets(rows: Sequence[tuple[Case, tuple[object, ...]]]) -> Iterator[Mistake]:
    """Yield the constants that would explain a value's best-conditioned rows."""
    found = [(c, got) for c, given in rows if isinstance(got := given[0], float)]
    sized = [(c, got) for c, got in found if abs(c.value) > WELL_CONDITIONED]
    if sized:
        yield from factor("the value", sized[0][1] / sized[0][0].value, lambda c, i: c.wanted[i])
    if found:
        c, got = min(found, key=lambda one: abs(one[0].value))
        yield from offset("the value is off by a constant: {}", got - c.value, lambda _: 1.0)
