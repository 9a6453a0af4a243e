"""The kinds of question a worker can be asked: a table with one small module each.

The records are shared with the supervisor's side, which builds the question and judges the answer;
`answer` runs in the box and judges nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import encode
from grader.sandbox.probes import context, difference, function, graph, values
from grader.sandbox.probes.driver import Driver
from grader.sandbox.worker.loading import Package

_ALL = (function, values, graph, difference, context)

DRIVERS: dict[str, Driver] = {module.DRIVER.name: module.DRIVER for module in _ALL}
_BY_ASK = {driver.ask: driver for driver in DRIVERS.values()}
_ASKS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(driver.ask) for name, driver in DRIVERS.items()
}
_TOLD: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(driver.told) for name, driver in DRIVERS.items()
}


def of(ask: msgspec.Struct) -> Driver:
    """Return the driver that answers a question."""
    return _BY_ASK[type(ask)]


def answer(kind: str, held: list[msgspec.Raw], package: Package) -> bytes:
    """Answer the one question that is held, encoded. It is let go of before any code of the student's runs."""
    return encode(DRIVERS[kind].answer(_ASKS[kind].decode(held.pop()), package))


def read(driver: Driver, ask: msgspec.Struct, body: msgspec.Raw) -> Any | None:
    """Return a whole, well-formed answer to `ask`, or None."""
    try:
        told = _TOLD[driver.name].decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return told if driver.complete(ask, told) else None
