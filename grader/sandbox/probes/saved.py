"""The lecture's way to read what was saved: a single value comes back bare."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

_NOTHING = object()


@contextlib.contextmanager
def unwrapping(context: Any) -> Iterator[None]:
    """Let every Context, their own nested ones and those made before, hand a single saved value back bare."""
    before = context.__dict__.get("saved_values", _NOTHING)
    get: Any = before.fget if isinstance(before, property) else _get_kept
    put = before.fset if isinstance(before, property) else _keep

    def bare(one: Any) -> Any:
        saved = get(one)
        return saved[0] if type(saved) is tuple and len(saved) == 1 else saved

    context.saved_values = property(bare, put)
    try:
        yield
    finally:
        if before is _NOTHING:
            del context.saved_values
        else:
            context.saved_values = before


def _get_kept(one: Any) -> Any:
    return one.__dict__.get("_kept", one.__dict__.get("saved_values", ()))


def _keep(one: Any, saved: Any) -> None:
    one.__dict__["_kept"] = saved
