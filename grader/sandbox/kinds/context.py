"""Use the student's `Context` as functions do, and tell what it holds after each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from grader.sandbox.kinds.driver import Driver
from grader.sandbox.protocol import Fault, Odd
from grader.sandbox.worker.faults import fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number

Held = tuple[float | Odd, ...] | Fault


class ContextAsk(msgspec.Struct, frozen=True):
    """Go through the named scenes with `module.name`."""

    module: str
    name: str
    scenes: tuple[str, ...]


class ContextTold(msgspec.Struct, frozen=True):
    """What the context held at the end of each scene."""

    missing: Fault | None = None
    absent: bool = False
    held: tuple[Held, ...] = ()


def _saved(context: Any, *values: float) -> Any:
    context.save_for_backward(*values)
    return context.saved_values


def _saves_again(make: Callable[..., Any]) -> Any:
    context = make()
    context.save_for_backward(1.5)
    return _saved(context, 2.5, 3.5)


def _reads_twice(make: Callable[..., Any]) -> Any:
    context = make()
    _saved(context, 1.5, 2.5)
    return context.saved_values


def _one_of_two(make: Callable[..., Any]) -> Any:
    first, second = make(), make()
    first.save_for_backward(1.5, 2.5)
    second.save_for_backward(3.5, 4.5)
    return first.saved_values


SCENES: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "saves": lambda make: _saved(make(), 1.5, 2.5, 3.5),
    "saves one": lambda make: _saved(make(), 1.5),
    "saves nothing": lambda make: make().saved_values,
    "saves again": _saves_again,
    "reads twice": _reads_twice,
    "no_grad": lambda make: _saved(make(True), 1.5, 2.5),
    "one of two": _one_of_two,
}


def answer(ask: ContextAsk, package: Package) -> ContextTold:
    """Play the scenes."""
    make = package.find(ask.module, ask.name)
    if make is None:
        return ContextTold(missing=package.failures.get(ask.module), absent=True)
    return ContextTold(held=tuple(_held(SCENES[scene], make, package) for scene in ask.scenes))


def _held(scene: Callable[[Callable[..., Any]], Any], make: Callable[..., Any], package: Package) -> Held:
    try:
        saved = scene(make)
        if saved is None:
            return ()
        return tuple(number(one) for one in saved) if isinstance(saved, (tuple, list)) else (number(saved),)
    except BaseException as error:
        return fault(error, package.files)


def complete(ask: ContextAsk, told: ContextTold) -> bool:
    """Say whether every scene was played."""
    return len(told.held) == (0 if told.absent else len(ask.scenes))


DRIVER = Driver("context", ContextAsk, ContextTold, answer, complete)
