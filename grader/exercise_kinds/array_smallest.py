"""The smallest arrays that show a mistake: the author's rows with shorter axes and fewer of them, and plain entries.

Rows are tried in the order of how many entries they have, each with entries that are easy to work with by hand. The
first that goes wrong is shown. Nothing is drawn by chance: the same submission gets the same text.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

import msgspec

from grader.assignment.array_shapes import ArrayFormulas
from grader.oracle.array_formulas import COMPARISONS, ELEMENTWISE, PAIRS, Row, in_row, shape_parameters
from grader.oracle.array_inputs import ArrayInput, usable
from grader.oracle.expressions import ExpressionError
from grader.oracle.inputs import inside
from grader.oracle.shapes import Shape, size

COUNTING = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
MIXED = (3.0, -1.0, 2.0, 0.5, -2.0, 4.0, 1.5, -3.0)
FILLS = (COUNTING, MIXED, (2.0, 0.5, 3.0, 1.0, 4.0, 0.25), (1.0, 0.0, 1.0, -1.0, 2.0), (0.5, 0.25, -0.5, 0.75))
"""What entries are, one after the other; the first that lies in the domains and shows the mistake is taken."""

SENT = (2.0, 3.0, 5.0, -1.0, 4.0, -2.0, 0.5)
LOTS = (16, 48, 96)
"""How many inputs are asked about at a time."""

MOST_ROWS = 80
SHORTEST = (1, 2, 3)
"""What axes are shortened to."""

ELEMENTWISE_USED = frozenset((*ELEMENTWISE, *PAIRS, *COMPARISONS, "add", "sub", "mul", "div", "pow", "neg", "where"))

Evidence = TypeVar("Evidence")
Wrong = Callable[[ArrayFormulas, Sequence[ArrayInput]], Sequence[Evidence | None]]
"""Ask about inputs of some formulas: what came back for each that is plainly wrong, None for each that is not."""


class Small(msgspec.Struct, frozen=True):
    """Formulas over small rows, and inputs for them, the smallest first."""

    formulas: ArrayFormulas
    inputs: tuple[ArrayInput, ...]


def smallest(
    formulas: ArrayFormulas, missed: Sequence[ArrayInput], wrong: Wrong[Evidence]
) -> tuple[ArrayFormulas, ArrayInput, Evidence] | None:
    """Return the smallest input that goes wrong, with the formulas whose row it is of and what came back.

    `missed` went wrong before, the smallest first: they are fallen back on. None where nothing goes plainly wrong.
    """
    small, start = candidates(formulas), 0
    for count in LOTS:
        lot = small.inputs[start : start + count]
        start += count
        found = next(((one, told) for one, told in zip(lot, wrong(small.formulas, lot)) if told is not None), None)
        if found is not None:
            return small.formulas, *found
    found = next(((one, told) for one, told in zip(missed, wrong(formulas, missed)) if told is not None), None)
    return None if found is None else (formulas, *found)


@functools.lru_cache(128)
def candidates(formulas: ArrayFormulas) -> Small:
    """Return the small inputs of some formulas, the same for every submission."""
    rows = _rows(formulas)
    smaller = msgspec.structs.replace(formulas, rows=tuple(rows))
    found = [one for i in range(len(rows)) for one in _filled(smaller, i)]
    return Small(smaller, tuple(found[: sum(LOTS)]))


def _rows(formulas: ArrayFormulas) -> list[Row]:
    """Return rows like the author's with fewer entries, those with the fewest first."""
    seen: dict[Row, float] = {}
    for row in formulas.rows:
        for one in _shrunk(formulas, row):
            if one not in seen and _fits(formulas, one):
                seen[one] = _effort(formulas, one)
    return sorted(seen, key=lambda one: (seen[one], sum(map(len, one.shapes)), repr(one)))[:MOST_ROWS]


def _effort(formulas: ArrayFormulas, row: Row) -> float:
    """Return how many entries a row has, and more where it shows little: one each, a number, the same shape."""
    formula = in_row(formulas.text, formulas.arguments, row)
    entries = [size(shape) for shape in row.shapes]
    told = len(entries) > 1 or not set(formula.used) <= ELEMENTWISE_USED
    alike = told and (max(*entries, size(formula.shape)) == 1 or row.shapes == (formula.shape,))
    return sum(entries) + size(formula.shape) / 2 + 2.5 * alike + 2.0 * (len(entries) > 1 and () in row.shapes)


def _shrunk(formulas: ArrayFormulas, row: Row) -> Iterator[Row]:
    """Yield a row with every length of an axis replaced by a shorter one, and with first axes left out."""
    written = shape_parameters(formulas.text)
    for fewer in (row, *_without_first_axes(formulas, row)):
        lengths = sorted({n for shape in fewer.shapes for n in shape if n > 1})
        choices = [[m for m in SHORTEST if m < n] + [n] * (n <= SHORTEST[-1] or len(lengths) > 3) for n in lengths]
        for chosen in itertools.islice(itertools.product(*choices), 256):
            short = dict(zip(lengths, chosen))
            shapes = tuple(tuple(short.get(n, n) for n in shape) for shape in fewer.shapes)
            yield Row(shapes, tuple((name, _short(value, short, name in written)) for name, value in fewer.parameters))
            if written:
                yield from (Row(shapes, others) for others in _written(fewer, written))


def _short(value: int | Shape, short: dict[int, int], is_shape: bool) -> int | Shape:
    return tuple(short.get(n, n) for n in value) if is_shape and isinstance(value, tuple) else value


def _written(row: Row, names: Collection[str]) -> Iterator[tuple[tuple[str, int | Shape], ...]]:
    """Yield a row's parameters with every short length in those that are shapes: of what fits some is reshaped to."""
    each = [
        list(itertools.product(SHORTEST, repeat=len(value))) if name in names and isinstance(value, tuple) else [value]
        for name, value in row.parameters
    ]
    for chosen in itertools.islice(itertools.product(*each), 81):
        yield tuple((name, value) for (name, _), value in zip(row.parameters, chosen))


def _without_first_axes(formulas: ArrayFormulas, row: Row) -> Iterator[Row]:
    """Yield a row whose longest shapes have lost their first axis, then more.

    Elementwise code is the same for any number of axes. Other code need work for as many as the author's rows have.
    """
    if not set(formulas.in_row(0).used) <= ELEMENTWISE_USED:
        return
    most = max((len(shape) for shape in row.shapes), default=0)
    for count in range(1, most):
        shapes = tuple(shape[max(0, len(shape) - most + count) :] for shape in row.shapes)
        yield msgspec.structs.replace(row, shapes=shapes)


def _fits(formulas: ArrayFormulas, row: Row) -> bool:
    try:
        for text in (formulas.text, *formulas.also_accept):
            in_row(text, formulas.arguments, row)
    except ExpressionError:
        return False
    return True


def _filled(formulas: ArrayFormulas, row: int) -> Iterator[ArrayInput]:
    """Yield inputs of a row with plain entries, those that can be judged."""
    formula = formulas.in_row(row)
    for fill in FILLS:
        entries = itertools.cycle(fill)
        args = []
        for domain, shape in zip(formulas.domains, formulas.rows[row].shapes):
            allowed = [one for one in fill if inside(one, domain)]
            if not allowed:
                break
            args.append(tuple(next(one for one in entries if one in allowed) for _ in range(size(shape))))
        if len(args) < len(formulas.domains):
            continue
        sent = tuple(itertools.islice(itertools.cycle(SENT), size(formula.shape)))
        if usable(formula, args, sent) is not None:
            yield ArrayInput(row, tuple(args), sent)
