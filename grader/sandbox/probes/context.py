"""Use the student's `Context` as functions do, and tell what it holds after each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.faults import SomethingElse, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number

Held = tuple[float | NonNumeric, ...] | Fault


class ContextRequest(msgspec.Struct, frozen=True):
    """Go through the named scenes with `module.name`; `shift` is added to every number that is saved."""

    module: str
    name: str
    scenes: tuple[str, ...]
    shift: float = 0.0


class ContextReply(msgspec.Struct, frozen=True):
    """What the context held at the end of each scene."""

    missing: Fault | None = None
    absent: bool = False
    held: tuple[Held, ...] = ()


Make = Callable[..., Any]


def _saved(context: Any, *values: float) -> Any:
    context.save_for_backward(*values)
    return context.saved_values


def _saves_again(make: Make, shift: float) -> Any:
    context = make()
    context.save_for_backward(1.5 + shift)
    return _saved(context, 2.5 + shift, 3.5 + shift)


def _reads_twice(make: Make, shift: float) -> Any:
    context = make()
    _saved(context, 1.5 + shift, 2.5 + shift)
    return context.saved_values


def _one_of_two(make: Make, shift: float) -> Any:
    first, second = make(), make()
    first.save_for_backward(1.5 + shift, 2.5 + shift)
    second.save_for_backward(3.5 + shift, 4.5 + shift)
    return first.saved_values


SCENES: dict[str, Callable[[Make, float], Any]] = {
    "saves": lambda make, shift: _saved(make(), 1.5 + shift, 2.5 + shift, 3.5 + shift),
    "saves one": lambda make, shift: _saved(make(), 1.5 + shift),
    "saves nothing": lambda make, _: make().saved_values,
    "saves again": _saves_again,
    "reads twice": _reads_twice,
    "no_grad": lambda make, shift: _saved(make(True), 1.5 + shift, 2.5 + shift),
    "one of two": _one_of_two,
}


def answer(ask: ContextRequest, package: Package) -> ContextReply:
    """Play the scenes."""
    try:
        make = package.asked(ask.module, ask.name, "class")
    except SomethingElse as error:
        return ContextReply(missing=fault(error, package.files), absent=True)
    if make is None:
        return ContextReply(missing=package.missing(ask.module, ask.name), absent=True)
    return ContextReply(held=tuple(_held(SCENES[scene], make, ask.shift, package) for scene in ask.scenes))


def _held(scene: Callable[[Make, float], Any], make: Make, shift: float, package: Package) -> Held:
    try:
        saved = scene(make, shift)
        if saved is None:
            return ()
        return tuple(number(one) for one in saved) if isinstance(saved, (tuple, list)) else (number(saved),)
    except BaseException as error:
        return fault(error, package.files)


def complete(ask: ContextRequest, told: ContextReply) -> bool:
    """Say whether every scene was played."""
    return len(told.held) == (0 if told.absent else len(ask.scenes))


PROBE = Probe("context", ContextRequest, ContextReply, answer, complete)
