"""Mistakes in a central difference: what each would return, and why it is one.

A name is given only where it explains every call that was answered, and the right quotient does not. Of two that
explain as much, both are named; of more, none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from grader.diagnosis.mistakes import single
from grader.judging.tolerance import DEFAULT_STEP, GIVEN_STEP
from grader.model import Diagnosis
from grader.sandbox.probes.difference import FUNCTIONS, Difference

DEFAULT_ARG, DEFAULT_EPSILON = 0, 1e-6
MOST_NAMES, MIN_ROWS = 2, 3
SMALL = 1e-3
"""A step below this moves no quotient visibly; what is read off one is its size at most."""

READ_OFF = 1e-4
"""How well a constant is read off, relatively: rounding in the quotient is all there is."""

Rule = Callable[[Difference], float]
Row = tuple[Difference, float]


def step(one: Difference) -> float:
    """Return the step that a call asks for."""
    return one.epsilon if one.epsilon is not None else DEFAULT_EPSILON


def argument(one: Difference) -> int:
    """Return the number of the argument that a call asks for."""
    return one.arg if one.arg is not None else DEFAULT_ARG


def moved(one: Difference, by: float) -> float:
    """Return the function's value with the argument moved."""
    return _with(one, {argument(one): one.vals[argument(one)] + by})


def full(one: Difference) -> float:
    """Return the quotient with a step to each side."""
    return (moved(one, step(one)) - moved(one, -step(one))) / (2 * step(one))


def half(one: Difference) -> float:
    """Return the quotient with half a step to each side."""
    return (moved(one, step(one) / 2) - moved(one, -step(one) / 2)) / step(one)


RIGHT: tuple[Rule, ...] = (full, half)


def close(expected: float, one: Difference, value: object) -> bool:
    """Say whether a call returned what a rule says, up to rounding."""
    tolerance = GIVEN_STEP if one.epsilon is not None else DEFAULT_STEP
    return type(value) is float and abs(value - expected) <= tolerance.allowed(max(1.0, abs(expected)))


def fits(rule: Rule, rows: Iterable[Row]) -> bool:
    """Say whether a rule explains every row."""
    return all(close(rule(one), one, value) for one, value in rows)


def names(rows: Sequence[Row]) -> tuple[Diagnosis, ...]:
    """Name the mistake that explains every row, or two that do; nothing where the rows are few.

    The default step is the student's own, so where a given step shows the mistake, only given steps are looked at.
    """
    finite = all(math.isfinite(value) for _, value in rows)
    if len(rows) < MIN_ROWS or not finite or any(fits(rule, rows) for rule in RIGHT):
        return ()
    given = [(one, value) for one, value in rows if one.epsilon is not None]
    telling = rows if any(fits(rule, given) for rule in RIGHT) else given
    found = [name for name, rules in MISTAKES if any(fits(rule, telling) for rule in rules)]
    found = found or list(_read_off(rows))
    return tuple(found) if len(found) <= MOST_NAMES else ()


def _with(one: Difference, changed: dict[int, float]) -> float:
    return FUNCTIONS[one.function](*(changed.get(i, value) for i, value in enumerate(one.vals)))


def _all_moved(by: Callable[[Difference], float]) -> Rule:
    def rule(one: Difference) -> float:
        up, down = (_with(one, {i: value + sign * by(one) for i, value in enumerate(one.vals)}) for sign in (1, -1))
        return (up - down) / (2 * by(one))

    return rule


def _by_argument(which: Callable[[Difference], int], rules: Iterable[Rule] = RIGHT) -> tuple[Rule, ...]:
    def of(rule: Rule) -> Rule:
        return lambda one: rule(msgspec.structs.replace(one, arg=which(one)))

    return tuple(map(of, rules))


def _times(factor: Callable[[float], float], rules: Iterable[Rule] = RIGHT) -> tuple[Rule, ...]:
    def of(rule: Rule) -> Rule:
        return lambda one: rule(one) * factor(step(one))

    return tuple(map(of, rules))


def _forward(one: Difference) -> float:
    return (moved(one, step(one)) - moved(one, 0.0)) / step(one)


def _backward(one: Difference) -> float:
    return (moved(one, 0.0) - moved(one, -step(one))) / step(one)


def _relative(one: Difference, divided: bool) -> float:
    by = step(one) * one.vals[argument(one)]
    return (moved(one, by) - moved(one, -by)) / (2 * (by if divided else step(one)))


def _second_divided(one: Difference) -> float:
    return moved(one, step(one)) - moved(one, -step(one)) / (2 * step(one))


def _added(one: Difference) -> float:
    return (moved(one, step(one)) + moved(one, -step(one))) / (2 * step(one))


def _one_value(sign: int) -> Rule:
    return lambda one: moved(one, sign * step(one)) / (2 * step(one))


