"""Call a plain function of plain numbers on the inputs that were sent."""

from __future__ import annotations

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric, dotted
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.faults import SomethingElse, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number

FAULTS_CAP = 5


class ValuesRequest(msgspec.Struct, frozen=True):
    """Call `module.name` on each of `inputs`."""

    module: str
    name: str
    inputs: tuple[tuple[float, ...], ...]


class ValuesReply(msgspec.Struct, frozen=True):
    """One value an input, in order; after a few faults in a row the rest is left unasked."""

    missing: Fault | None = None
    absent: bool = False
    values: tuple[float | NonNumeric | Fault, ...] = ()


def answer(ask: ValuesRequest, package: Package) -> ValuesReply:
    """Call it."""
    try:
        function = package.asked(ask.module, ask.name, "function")
    except SomethingElse as error:
        return ValuesReply(missing=fault(error, package.files), absent=True)
    if function is None:
        return ValuesReply(missing=package.missing(ask.module, ask.name), absent=True)
    values: list[float | NonNumeric | Fault] = []
    faults = 0
    for args in ask.inputs:
        try:
            values.append(number(function(*args)))
            faults = 0
        except BaseException as error:
            values.append(fault(error, package.files))
            faults += 1
        if faults >= FAULTS_CAP:
            break
    return ValuesReply(values=tuple(values))


def complete(ask: ValuesRequest, told: ValuesReply) -> bool:
    """Say whether every value is there, but for those after the faults that ended the asking."""
    if told.absent:
        return not told.values
    if len(told.values) < len(ask.inputs):
        return bool(told.values) and isinstance(told.values[-1], Fault)
    return len(told.values) == len(ask.inputs)


def call(package: str, ask: ValuesRequest, row: int) -> str:
    """Return the call that an input is, to paste and run."""
    if row >= len(ask.inputs):
        return ""
    call = f"{ask.name}({', '.join(map(repr, ask.inputs[row]))})"
    return f"from {dotted(package, ask.module)} import {ask.name}; print({call})"


PROBE = Probe("values", ValuesRequest, ValuesReply, answer, complete, call)
