"""Mistakes in gradients of arrays, each with what it predicts: a table, most telling first.

A mistake says of a case that it predicts what came back (True), something else (False), or that it cannot tell there
(None), for it predicts what is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from grader.diagnosis.array_cases import Array, Case
from grader.oracle.array_formulas import REDUCTIONS, Term
from grader.oracle.dual import Undefined

Predicts = Callable[[Case], Iterator[Array]]
"""Yield what a mistake may return; one of them is to be what came back."""


class ArrayMistake(msgspec.Struct, frozen=True):
    """A mistake's name, why it is one, and what it predicts.

    `reshaped`: entries count, not the shape they came in. `fitted`: a course's machinery may have fitted what it
    predicts to the argument's shape.
    """

    name: str
    why: str
    predicts: Predicts
    reshaped: bool = False
    fitted: bool = True


def holds(mistake: ArrayMistake, case: Case) -> bool | None:
    """Say whether a mistake predicts what came back; None where it predicts nothing, or what is right."""
    told = False
    try:
        for predicted in mistake.predicts(case):
            if predicted.shape == case.right.shape and case.near(predicted, case.right):
                continue
            told = True
            if case.is_got(predicted, mistake.reshaped):
                return True
            may_be = mistake.fitted and predicted.shape != case.right.shape == case.got.shape
            fitted = case.fitted(predicted) if may_be else None
            if fitted is not None and not case.near(fitted, case.right) and case.is_got(fitted):
                return True
    except Undefined:
        return None
    return False if told else None


def _root(case: Case) -> Term:
    return case.formula.root


def _subsets(axes: range) -> Iterator[tuple[int, ...]]:
    for count in range(1, len(axes) + 1):
        yield from itertools.combinations(axes, count)


def _not_summed(case: Case) -> Iterator[Array]:
    """Yield what came back, where summing it over some axes gives what is right."""
    got, right = case.got, case.right
    if got.size < right.size or got.shape == right.shape:
        return
    for axes in _subsets(range(got.ndim)):
        summed = got.sum(axis=axes)
        if summed.size == right.size and case.near(summed.reshape(right.shape), right):
            yield got
            return
    yield np.full(got.shape, np.nan)


def _summed_elsewhere(case: Case) -> Iterator[Array]:
    """Yield the gradient summed over other axes than those that were stretched."""
    whole = case.unsummed(case.argument)
    if whole is None:
        return
    for axes in _subsets(range(whole.ndim)):
        summed = whole.sum(axis=axes)
        if summed.size == case.right.size:
            yield summed.reshape(case.right.shape)
            yield whole.sum(axis=axes, keepdims=True)
        yield summed


def _laid_elsewhere(case: Case) -> Iterator[Array]:
    """Yield the cotangent laid over what was summed along other axes, or in another order."""
    root = _root(case)
    if root.op not in ("sum", "mean") or root.inputs[0].op != "argument":
        return
    shape, c = case.x.shape, case.c
    axes, _ = root.settings
    factor = 1.0 / np.prod([shape[i] for i in axes]) if root.op == "mean" else 1.0
    inner = tuple(n for i, n in enumerate(shape) if i not in axes)
    plain = c.reshape(inner)
    for kept in itertools.combinations(range(len(shape)), len(inner)):
        laid = [1] * len(shape)
        for axis, n in zip(kept, inner):
            laid[axis] = n
        if all(n in (1, m) for n, m in zip(laid, shape)):
            yield factor * np.broadcast_to(plain.reshape(laid), shape)
    if plain.size > 1:
        yield factor * np.resize(plain.reshape(-1), shape)
        yield factor * np.repeat(plain.reshape(-1), case.x.size // plain.size).reshape(shape)


def _not_spread(case: Case) -> Iterator[Array]:
    """Yield the cotangent as it came, where it should be spread back over what was summed."""
    root = _root(case)
    if root.op not in REDUCTIONS or case.c.size >= case.x.size:
        return
    yield case.c
    yield np.expand_dims(case.c, root.settings[0]) if case.c.ndim < case.x.ndim else case.c
    if root.op == "mean":
        yield case.c * (case.c.size / case.x.size)


def _averaged(case: Case) -> Iterator[Array]:
    whole = case.unsummed(case.argument)
    if whole is not None and whole.size > case.x.size:
        yield case.right * (case.x.size / whole.size)


def _times_divisor(case: Case) -> Iterator[Array]:
    root = _root(case)
    if root.op == "div" and root.inputs[0].op == "argument" and root.inputs[1].op == "number":
        yield case.right * root.inputs[1].value ** 2


def _too_early(case: Case) -> Iterator[Array]:
    """Yield derivatives that were worked out at the argument times the cotangent."""
    if case.x.shape == case.c.shape:
        moved = [case.c * one if i == case.argument else one for i, one in enumerate(case.args)]
        jacobian = case.jacobians_at(moved)[case.argument]
        yield case.sent(jacobian, np.ones_like(case.c), case.x.shape)
        yield case.sent(jacobian, case.c, case.x.shape)


def _permutations(case: Case) -> Iterator[Array]:
    right = case.right
    if right.ndim >= 2:
        for order in itertools.permutations(range(right.ndim)):
            if order != tuple(range(right.ndim)):
                yield right.transpose(order)


def _permuted_again(case: Case) -> Iterator[Array]:
    root = _root(case)
    if root.op in ("permute", "transpose") and root.inputs[0].op == "argument":
        yield case.c.transpose(root.settings[0])


def _passed_on(case: Case) -> Iterator[Array]:
    yield case.c
    yield from _summed_to(case.c, case.x.shape)


def _not_put_back(case: Case) -> Iterator[Array]:
    if _root(case).op in ("permute", "transpose", "reshape"):
        yield case.c


def _ones(case: Case) -> Iterator[Array]:
    yield case.sent(case.jacobians[case.argument], np.ones_like(case.c), case.x.shape)


def _cotangent_as_input(case: Case) -> Iterator[Array]:
    """Yield derivatives that were worked out with the cotangent in an argument's place."""
    for place, x in enumerate(case.args):
        if x.shape != case.c.shape:
            continue
        moved = [case.c if i == place else one for i, one in enumerate(case.args)]
        try:
            jacobian = case.jacobians_at(moved)[case.argument]
        except Undefined:
            continue
        for sent in (case.c, x, np.ones_like(case.c)):
            yield case.sent(jacobian, sent, case.x.shape)


