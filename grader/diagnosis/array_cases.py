"""One wrong gradient of an array, with what a mistake is predicted from: the Jacobian, the cotangent, the arguments."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.assignment.array_shapes import ArrayFormulas
from grader.oracle import array_dual
from grader.oracle.array_formulas import ArrayFormula, Row, in_row, occurrences
from grader.oracle.array_inputs import ArrayInput
from grader.oracle.dual import Undefined
from grader.oracle.expressions import ExpressionError
from grader.oracle.jacobians import Flat

Array = Any
"""A numpy array of floats."""

CLOSE, CLOSE_SINGLE = 1e-8, 1e-3
"""How closely a mistake must predict what came back, relative to the largest entry; in single precision."""


class Case:
    """One input, and the gradient that came back for one argument. Raises Undefined where a derivative is no point."""

    def __init__(self, formulas: ArrayFormulas, one: ArrayInput, argument: int, got: Array, single: bool) -> None:
        self._formulas, self.one, self.argument, self.got = formulas, one, argument, got
        self.formula: ArrayFormula = formulas.in_row(one.row)
        self.parameters = dict(formulas.rows[one.row].parameters)
        self.args = [np.array(flat).reshape(shape) for flat, (_, shape) in zip(one.args, self.formula.arguments)]
        self.c: Array = np.array(one.cotangent).reshape(self.formula.shape)
        self._close = CLOSE_SINGLE if single else CLOSE

    @property
    def x(self) -> Array:
        """Return the argument whose gradient it is."""
        return self.args[self.argument]

    @functools.cached_property
    def right(self) -> Array:
        """Return the right gradient."""
        return self.of(self.argument)

    @functools.cached_property
    def value(self) -> Array:
        """Return the formula's value."""
        return np.array(array_dual.value(self.formula, self.one.args)).reshape(self.formula.shape)

    def of(self, argument: int) -> Array:
        """Return the right gradient by an argument."""
        return self.sent(self.jacobians[argument], self.c, self.args[argument].shape)

    def sent(self, jacobian: Array, c: Array, shape: tuple[int, ...]) -> Array:
        """Return what a Jacobian makes of a cotangent."""
        return (c.reshape(-1) @ jacobian).reshape(shape)

    @functools.cached_property
    def jacobians(self) -> list[Array]:
        """Return per argument the derivative of each entry of the value by each of its entries."""
        return self.jacobians_at(self.args)

    def jacobians_at(self, args: Sequence[Array]) -> list[Array]:
        """Return the Jacobians at other arguments. Raises Undefined."""
        return jacobians(self.formula, tuple(tuple(one.reshape(-1).tolist()) for one in args))

    def per_use(self) -> Iterator[Array]:
        """Yield the gradient through each use of the argument alone, where it is used more than once."""
        text, which = occurrences(self._formulas.text, self._formulas.arguments)
        places = [i for i, one in enumerate(which) if one == self.argument]
        if len(places) < 2:
            return
        names = tuple(f"_{i}" for i in range(len(which)))
        row = self._formulas.rows[self.one.row]
        try:
            formula = in_row(text, names, Row(tuple(row.shapes[i] for i in which), row.parameters))
            found = jacobians(formula, tuple(self.one.args[i] for i in which))
        except (ExpressionError, Undefined):
            return
        for place in places:
            yield self.sent(found[place], self.c, self.x.shape)

    def unsummed(self, argument: int) -> Array | None:
        """Return the gradient by an argument before it is summed over what was stretched.

        There is none where an entry of the value is made from several of the argument's.
        """
        jacobian = self.jacobians[argument]
        if (np.count_nonzero(jacobian, axis=1) > 1).any() or jacobian.shape[0] < jacobian.shape[1]:
            return None
        return self.c * jacobian.sum(axis=1).reshape(self.c.shape)

    def is_got(self, predicted: Array, reshaped: bool = False) -> bool:
        """Say whether a prediction is what came back; `reshaped`: in whatever shape."""
        if predicted.shape != self.got.shape and not (reshaped and predicted.size == self.got.size):
            return False
        return self.near(predicted.reshape(self.got.shape), self.got)

    def fitted(self, predicted: Array) -> Array | None:
        """Return a prediction as courses whose machinery fits gradients to their arguments hand it on.

        It is stretched to the argument's shape, and summed over the axes that are 1 there. None where it does not fit.
        """
        shape = self.x.shape
        try:
            whole = np.broadcast_to(predicted, np.broadcast_shapes(predicted.shape, shape))
        except ValueError:
            return None
        longer = (1,) * (whole.ndim - len(shape)) + shape
        axes = tuple(i for i, (n, m) in enumerate(zip(longer, whole.shape)) if n != m)
        return whole.sum(axis=axes, keepdims=True).reshape(shape)

    def near(self, one: Array, other: Array) -> bool:
        """Say whether two arrays of one shape are the same but for rounding."""
        largest = max(1e-9, float(np.max(np.abs(other), initial=0.0)))
        return bool(np.all(np.abs(one - other) <= self._close * largest))


def jacobians(formula: ArrayFormula, args: tuple[Flat, ...]) -> list[Array]:
    """Return per argument the derivative of each entry of the value. Raises Undefined where one is no point."""
    found = array_dual.answer(formula, args)
    if any(lo != hi for entry in found.partials for lo, hi in entry):
        raise Undefined("a kink or a jump")
    whole = np.array([[lo for lo, _ in entry] for entry in found.partials])
    ends = list(itertools.accumulate(len(flat) for flat in args))
    return [whole[:, end - len(flat) : end] for end, flat in zip(ends, args)]
