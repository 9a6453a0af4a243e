"""The kinds of question a worker can be asked: one module each, with its records and its `answer`.

The records are shared with the supervisor's side, which builds the question and judges the answer;
`answer` runs in the box and judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from grader.sandbox.kinds import function
from grader.sandbox.worker.loading import Package

KINDS: dict[str, Callable[[bytes, Package], msgspec.Struct]] = {
    "function": function.answer,
}


def answer(kind: str, body: Any, package: Package) -> msgspec.Struct:
    """Answer one question with the driver of its kind."""
    return KINDS[kind](bytes(body), package)