def _value_as_input(case: Case) -> Iterator[Array]:
    """Yield derivatives that were worked out at the value."""
    for place, x in enumerate(case.args):
        if x.shape == case.value.shape and x.size:
            moved = [case.value if i == place else one for i, one in enumerate(case.args)]
            try:
                yield case.sent(case.jacobians_at(moved)[case.argument], case.c, case.x.shape)
            except Undefined:
                continue


def _negative(case: Case) -> Iterator[Array]:
    yield -case.right


def _twice(case: Case) -> Iterator[Array]:
    yield 2.0 * case.right


def _half(case: Case) -> Iterator[Array]:
    yield 0.5 * case.right


def _without_factor(case: Case) -> Iterator[Array]:
    root = _root(case)
    if root.op == "mean":
        yield case.right * (case.x.size / case.c.size)


def _to_all(case: Case) -> Iterator[Array]:
    root = _root(case)
    if root.op in ("max", "min") and root.inputs[0].op == "argument":
        axes, keepdims = root.settings
        spread = case.c if keepdims else np.expand_dims(case.c, axes)
        yield np.broadcast_to(spread, case.x.shape)


def _zeros(case: Case) -> Iterator[Array]:
    yield np.zeros_like(case.right)


def _to_none(case: Case) -> Iterator[Array]:
    if _root(case).op in ("max", "min"):
        yield np.zeros_like(case.right)


def _of_another(case: Case) -> Iterator[Array]:
    for other in range(len(case.args)):
        if other != case.argument:
            yield case.of(other)
            whole = case.unsummed(other)
            if whole is not None and whole.size >= case.x.size:
                yield from _summed_to(whole, case.x.shape)


