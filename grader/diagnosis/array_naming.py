"""Name a mistake in gradients of arrays, where it predicts every wrong gradient that came back. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.assignment.array_shapes import ArrayFormulas
from grader.diagnosis.array_cases import Case
from grader.diagnosis.array_mistakes import MISTAKES, ArrayMistake, holds
from grader.judging import array_bands as bands
from grader.model import Diagnosis
from grader.oracle.array_inputs import ArrayInput, usable
from grader.oracle.dual import Undefined
from grader.oracle.shapes import size
from grader.sandbox.boundary.protocol import ArrayTold, Fault
from grader.sandbox.probes.arrays import ArrayRow

Told = tuple[ArrayInput, ArrayRow]


def gradients(formulas: ArrayFormulas, rows: Sequence[Told]) -> tuple[Diagnosis, ...]:
    """Return the mistakes that explain what came back: one for all arguments, or one per argument; else none."""
    by_argument: dict[int, list[Case]] = {}
    unsure = False
    for one, row in rows:
        if isinstance(row.value, Fault) or isinstance(row.gradients, Fault):
            continue  # an exception is told beside the name
        found = _cases(formulas, one, row)
        unsure = unsure or found is None
        for case in found or ():
            by_argument.setdefault(case.argument, []).append(case)
    if unsure or not by_argument:
        return ()
    names = {argument: _name(cases) for argument, cases in by_argument.items()}
    if any(one is None for one in names.values()):
        return ()
    op = formulas.in_row(0).root.op
    different = {one.name: one for one in names.values() if one is not None}
    if len(different) == 1 and (len(names) == len(formulas.arguments) or len(formulas.arguments) == 1):
        (only,) = different.values()
        return (Diagnosis(only.name.format(op=op), only.why.format(op=op)),)
    return tuple(
        Diagnosis(one.name.format(op=op), one.why.format(op=op), formulas.arguments[argument])
        for argument, one in sorted(names.items())
        if one is not None
    )


def _cases(formulas: ArrayFormulas, one: ArrayInput, row: ArrayRow) -> list[Case] | None:
    """Return the wrong gradients of one input; None where something else than arrays came back."""
    if not isinstance(row.gradients, tuple):
        return None
    formula = formulas.in_row(one.row)
    expected = usable(formula, one.args, one.cotangent)
    if expected is None:
        return []
    shapes = (formula.shape, *(shape for _, shape in formula.arguments))
    if isinstance(row.value, ArrayTold) and not bands.right_value(row, expected, shapes):
        return None  # of a wrong value the gradient may be right, and its mistake is the value's
    found = []
    for argument in bands.off_arguments(row.gradients, expected, shapes):
        got = row.gradients[argument]
        if not isinstance(got, ArrayTold) or len(got.data) != size(got.shape) or not np.isfinite(got.data).all():
            return None
        array = np.array(got.data).reshape(got.shape)
        case = Case(formulas, one, argument, array, got.dtype in bands.SINGLE)
        try:
            case.right  # noqa: B018 - where a derivative is no point, nothing is predicted
        except Undefined:
            continue
        found.append(case)
    return found


def _name(cases: Sequence[Case]) -> ArrayMistake | None:
    """Return the first mistake that predicts what came back in every case."""
    for mistake in MISTAKES:
        if all(holds(mistake, case) for case in cases):
            return mistake
    return None
