"""The simplest input that shows a mistake, and the curve around it, asked of the same worker.

Small whole numbers are tried first, then simple fractions, all in one order of how hard they are to work with by hand:
the first that goes wrong is the simplest there is on the list. Where none on it does, an input that went wrong is
made simpler step by step. There is a budget of calls and none of time, and nothing is drawn by chance: the same
submission gets the same text.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from grader.assignment.formulas import Formulas
from grader.exercise_kinds.shrinking import shrink
from grader.exercise_kinds.wording import effort, tidy
from grader.model import Domain, Expected, Input, Plot
from grader.oracle.inputs import inside, usable

NUMBERS = (2.0, 3.0, 1.0, 4.0, 5.0, -1.0, -2.0, -3.0, 0.5, -0.5, 0.0, 10.0, 0.25, 1.5, 0.1, -10.0, 20.0, 100.0, -100.0)
D_OUTS = (1.0, 2.0, 3.0, -1.0, 0.5, 0.0)
FEWER = {1: len(NUMBERS), 2: 11}
"""How many of the numbers are combined, by how many arguments there are."""

FEWEST_NUMBERS = 4
LOTS = (8, 40, 152)
"""How many inputs are asked about at a time: most mistakes show among the first."""

SHRINK_ROUNDS = 12
POINTS, WINDOW = 41, 3.0

Evidence = TypeVar("Evidence")

Wrong = Callable[[Sequence[Input]], Sequence[Evidence | None]]
"""Ask about some inputs: what came back for each that is plainly wrong, None for each that is not."""


def simplest(
    formulas: Formulas, backward: bool, missed: Sequence[Input], wrong: Wrong[Evidence]
) -> tuple[Input, Evidence] | None:
    """Return the simplest input that goes wrong, with what came back; None where none goes plainly wrong.

    `missed` went wrong before, the simplest first; `backward` says that d_out matters.
    """
    for number in range(len(LOTS)):
        lot = _lot(formulas, backward, number)
        found = next(((one, told) for one, told in zip(lot, wrong(lot) if lot else ()) if told is not None), None)
        if found is not None:
            return found
    return _shrunk(formulas, backward, missed[0], wrong) if missed else None


@functools.lru_cache(maxsize=256)
def _lot(formulas: Formulas, backward: bool, number: int) -> tuple[Input, ...]:
    """Return one lot of the list, of those in the domain; the same for every submission."""
    start = sum(LOTS[:number])
    listed = _combined(len(formulas.arguments), backward)[start : start + LOTS[number]]
    return tuple(one for one in listed if _fits(formulas, one))


def _fits(formulas: Formulas, one: Input) -> bool:
    return all(map(inside, one.args, formulas.domains)) and usable(formulas.value, one.args) is not None


@functools.lru_cache(maxsize=16)
def _combined(arity: int, backward: bool) -> tuple[Input, ...]:
    numbers = NUMBERS[: FEWER.get(arity, FEWEST_NUMBERS)]
    points = itertools.product(*[numbers] * arity)
    found = [Input(args, d_out) for args in points for d_out in (D_OUTS if backward else D_OUTS[:1])]
    return tuple(sorted(found, key=lambda one: effort(one.args, one.d_out)))


def _shrunk(formulas: Formulas, backward: bool, start: Input, wrong: Wrong[Evidence]) -> tuple[Input, Evidence] | None:
    seen: dict[Input, Evidence | None] = {}

    def fails(candidates: Sequence[Input]) -> list[bool]:
        seen.update(zip(candidates, wrong(candidates)))
        return [seen.get(one) is not None for one in candidates]

    def smaller(one: Input) -> Iterator[Input]:
        for other in _simpler(one, backward):
            if effort(other.args, other.d_out) < effort(one.args, one.d_out) and _fits(formulas, other):
                yield other

    fails([start])
    found = shrink(start, smaller, fails, SHRINK_ROUNDS)
    told = seen.get(found)
    return None if told is None else (found, told)


def _simpler(one: Input, backward: bool) -> Iterator[Input]:
    """Yield inputs with one number rounded, halved, or swapped for a simple one."""
    for d_out in D_OUTS if backward else ():
        yield Input(one.args, d_out)
    for i, number in enumerate(one.args):
        rounded = [float(f"{number:.{digits}g}") for digits in (1, 2, 3, 4, 5, 7)]
        for other in dict.fromkeys((*NUMBERS, round(number, 0), *rounded, tidy(number / 2), tidy(number / 10))):
            yield Input((*one.args[:i], other, *one.args[i + 1 :]), one.d_out)


def curve(
    formulas: Formulas,
    at: Input,
    what: str,
    returned: Callable[[Sequence[Input]], Sequence[float | None]],
    right: Callable[[Expected], float | None],
) -> Plot | None:
    """Return a student's curve beside the right one around an input; None for more than one argument."""
    if len(formulas.arguments) != 1:
        return None
    kept = _around(formulas, at)
    if len(kept) < 2:
        return None
    told = list(returned([one for one, _ in kept]))
    told += [None] * (len(kept) - len(told))
    wanted = [right(answer) for _, answer in kept]
    return Plot(
        argument=formulas.arguments[0],
        what=what,
        at=tuple(one.args[0] for one, _ in kept),
        returned=tuple(_short(one, 3) for one in told),
        expected=tuple(_short(one, 6) for one in wanted),
    )


@functools.lru_cache(maxsize=64)
def _around(formulas: Formulas, at: Input) -> tuple[tuple[Input, Expected], ...]:
    inputs = [Input((x,), at.d_out) for x in _window(formulas.domains[0], at.args[0])]
    return tuple((one, answer) for one in inputs if (answer := usable(formulas.value, one.args)) is not None)


def _window(domain: Domain, around: float) -> Iterator[float]:
    half = max(WINDOW, 1.5 * abs(around))
    lo, hi = max(domain.lo, -half), min(domain.hi, half)
    for i in range(POINTS):
        x = float(f"{lo + (hi - lo) * i / (POINTS - 1):.4g}")
        if inside(x, domain):
            yield x


def _short(value: float | None, digits: int) -> float | None:
    return None if value is None else float(f"{value:.{digits}g}")
