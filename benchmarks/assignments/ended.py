"""End a walk where grading ends it: past so many calls of backwards, which is what a walk of every path comes to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any


class Enough(BaseException):
    """More calls than are let through: no `except Exception` of a student's keeps it."""


@contextlib.contextmanager
def ended_after(budget: int, functions: list[Any]) -> Iterator[Callable[[], bool]]:
    """Let so many calls of these functions' backwards through, and say whether it came to more.

    0 lets all of them through, and touches nothing.
    """
    left = budget

    def counted(original: Callable[..., Any]) -> Any:
        def backward(*args: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Enough
            return original(*args)

        return staticmethod(backward)

    kept = [(one, vars(one)["backward"], one.backward) for one in functions] if budget else []
    for one, _, original in kept:
        one.backward = counted(original)
    try:
        with contextlib.suppress(Enough):
            yield lambda: left < 0
    finally:
        for one, own, _ in kept:
            one.backward = own
