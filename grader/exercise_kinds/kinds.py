"""The kinds of exercise: one table. A new kind is a module here, one in `sandbox.probes`, and its name in this list."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from grader.assignment.kind import Kind, Kinds

NAMES = ("function", "expression", "arrays", "values", "graph", "scalars", "difference", "context", "paper", "own")


class _Table(Mapping[str, Kind]):
    """Each kind by its name, imported when it is first asked for: a self-check needs few of them."""

    def __init__(self) -> None:
        self._imported: dict[str, Kind] = {}

    def __getitem__(self, name: str) -> Kind:
        if name not in self._imported:
            if name not in NAMES:
                raise KeyError(name)
            self._imported[name] = importlib.import_module(f"grader.exercise_kinds.{name}").KIND
        return self._imported[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


KINDS: Kinds = _Table()
