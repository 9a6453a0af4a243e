"""Call a function on lists of numbers. `sandbox/probes/total.py`, once it is added."""

from __future__ import annotations

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.faults import fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number


class TotalRequest(msgspec.Struct, frozen=True):
    """Call `module.name` on each of `lists`."""

    module: str
    name: str
    lists: tuple[tuple[float, ...], ...]


class TotalReply(msgspec.Struct, frozen=True):
    """One total per list, in order."""

    missing: Fault | None = None
    absent: bool = False
    totals: tuple[float | NonNumeric | Fault, ...] = ()


def answer(ask: TotalRequest, package: Package) -> TotalReply:
    """Call it."""
    function = package.asked(ask.module, ask.name, "function")
    if function is None:
        return TotalReply(missing=package.missing(ask.module, ask.name), absent=True)
    totals: list[float | NonNumeric | Fault] = []
    for numbers in ask.lists:
        try:
            totals.append(number(function(list(numbers))))
        except BaseException as error:
            totals.append(fault(error, package.files))
    return TotalReply(totals=tuple(totals))


def complete(ask: TotalRequest, told: TotalReply) -> bool:
    """Say whether every total is there."""
    return told.absent or len(told.totals) == len(ask.lists)


PROBE = Probe("total", TotalRequest, TotalReply, answer, complete)
