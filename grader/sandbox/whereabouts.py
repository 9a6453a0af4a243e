"""Read what a worker says of where it was when its time was up."""

from __future__ import annotations

from grader.model import Whereabouts
from grader.sandbox.boundary.protocol import Late, decode_reply


def read(payload: bytes) -> Whereabouts | None:
    """Return where a worker was; None where it said something else. Raises Violation on what is no reply at all."""
    told = decode_reply(payload)
    if not isinstance(told, Late):
        return None
    return Whereabouts(told.what, tuple((one.file, one.line, one.source) for one in told.places), told.row)
