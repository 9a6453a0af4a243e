"""What a worker can be asked: a module each, found by its `PROBE`.

The records are shared with the supervisor's side, which builds the question and judges the answer;
`answer` runs in the box and judges nothing.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import encode
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.loading import Package

PROBES: dict[str, Probe]
"""Every probe by its name. A worker has them all from the start; a judge imports what it asks."""


def __getattr__(name: str) -> Any:
    if name != "PROBES":
        raise AttributeError(name)
    return load()


def load() -> dict[str, Probe]:
    """Import every probe and get ready to answer, which takes a worker as long as its own start. Return them all."""
    if "PROBES" not in globals():
        globals()["PROBES"] = {probe.name: probe for probe in _probes()}
        for probe in globals()["PROBES"].values():
            _decoder(probe.ask)
    found: dict[str, Probe] = globals()["PROBES"]
    return found


def _probes() -> Iterator[Probe]:
    files = os.listdir(__path__[0])  # noqa: PTH208 - pathlib is not worth importing here
    for name in sorted(file.partition(".")[0] for file in files if file.endswith((".py", ".pyc"))):
        if name != "__init__":
            module = importlib.import_module(f"{__name__}.{name}")
            if hasattr(module, "PROBE"):
                yield module.PROBE


@functools.cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def of(ask: msgspec.Struct) -> Probe:
    """Return the probe that asks a question: the one of the question's own module."""
    found: Probe = sys.modules[type(ask).__module__].PROBE
    return found


def answer(kind: str, held: list[msgspec.Raw], package: Package) -> bytes:
    """Answer the one question that is held, encoded. It is let go of before any code of the student's runs."""
    probe = load()[kind]
    return encode(probe.answer(_decoder(probe.ask).decode(held.pop()), package))


def read(probe: Probe, ask: msgspec.Struct, body: msgspec.Raw) -> Any | None:
    """Return a whole, well-formed answer to `ask`, or None."""
    try:
        told = _decoder(probe.told).decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return told if probe.complete(ask, told) else None