def _replaced(one: Difference) -> float:
    return (_with(one, {argument(one): step(one)}) - _with(one, {argument(one): -step(one)})) / (2 * step(one))


class _Single(float):
    """A number in single precision, as `numpy.float32` is one."""

    def __new__(cls, value: float) -> _Single:
        return super().__new__(cls, single(value))

    def __add__(self, other: Any) -> _Single:
        return _Single(float(self) + single(other))

    def __mul__(self, other: Any) -> _Single:
        return _Single(float(self) * single(other))

    __radd__, __rmul__ = __add__, __mul__


def _in_single(one: Difference, points_only: bool) -> float:
    """Return the quotient with the points in single precision, or with everything in it."""

    def at(by: float) -> float:
        vals = [single(value) for value in one.vals]
        vals[argument(one)] = single(vals[argument(one)] + single(by))
        return float(FUNCTIONS[one.function](*(vals if points_only else map(_Single, vals))))

    above, below = at(step(one)), at(-step(one))
    if points_only:
        return (above - below) / (2 * step(one))
    return single(single(above - below) / single(2 * step(one)))


SIDES = "f(x + ε) - f(x - ε) has a step to each side, so that the error of one side cancels that of the other."
APART = "x + ε and x - ε are 2ε apart, and the slope is the difference of the values over that distance."
COPY = "Two names for one list are one list: list(vals) makes a copy, and each point needs its own."
SINGLE = "numpy.float32 keeps about 7 digits, and a difference of two close values loses most of them."

MISTAKES: tuple[tuple[Diagnosis, tuple[Rule, ...]], ...] = (
    (Diagnosis("it steps forward only: a central difference steps to both sides", SIDES), (_forward,)),
    (Diagnosis("it steps backward only: a central difference steps to both sides", SIDES), (_backward,)),
    (
        Diagnosis(
            "one of the two points is not moved: ε is missing on one side, or both sides move the same list",
            "x + ε and x - ε are both needed, and list(vals) makes a copy, so that each point has a list of its own.",
        ),
        _times(lambda _: 0.5, (_forward, _backward)),
    ),
    (Diagnosis("both points are the same one, so it subtracts a value from itself", COPY), (lambda _: 0.0,)),
    (
        Diagnosis("the distance between the two points is 2ε, and it divides by ε", APART),
        _times(lambda _: 2.0, (full,)),
    ),
    (
        Diagnosis(
            "the distance between the two points is ε, and it divides by 2ε", "Here the points are x + ε/2 and x - ε/2."
        ),
        _times(lambda _: 0.5, (half,)),
    ),
    (
        Diagnosis("it multiplies by 2 where it should divide", "Python works from left to right: d / ε * 2 is 2d / ε."),
        _times(lambda _: 4.0, (full,)),
    ),
    (
        Diagnosis(
            "it divides by 2 and multiplies by ε",
            "Python works from left to right: d / 2 * ε is εd / 2, and d / (2 * ε) needs its parentheses.",
        ),
        (*_times(lambda e: e * e, (full,)), *_times(lambda e: e * e / 2, (half,))),
    ),
    (
        Diagnosis(
            "only the second value is divided", "A division comes before a minus: the difference needs parentheses."
        ),
        (_second_divided,),
    ),
    (
        Diagnosis("it never divides by the distance between the two points", APART),
        (*_times(lambda e: 2 * e, (full,)), *_times(lambda e: e, (half,))),
    ),
    (
        Diagnosis("it multiplies by the distance between the two points", APART),
        (*_times(lambda e: 4 * e * e, (full,)), *_times(lambda e: e * e, (half,))),
    ),
    (
        Diagnosis(
            "the two sides are subtracted the wrong way round",
            "The value at x + ε comes first, else a rising function seems to fall.",
        ),
        _times(lambda _: -1.0),
    ),
    (
        Diagnosis("the two values are added", "A slope is how much a value changes: subtract one from the other."),
        (_added,),
    ),
    (
        Diagnosis("only one of the two values is used", "A slope is how much a value changes: subtract the other one."),
        (_one_value(1), _one_value(-1)),
    ),
    (
        Diagnosis(
            "the argument is replaced by ε, and ε should be added to it", "The slope is asked for near x, not near 0."
        ),
        (_replaced,),
    ),
    (
        Diagnosis("`//` cuts the quotient down to a whole number", "`//` rounds down, and `/` keeps the fraction."),
        (lambda one: float(math.floor(full(one))), lambda one: float(math.floor(half(one)))),
    ),
    (
        Diagnosis(
            "`arg` is ignored: it always differentiates by the first argument",
            "Move vals[arg], and leave the others as they are.",
        ),
        _by_argument(lambda _: 0, (full, half, _forward)),
    ),
    (
        Diagnosis(
            "`arg` is ignored: it always differentiates by the last argument",
            "Move vals[arg], and leave the others as they are.",
        ),
        _by_argument(lambda one: len(one.vals) - 1),
    ),
    (
        Diagnosis("`arg` is counted from 1", "Arguments are numbered from 0: arg=1 is the second one, vals[1]."),
        _by_argument(lambda one: (argument(one) - 1) % len(one.vals)),
    ),
    (
        Diagnosis(
            "all arguments are moved at once",
            "A partial derivative moves one argument, vals[arg], and leaves the others as they are.",
        ),
        (_all_moved(step), _all_moved(lambda one: step(one) / 2)),
    ),
    (
        Diagnosis(
            "the argument is multiplied by 1 + ε, and ε should be added",
            "A step that grows with x is another one than was asked for.",
        ),
        (lambda one: _relative(one, True), lambda one: _relative(one, False)),
    ),
    (
        Diagnosis("it is computed in single precision", SINGLE),
        (
            lambda one: _in_single(one, False),
            lambda one: _in_single(one, True),
        ),
    ),
)
"""Each with what it would return, in the ways it is written."""

