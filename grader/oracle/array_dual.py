"""Exact values and derivatives of formulas on arrays: the dual numbers of `dual`, as the entries of numpy's arrays.

numpy does what has to do with shapes; what has to do with numbers is `dual`'s, kinks and ties included. Here alone is
numpy imported where answers are worked out, and only for assignments that have arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.oracle import dual
from grader.oracle.array_formulas import COMPARISONS, ELEMENTWISE, REDUCTIONS, ArrayFormula, Term
from grader.oracle.dual import Dual, Undefined
from grader.oracle.expressions import COMPARED
from grader.oracle.jacobians import ArrayAnswer, Flat
from grader.oracle.shapes import Shape, size

Duals = Any
"""A numpy array of `Dual`s."""


def answer(formula: ArrayFormula, args: Sequence[Flat]) -> ArrayAnswer:
    """Work a formula out at one input, whose arguments are flat. Raises Undefined where a value is no finite number.

    >>> from grader.oracle.array_formulas import parse
    >>> answer(parse("sum(a * a)", {"a": (2,)}), [(3.0, 4.0)]).partials
    (((6.0, 6.0), (8.0, 8.0)),)
    """
    counts = [size(shape) for _, shape in formula.arguments]
    here = _Point(sum(counts))
    leaves, start = [], 0
    for flat, (_, shape) in zip(args, formula.arguments):
        made = [here.leaf(x, start + i) for i, x in enumerate(flat)]
        leaves.append(_array(made, shape))
        start += len(flat)
    try:
        found = here.evaluated(formula.root, leaves)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        raise Undefined(str(error)) from None
    entries = found.reshape(-1).tolist()
    if not all(dual.judgeable(one.partials) for one in entries):
        raise Undefined("no finite derivative")
    return ArrayAnswer(tuple(one.value for one in entries), tuple(one.partials for one in entries), here.gap)


def value(formula: ArrayFormula, args: Sequence[Flat]) -> Flat:
    """Return the value alone. Raises Undefined."""
    point = _Point(0)
    leaves = [_array([Dual(x, ()) for x in flat], shape) for flat, (_, shape) in zip(args, formula.arguments)]
    try:
        found = point.evaluated(formula.root, leaves)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        raise Undefined(str(error)) from None
    return tuple(one.value for one in found.reshape(-1).tolist())


class _Point:
    """One evaluation, and the narrowest comparison met."""

    def __init__(self, partials: int) -> None:
        self._zeros = ((0.0, 0.0),) * partials
        self.gap = float("inf")

    def leaf(self, x: float, place: int) -> Dual:
        """Return an argument's entry, whose partial by itself is 1."""
        zeros = self._zeros
        return Dual(x, (*zeros[:place], (1.0, 1.0), *zeros[place + 1 :]))

    def evaluated(self, term: Term, leaves: Sequence[Duals]) -> Duals:
        """Return what a term comes to, as an array."""
        if term.op == "argument":
            return leaves[term.settings[0]]
        if term.op == "number":
            return _array([Dual(term.value, self._zeros)], ())
        inner = [self.evaluated(one, leaves) for one in term.inputs]
        if term.op in COMPARISONS:
            return self._compared(term, *inner)
        if term.op == "where":
            return self._where(term.inputs[0], inner)
        if term.op == "pow" and not _varies(term.inputs[1]):
            return _each(dual.constant_power, *inner)
        return OPERATIONS[term.op](*inner, *term.settings)

    def _compared(self, term: Term, left: Duals, right: Duals) -> Duals:
        varies = any(map(_varies, term.inputs))

        def number(a: Dual, b: Dual) -> Dual:
            holds, tie = self._decided(term.op, a, b)
            found = Dual(float(holds), self._zeros)
            return dual.jumping(found) if tie and varies else found

        return _each(number, left, right)

    def _decided(self, op: str, a: Dual, b: Dual) -> tuple[bool, bool]:
        self.gap = min(self.gap, abs(a.value - b.value) or self.gap)
        return COMPARED[op](a.value, b.value), a.value == b.value

    def _where(self, condition: Term, inner: Sequence[Duals]) -> Duals:
        varies = any(map(_varies, condition.inputs))

        def chosen(decided: Dual, yes: Dual, no: Dual) -> Dual:
            tie = varies and dual.LINE in decided.partials
            one, other = (yes, no) if decided.value else (no, yes)
            return dual.either(one, other) if tie else one

        return _each(chosen, *inner)


def _varies(term: Term) -> bool:
    return term.op == "argument" or any(map(_varies, term.inputs))


