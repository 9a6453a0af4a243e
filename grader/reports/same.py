"""Functions of different submissions that equal each other but for comments and locals: a fact, and nobody's charge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from grader.reports import files

FILE = "same.json"

Digests = Mapping[str, Mapping[str, str]]
"""Submission -> function, as `module.name` -> what tells it from those that differ."""


class Same(msgspec.Struct, frozen=True):
    """A function that several submissions have alike."""

    function: str
    students: tuple[str, ...]


def read(out: Path) -> dict[str, dict[str, str]]:
    """Return what is kept in a report folder; nothing where there is none, or it is not whole."""
    try:
        return msgspec.json.decode((out / FILE).read_bytes(), type=dict[str, dict[str, str]])
    except (OSError, msgspec.MsgspecError):
        return {}


def keep(out: Path, found: Digests, names: Collection[str]) -> None:
    """Add what was found, and forget whoever is not among the `names` of the class. Raises OSError."""
    known = {name: those for name, those in {**read(out), **found}.items() if name in names}
    files.write(out / FILE, msgspec.json.encode(known, order="sorted"))


def groups(found: Digests) -> list[Same]:
    """Return the functions that two or more submissions share, what most share first.

    >>> groups({"u1": {"engine.f": "aa"}, "u2": {"engine.f": "aa"}, "u3": {"engine.f": "bb"}})
    [Same(function='engine.f', students=('u1', 'u2'))]
    """
    shared: dict[tuple[str, str], list[str]] = {}
    for name in sorted(found):
        for function in found[name].items():
            shared.setdefault(function, []).append(name)
    several = [Same(function, tuple(names)) for (function, _), names in shared.items() if len(names) > 1]
    return sorted(several, key=lambda one: (-len(one.students), one.function, one.students))