OWN_STEP = "The caller says how large the step is: use the parameter epsilon."
NO_DIFFERENCE = "what it returns does not depend on `epsilon`"


def _read_off(rows: Sequence[Row]) -> Iterator[Diagnosis]:
    """Name a constant that stands where ε should, and say which: it is read off what came back."""
    for constant in _steps(rows):
        always = [(one, value) for one, value in rows if _loosely(_at_step(constant)(one), value)]
        if len(always) == len(rows):
            ignored = f"`epsilon` is ignored: the step is always {constant:g}"
            yield Diagnosis(ignored if constant >= SMALL else NO_DIFFERENCE, OWN_STEP)
            return
    default = [value for one, value in rows if one.epsilon is None]
    given = [(one, value) for one, value in rows if one.epsilon is not None]
    for rule in RIGHT if default and given else ():
        for constant in _steps([(one, value) for one, value in rows if one.epsilon is None]):
            if fits(rule, given) and constant >= SMALL:
                yield Diagnosis(
                    f"the default of `epsilon` is {constant:g}",
                    f"A step that large is off by its square; the default should be {DEFAULT_EPSILON:g}.",
                )
                return
    yield from _constant_distance(given)
    for rule in RIGHT:
        factor = _common(value / rule(one) for one, value in given if rule(one))
        if factor is not None and all(value == 0.0 for one, value in given if not rule(one)):
            yield Diagnosis(f"the quotient is {factor:g} times what it should be", APART)
            return


def _steps(rows: Sequence[Row]) -> list[float]:
    """Return the steps that the cubes among some rows were taken with; for the smallest, the default."""
    squares = [max(value - 3 * _cubed(one) ** 2, 0.0) for one, value in rows if _is_cube(one)]
    if not squares or max(squares) - min(squares) > READ_OFF * max(*squares, SMALL):
        return []
    read = math.sqrt(sum(squares) / len(squares))
    return [_rounded(read)] if read >= SMALL else [DEFAULT_EPSILON]


def _is_cube(one: Difference) -> bool:
    return one.function == "cube" or (one.function == "mixed" and argument(one) == 2)


def _cubed(one: Difference) -> float:
    return one.vals[argument(one)]


def _rounded(value: float) -> float:
    """Return a number with as few digits as it can have been written with."""
    return next(
        (short for digits in (1, 2, 3) if math.isclose(short := float(f"{value:.{digits}g}"), value, rel_tol=READ_OFF)),
        value,
    )


def _at_step(constant: float) -> Rule:
    return lambda one: full(msgspec.structs.replace(one, epsilon=constant))


def _loosely(expected: float, value: float) -> bool:
    return abs(value - expected) <= READ_OFF / 10 * max(1.0, abs(expected))


def _constant_distance(rows: Sequence[Row]) -> Iterator[Diagnosis]:
    """Name a constant that it divides by, or that the points are moved by, where ε is used for the other."""
    given = [(one, value) for one, value in rows if value]
    for rule, width in ((full, 2.0), (half, 1.0)):
        distance = _common(rule(one) * width * step(one) / value for one, value in given)
        if distance is not None:
            yield Diagnosis(f"it divides by {distance:g}, whatever `epsilon` is", APART)
            return
    moved_by = _common(value * step(one) / _slope(one) for one, value in given if _slope(one))
    if moved_by is not None and 0 < moved_by < SMALL:
        yield Diagnosis("the points are moved by a step of its own, whatever `epsilon` is", OWN_STEP)


def _slope(one: Difference) -> float:
    return full(msgspec.structs.replace(one, epsilon=None))


def _common(values: Iterable[float]) -> float | None:
    """Return the number that all of some are, up to rounding; None where there are several, or few."""
    found = list(values)
    if len(found) < MIN_ROWS or any(not math.isclose(one, found[0], rel_tol=READ_OFF) for one in found):
        return None
    return _rounded(found[0])