def _array(entries: Sequence[Dual], shape: Shape) -> Duals:
    made = np.empty(len(entries), dtype=object)
    made[:] = entries
    return made.reshape(shape)


@functools.cache
def _ufunc(function: Callable[..., Dual], count: int) -> Any:
    return np.frompyfunc(function, count, 1)


def _each(function: Callable[..., Dual], *arrays: Duals) -> Duals:
    """Return a function of each entry; numpy stretches the arrays to each other, and makes no array of one entry."""
    made = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return made if isinstance(made, np.ndarray) else _array([made], ())


def _folded(function: Callable[[Dual, Dual], Dual]) -> Callable[[Duals, Shape, bool], Duals]:
    """Return a function that folds two entries as a reduction over axes, one after the other."""

    def reduction(x: Duals, axes: Shape, keepdims: bool) -> Duals:
        for axis in reversed(axes):
            x = _ufunc(function, 2).reduce(x, axis=axis, keepdims=keepdims)
            x = x if isinstance(x, np.ndarray) else _array([x], ())
        return x

    return reduction


_sum, _max = _folded(dual.add), _folded(dual.larger)


def _mean(x: Duals, axes: Shape, keepdims: bool) -> Duals:
    count = float(size(tuple(x.shape[i] for i in axes)))
    return _each(lambda one: one.through(one.value / count, 1.0 / count), _sum(x, axes, keepdims))


def _shifted(x: Duals, axes: Shape) -> tuple[Duals, Duals]:
    """Return exp(x - m) and m, the largest entry as a number: nothing overflows, and no derivative changes."""
    most = _each(lambda one: Dual(one.value, ((0.0, 0.0),) * len(one.partials)), _max(x, axes, True))
    return _each(dual.exp, _each(dual.subtract, x, most)), most


def _logsumexp(x: Duals, axes: Shape, keepdims: bool) -> Duals:
    shifted, most = _shifted(x, axes)
    found = _each(dual.add, _each(dual.log, _sum(shifted, axes, True)), most)
    return found if keepdims else found.reshape(tuple(n for i, n in enumerate(found.shape) if i not in axes))


def _softmax(x: Duals, axes: Shape) -> Duals:
    shifted, _ = _shifted(x, axes)
    return _each(dual.divide, shifted, _sum(shifted, axes, True))


def _matmul(a: Duals, b: Duals) -> Duals:
    rows, columns = a[np.newaxis, :] if a.ndim == 1 else a, b[:, np.newaxis] if b.ndim == 1 else b
    products = _each(dual.multiply, rows[..., :, :, np.newaxis], columns[..., np.newaxis, :, :])
    found = _sum(products, (products.ndim - 2,), False)
    if a.ndim == 1:
        found = found[..., 0, :]
    return _whole(found[..., 0] if b.ndim == 1 else found)


def _part(x: Duals, key: Sequence[Any]) -> Duals:
    return _whole(x[tuple(one if isinstance(one, int) else slice(*one) for one in key)])


def _whole(x: Any) -> Duals:
    return x if isinstance(x, np.ndarray) else _array([x], ())


OPERATIONS: dict[str, Callable[..., Duals]] = {
    "add": lambda a, b: _each(dual.add, a, b),
    "sub": lambda a, b: _each(dual.subtract, a, b),
    "mul": lambda a, b: _each(dual.multiply, a, b),
    "div": lambda a, b: _each(dual.divide, a, b),
    "pow": lambda a, b: _each(dual.power, a, b),
    "neg": lambda a: _each(dual.negate, a),
    "maximum": lambda a, b: _each(dual.larger, a, b),
    "minimum": lambda a, b: _each(dual.smaller, a, b),
    **{name: functools.partial(_each, dual.ONE_ARGUMENT[name]) for name in ELEMENTWISE},
    "sum": _sum,
    "mean": _mean,
    "max": _max,
    "min": _folded(dual.smaller),
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "matmul": _matmul,
    "reshape": lambda x, to: x.reshape(to),
    "broadcast_to": np.broadcast_to,
    "permute": lambda x, order: x.transpose(order),
    "transpose": lambda x, order: x.transpose(order),
    "concatenate": lambda *parts: np.concatenate(parts[:-1], axis=parts[-1]),
    "stack": lambda *parts: np.stack(parts[:-1], axis=parts[-1]),
    "getitem": _part,
}
"""Operation -> what it does to arrays of dual numbers, with its settings last."""

assert set(REDUCTIONS) <= set(OPERATIONS)
