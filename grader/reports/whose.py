"""Whose results lie in a report folder: those of another assignment are refused before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.reports import stored


class _Head(msgspec.Struct, frozen=True):
    assignment: str


def assignments(out: Path) -> Iterator[str]:
    """Yield the assignment of each result under `out` that can be read, whichever run it is of."""
    for name in stored.all_names(out):
        try:
            yield msgspec.json.decode(stored.path_of(out, name).read_bytes(), type=_Head).assignment
        except (OSError, msgspec.MsgspecError, ValueError):
            continue


def refuse(out: Path, found: str, wanted: str) -> None:
    """Raise UsageError where a result under `out` is of another assignment than the one that is `wanted`."""
    if found != wanted:
        raise UsageError(
            f"{out}: holds results of another assignment, {found!r}; the config is of {wanted!r}. Nothing was written. "
            f"Name the config of {found!r} with --config, or the reports of {wanted!r} with --out"
        )


def refuse_any(out: Path, wanted: str) -> None:
    """Do as `refuse` does with every result under `out`."""
    for found in assignments(out):
        refuse(out, found, wanted)
