"""Call a function on lists of numbers. `sandbox/probes/total.py`, once it is added."""

from __future__ import annotations

import msgspec

from grader.sandbox.boundary.protocol import Fault, Odd
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.faults import fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number


class TotalAsk(msgspec.Struct, frozen=True):
    """Call `module.name` on each of `lists`."""

    module: str
    name: str
    lists: tuple[tuple[float, ...], ...]


class TotalTold(msgspec.Struct, frozen=True):
    """One total per list, in order."""

    missing: Fault | None = None
    absent: bool = False
    totals: tuple[float | Odd | Fault, ...] = ()


def answer(ask: TotalAsk, package: Package) -> TotalTold:
    """Call it."""
    function = package.asked(ask.module, ask.name, "function")
    if function is None:
        return TotalTold(missing=package.missing(ask.module, ask.name), absent=True)
    totals: list[float | Odd | Fault] = []
    for numbers in ask.lists:
        try:
            totals.append(number(function(list(numbers))))
        except BaseException as error:
            totals.append(fault(error, package.files))
    return TotalTold(totals=tuple(totals))


def complete(ask: TotalAsk, told: TotalTold) -> bool:
    """Say whether every total is there."""
    return told.absent or len(told.totals) == len(ask.lists)


PROBE = Probe("total", TotalAsk, TotalTold, answer, complete)
