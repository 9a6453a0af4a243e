"""What a worker can be asked: a module each, found by its `PROBE`.

The records are shared with the supervisor's side, which builds the question and judges the answer;
`answer` runs in the box and judges nothing.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import encode
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.loading import Package


def _probes() -> Iterator[Probe]:
    for file in sorted(os.listdir(__path__[0])):  # noqa: PTH208 - pathlib is not worth importing here
        if file.endswith(".py") and file != "__init__.py":
            module = importlib.import_module(f"{__name__}.{file[:-3]}")
            if hasattr(module, "PROBE"):
                yield module.PROBE


PROBES: dict[str, Probe] = {probe.name: probe for probe in _probes()}
_BY_ASK = {probe.ask: probe for probe in PROBES.values()}
_ASKS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(probe.ask) for name, probe in PROBES.items()
}
_TOLD: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(probe.told) for name, probe in PROBES.items()
}


def of(ask: msgspec.Struct) -> Probe:
    """Return the probe that asks a question."""
    return _BY_ASK[type(ask)]


def answer(kind: str, held: list[msgspec.Raw], package: Package) -> bytes:
    """Answer the one question that is held, encoded. It is let go of before any code of the student's runs."""
    return encode(PROBES[kind].answer(_ASKS[kind].decode(held.pop()), package))


def read(probe: Probe, ask: msgspec.Struct, body: msgspec.Raw) -> Any | None:
    """Return a whole, well-formed answer to `ask`, or None."""
    try:
        told = _TOLD[probe.name].decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return told if probe.complete(ask, told) else None
