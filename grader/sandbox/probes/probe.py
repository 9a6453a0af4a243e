"""What a probe is to both sides of the boundary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from grader.sandbox.worker.loading import Package


class Probe(msgspec.Struct, frozen=True):
    """Something a worker can be asked: its record and its answer's, how it is answered, and when an answer is whole.

    `answer` runs in the box and judges nothing. `complete` runs outside: an answer with parts left out is a
    violation of the protocol, never a pass. `call` writes down what one of a question's inputs is, by its
    index, as a student of the package would run it.
    """

    name: str
    ask: type[msgspec.Struct]
    told: type[msgspec.Struct]
    answer: Callable[[Any, Package], msgspec.Struct]
    complete: Callable[[Any, Any], bool]
    call: Callable[[str, Any, int], str] = lambda _package, _ask, _row: ""
