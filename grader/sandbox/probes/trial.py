"""Try every function of a dialect on the author's own reference, and tell what came of each: nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.dialect import Interface, Lacking, Spoken
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.array_values import numpy
from grader.sandbox.worker.faults import fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number, odd

X, Y, D = 3.0, 2.0, -1.5
"""The numbers that are tried: x · y and x + y are told apart from each other and from their parts."""


class TrialRequest(msgspec.Struct, frozen=True):
    """Run a dialect's functions: those that it has, and the defaults that it relies on. `names`: which to try.

    `arrays`: it is given arrays of one number, for no exercise of its course gives it numbers.
    """

    how: Interface
    names: tuple[str, ...]
    operations: tuple[str, ...]
    arrays: bool = False


class TrialReply(msgspec.Struct, frozen=True):
    """What came of each function that was tried, in order: numbers, something else, or an exception; by its name."""

    came: tuple[tuple[str, tuple[float | NonNumeric, ...] | Fault], ...]


def answer(ask: TrialRequest, package: Package) -> TrialReply:
    """Try each."""
    try:
        spoken = _with_arrays(Spoken(package, ask.how)) if ask.arrays else Spoken(package, ask.how)
    except Exception as error:
        return TrialReply((("the file", fault(error, package.files)),))
    came: list[tuple[str, tuple[float | NonNumeric, ...] | Fault]] = []
    for name in ask.names:
        try:
            came.append((name, tuple(number(one) for one in TRIED[name](spoken))))
        except BaseException as error:
            told = fault(error, package.files)
            if isinstance(error, Lacking):
                told = msgspec.structs.replace(told, message=f"there is no {error.name}")
            came.append((name, told))
    for name in ask.operations:
        try:
            came.append((f"OPERATIONS[{name!r}]", _operated(spoken, name)))
        except BaseException as error:
            came.append((f"OPERATIONS[{name!r}]", fault(error, package.files)))
    return TrialReply(tuple(came))


def _with_arrays(spoken: Spoken) -> Spoken:
    """Return a dialect that is given an array for each number."""
    np = numpy()
    leaf: Callable[[Any], Any] = spoken.leaf
    backward: Callable[[Any, Any], Any] = spoken.backward
    pullback = spoken.pullback
    spoken.leaf = lambda x: leaf(np.array([x]))
    spoken.backward = lambda v, d: backward(v, np.array([d]))
    spoken.pullback = lambda function, xs, d: pullback(function, [np.array([x]) for x in xs], np.array([d]))
    return spoken


def _operated(spoken: Spoken, name: str) -> tuple[float | NonNumeric, ...]:
    operation = spoken.operation(name)
    args = (0.5, 2.0) if name in TWO else (0.5,)
    if spoken.forward_mode is not None:
        value, tangent = spoken.forward_mode(operation, list(args), [1.0] + [0.0] * (len(args) - 1))
        return number(value), number(tangent)
    leaves = [spoken.leaf(x) for x in args]
    out = operation(*leaves) if name != "pow" else operation(leaves[0], 2.0)
    return (number(spoken.value(out)),)


TWO = ("add", "sub", "mul", "div", "min", "max", "lt", "le", "gt", "ge", "eq", "ne")


def _prepare(spoken: Spoken) -> tuple[Any, ...]:
    spoken.prepare()
    return ()


def _value(spoken: Spoken) -> tuple[Any, ...]:
    return (spoken.value(spoken.leaf(X)),)


def _leaf(spoken: Spoken) -> tuple[Any, ...]:
    made = spoken.leaf(X)
    return (odd(made),) if type(made) in (int, float, type(None)) else ()


def _gradient(spoken: Spoken) -> tuple[Any, ...]:
    """Send D and 1 back through x · y + x, and read what arrives at both."""
    found: list[Any] = []
    for d in (D, 1.0):
        x, y = spoken.leaf(X), spoken.leaf(Y)
        spoken.backward(spoken.operation("add")(spoken.operation("mul")(x, y), x), d)
        found += [spoken.gradient(x), spoken.gradient(y)]
    return tuple(found)


def _backward(spoken: Spoken) -> tuple[Any, ...]:
    x, y = spoken.leaf(X), spoken.leaf(Y)
    spoken.backward(spoken.operation("mul")(x, y), D)
    return ()


def _order(spoken: Spoken) -> tuple[Any, ...]:
    assert spoken.order is not None
    x, y = spoken.leaf(X), spoken.leaf(Y)
    out = spoken.operation("mul")(x, y)
    listed = list(spoken.order(out))
    return (float(sum(one is out for one in listed)), float(len(listed)))


def _forward_mode(spoken: Spoken) -> tuple[Any, ...]:
    assert spoken.forward_mode is not None
    multiplied = spoken.operation("mul")
    value, tangent = spoken.forward_mode(lambda x, y: multiplied(x, y), [X, Y], [1.0, -2.0])
    return value, tangent


def _pullback(spoken: Spoken) -> tuple[Any, ...]:
    found = spoken.pullback(lambda d, x, y: (d * y, d * x), [X, Y], D)
    return tuple(found)


TRIED: dict[str, Callable[[Spoken], tuple[Any, ...]]] = {
    "prepare": _prepare,
    "leaf": _leaf,
    "value": _value,
    "backward": _backward,
    "gradient": _gradient,
    "order": _order,
    "forward_mode": _forward_mode,
    "pullback": _pullback,
}


def complete(ask: TrialRequest, told: TrialReply) -> bool:
    """Say whether everything was tried."""
    return len(told.came) in (1, len(ask.names) + len(ask.operations))


PROBE = Probe("trial", TrialRequest, TrialReply, answer, complete)
