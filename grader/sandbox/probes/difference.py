"""Call the student's `central_difference` on functions of known shape."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.faults import SomethingElse, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number

FUNCTIONS: dict[str, Callable[..., float]] = {
    "cube": lambda x: x * x * x,
    "product": lambda x, y: x * y * y,
    "mixed": lambda x, y, z: x * x * y + z * z * z,
    "line": lambda x: 3.0 * x + 1.0,
}
"""Polynomials: their differences are exact to rounding at any step."""


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One call: the function's name, where, by which argument, with which step. None leaves the default."""

    function: str
    vals: tuple[float, ...]
    arg: int | None
    epsilon: float | None


class DifferenceRequest(msgspec.Struct, frozen=True):
    """Call `module.name` so often."""

    module: str
    name: str
    calls: tuple[Difference, ...]


class DifferenceReply(msgspec.Struct, frozen=True):
    """What each call returned."""

    missing: Fault | None = None
    absent: bool = False
    values: tuple[float | NonNumeric | Fault, ...] = ()


def answer(ask: DifferenceRequest, package: Package) -> DifferenceReply:
    """Make the calls."""
    try:
        function = package.asked(ask.module, ask.name, "function")
    except SomethingElse as error:
        return DifferenceReply(missing=fault(error, package.files), absent=True)
    if function is None:
        return DifferenceReply(missing=package.missing(ask.module, ask.name), absent=True)
    values: list[float | NonNumeric | Fault] = []
    for one in ask.calls:
        options = {"arg": one.arg, "epsilon": one.epsilon}
        given = {name: value for name, value in options.items() if value is not None}
        try:
            values.append(number(function(FUNCTIONS[one.function], *one.vals, **given)))
        except BaseException as error:
            values.append(fault(error, package.files))
    return DifferenceReply(values=tuple(values))


def complete(ask: DifferenceRequest, told: DifferenceReply) -> bool:
    """Say whether every value is there."""
    return len(told.values) == (0 if told.absent else len(ask.calls))


PROBE = Probe("difference", DifferenceRequest, DifferenceReply, answer, complete)