def _summed_to(whole: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """Yield an array summed over the axes that a shape has stretched to it; nothing where it has not."""
    longer = (1,) * (whole.ndim - len(shape)) + shape
    if len(longer) == whole.ndim and all(n in (1, m) for n, m in zip(longer, whole.shape)):
        axes = tuple(i for i, (n, m) in enumerate(zip(longer, whole.shape)) if n != m)
        yield whole.sum(axis=axes, keepdims=True).reshape(shape)


def _squared(case: Case) -> Iterator[Array]:
    yield case.sent(case.jacobians[case.argument], case.c * case.c, case.x.shape)


def _one_use(case: Case) -> Iterator[Array]:
    yield from case.per_use()


def _exponent_kept(case: Case) -> Iterator[Array]:
    root = _root(case)
    if root.op == "pow" and root.inputs[0].op == "argument":
        yield case.right * case.x


def _exponent_lost(case: Case) -> Iterator[Array]:
    root = _root(case)
    if root.op == "pow" and root.inputs[0].op == "argument" and root.inputs[1].op == "number":
        yield case.right / root.inputs[1].value


def _not_squared(case: Case) -> Iterator[Array]:
    """Yield a quotient's gradient by its denominator in which that is not squared."""
    root = _root(case)
    if root.op == "div" and root.inputs[1].op == "argument" and root.inputs[1].settings == (case.argument,):
        for sign in (1.0, -1.0):
            yield sign * case.right * case.x


def _factors(case: Case) -> tuple[Array, Array] | None:
    """Return the two factors of a matrix product of two arguments, as matrices."""
    root = _root(case)
    if root.op != "matmul" or any(one.op != "argument" for one in root.inputs) or case.x.ndim < 2:
        return None
    a, b = (case.args[one.settings[0]] for one in root.inputs)
    return (a, b) if a.ndim >= 2 and b.ndim >= 2 else None


def _turned(array: Array) -> Array:
    return np.swapaxes(array, -1, -2)


def _product(one: Array, other: Array, like: Array) -> Iterator[Array]:
    """Yield a matrix product, also summed over the axes before the last two; nothing where shapes do not fit."""
    try:
        found = one @ other
    except ValueError:
        return
    yield found
    extra = found.ndim - like.ndim
    if extra > 0:
        yield found.sum(axis=tuple(range(extra)))


def _not_transposed(case: Case) -> Iterator[Array]:
    factors = _factors(case)
    if factors is None:
        return
    a, b = factors
    first = _root(case).inputs[0].settings == (case.argument,)
    if first:
        yield from _product(case.c, b, case.x)
        yield from _product(_turned(case.c), b, case.x)
    else:
        yield from _product(a, case.c, case.x)
        yield from _product(a, _turned(case.c), case.x)


def _wrong_order(case: Case) -> Iterator[Array]:
    factors = _factors(case)
    if factors is None:
        return
    a, b = factors
    if _root(case).inputs[0].settings == (case.argument,):
        yield from _product(_turned(b), case.c, case.x)
        yield from _product(b, case.c, case.x)
    else:
        yield from _product(case.c, _turned(a), case.x)
        yield from _product(case.c, a, case.x)


def _kept_lost(case: Case) -> Iterator[Array]:
    """Yield the right entries in a shape that differs by axes of length 1."""
    got, right = case.got, case.right
    squeezed = [tuple(n for n in one.shape if n != 1) for one in (got, right)]
    if squeezed[0] == squeezed[1] and got.shape != right.shape:
        yield right.reshape(got.shape)


def _not_reshaped(case: Case) -> Iterator[Array]:
    if case.got.size == case.right.size and case.got.shape != case.right.shape:
        yield case.right.reshape(case.got.shape)


LAID = "Each number that is sent back belongs to the entries that were summed into it."
MISTAKES = (
    ArrayMistake(
        "an axis of length 1 is lost or left over",
        "The gradient has the shape of the argument, axes of length 1 included.",
        _kept_lost,
    ),
    ArrayMistake(
        "the gradient is not summed over the axis that was stretched",
        "An entry that is used several times gets the sum of what comes back from each use, so the gradient has the "
        "shape of the argument.",
        _not_summed,
    ),
    ArrayMistake(
        "{op} gives the gradient to none of the entries",
        "What is sent back goes to the entry that was taken.",
        _to_none,
    ),
    ArrayMistake("the gradient is always 0", "What is sent back gets lost on its way.", _zeros),
    ArrayMistake("the sign is wrong", "", _negative),
    ArrayMistake(
        "the mean's factor is missing", "A mean of n numbers passes 1/n of what is sent back to each.", _without_factor
    ),
    ArrayMistake(
        "{op} gives the gradient to every entry",
        "What is sent back goes to the entry that was taken; the others have no part in the value.",
        _to_all,
    ),
    ArrayMistake(
        "the axes are permuted the same way again, and not back",
        "Backward undoes the order: the axis that went to place k comes back from place k.",
        _permuted_again,
    ),
    ArrayMistake(
        "d_out is not brought back to the shape and order of the argument",
        "Each number that is sent back belongs to the entry that it came from.",
        _not_put_back,
        reshaped=False,
    ),
    ArrayMistake(
        "d_out is not spread back over the axis that was reduced",
        f"{LAID} So the gradient has the shape of the argument.",
        _not_spread,
        fitted=False,
    ),
    ArrayMistake("d_out is laid along the wrong axis, or in another order", LAID, _laid_elsewhere),
    ArrayMistake(
        "the gradient is averaged over the axis that was stretched",
        "An entry that is used several times gets the sum of what comes back from each use.",
        _averaged,
    ),
    ArrayMistake("it is multiplied by the divisor, and not divided", "x / n has the derivative 1 / n.", _times_divisor),
    ArrayMistake(
        "the gradient is summed over the wrong axis",
        "It is summed over the axes that were stretched, and over no others.",
        _summed_elsewhere,
    ),
    ArrayMistake(
        "the other factor is not transposed",
        "For c = a @ b, the gradient by a is d_out @ bᵀ, and by b it is aᵀ @ d_out.",
        _not_transposed,
        reshaped=False,
    ),
    ArrayMistake(
        "the matrices are multiplied in the wrong order",
        "For c = a @ b, the gradient by a is d_out @ bᵀ, and by b it is aᵀ @ d_out.",
        _wrong_order,
    ),
    ArrayMistake(
        "one use of the argument overwrites what came back from another",
        "What comes back from several uses is added up.",
        _one_use,
    ),
    ArrayMistake("the gradient is twice what it should be", "", _twice),
    ArrayMistake("the gradient is half of what it should be", "", _half),
    ArrayMistake(
        "d_out is passed on as it came",
        "It is to be multiplied by the derivative.",
        _passed_on,
    ),
    ArrayMistake("d_out is multiplied in twice", "The gradient is d_out times the derivative, once.", _squared),
    ArrayMistake(
        "d_out is ignored",
        "The gradient is what is sent back times the derivative; all ones are sent only when it starts from here.",
        _ones,
    ),
    ArrayMistake("the exponent is not lowered by one", "The derivative of x ** n is n * x ** (n - 1).", _exponent_kept),
    ArrayMistake(
        "the exponent is missing as a factor", "The derivative of x ** n is n * x ** (n - 1).", _exponent_lost
    ),
    ArrayMistake("the denominator is not squared", "The derivative of a / b by b is -a / b ** 2.", _not_squared),
    ArrayMistake(
        "the gradient's axes are swapped", "The gradient has its entries in the argument's places.", _permutations
    ),
    ArrayMistake(
        "d_out is multiplied in before the derivative is taken",
        "The derivative is worked out at the argument, and multiplied by d_out.",
        _too_early,
    ),
    ArrayMistake(
        "d_out stands where the argument belongs",
        "The derivative is worked out at the argument, and multiplied by d_out.",
        _cotangent_as_input,
    ),
    ArrayMistake("the gradient of another argument is returned", "Each argument has its own, in order.", _of_another),
    ArrayMistake("the derivative is worked out at the value in place of the argument", "", _value_as_input),
    ArrayMistake(
        "the gradient is not brought back to the argument's shape",
        "The gradient has the shape of the argument.",
        _not_reshaped,
    ),
)
