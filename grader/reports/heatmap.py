"""Mistakes by exercise: a table of counts in which what many students share stands out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.reports.overview import Group

SHADES = 4
MOST = 30
"""How many mistakes the map shows; the groups beside it have all."""


class Cell(msgspec.Struct, frozen=True):
    """How many students made the mistake in the exercise, how dark that is (0 to `SHADES`), and where they are.

    `group` is the place of their group, of the largest where a code tells several apart.
    """

    count: int = 0
    shade: int = 0
    group: int = -1


class HeatmapRow(msgspec.Struct, frozen=True):
    """One mistake: how many students made it anywhere, and a cell for each of the map's exercises."""

    name: str
    total: int
    cells: tuple[Cell, ...]


class Heatmap(msgspec.Struct, frozen=True):
    """The exercises in which any was made, by place, and the mistakes, the most frequent first."""

    exercises: tuple[int, ...]
    lines: tuple[HeatmapRow, ...]
    unshown: int = 0


def of(groups: Sequence[Group]) -> Heatmap:
    """Return the map of a class's groups."""
    exercises = tuple(sorted({one.exercise for one in groups}))
    counts: dict[tuple[str, int], int] = {}
    everyone: dict[str, set[str]] = {}
    first: dict[tuple[str, int], int] = {}
    for place, one in enumerate(groups):
        key = one.name, one.exercise
        counts[key] = counts.get(key, 0) + len(one.students)
        everyone.setdefault(one.name, set()).update(one.students)
        first.setdefault(key, place)
    most = max(counts.values(), default=0)
    found: dict[str, dict[int, Cell]] = {}
    for (name, exercise), count in counts.items():
        found.setdefault(name, {})[exercise] = Cell(count, _shade(count, most), first[name, exercise])
    lines = [
        HeatmapRow(name, len(everyone[name]), tuple(cells.get(i, Cell()) for i in exercises))
        for name, cells in found.items()
    ]
    lines.sort(key=lambda line: -line.total)
    return Heatmap(exercises, tuple(lines[:MOST]), max(len(lines) - MOST, 0))


def _shade(count: int, most: int) -> int:
    """Return how dark a count is: one student is the lightest, however small the class."""
    return 1 if count <= 1 else max(2, -(-SHADES * count // most))
