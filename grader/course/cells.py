"""The cells of CSV text, each with its place, so that some can be changed and every other byte stays.

Python's `csv` gives values without their places. What is a cell, and what its value is, is the same here as there, but
for a quote that is never closed: `csv` takes all that follows into one cell, and here it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

Cell = tuple[str, int, int]
"""A value, and where its text begins and ends, quotes included."""

Record = tuple[int, list[Cell]]
"""The line that a record begins in (1-based), and its cells."""


class NeverClosed(ValueError):
    """A quote is opened in a line and not closed anywhere."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}: a quote is opened here and never closed")


@cache
def _cells(delimiter: str) -> re.Pattern[str]:
    bare = rf"[^{re.escape(delimiter)}\r\n]*"
    return re.compile(rf'(?:"([^"]*(?:""[^"]*)*)("|\Z))?({bare})({re.escape(delimiter)}|\r\n|\r|\n|\Z)')


def records(text: str, delimiter: str) -> Iterator[Record]:
    """Yield every record but empty lines. Raises NeverClosed."""
    pattern, at, line, begun = _cells(delimiter), 0, 1, 1
    cells: list[Cell] = []
    while at < len(text) or cells:
        found = pattern.match(text, at)
        assert found is not None  # every text begins with some cell, if only an empty one
        quoted, closing, bare, end = found.groups()
        if quoted is not None and not closing:
            raise NeverClosed(line)
        value = bare if quoted is None else quoted.replace('""', '"') + bare
        cells.append((value, at, found.start(4)))
        line += _line_ends(quoted) if quoted and ("\n" in quoted or "\r" in quoted) else 0
        at = found.end()
        if end == delimiter:
            continue
        if len(cells) > 1 or cells[0][1] < cells[0][2]:
            yield begun, cells
        line += 1
        cells, begun = [], line


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def changed(text: str, delimiter: str, changes: Mapping[int, Mapping[int, str]]) -> str:
    """Return text with some cells changed: line that a record begins in -> column -> value. All else stays.

    A cell that was quoted stays so. A short record is made longer where it must be.
    """
    done: list[str] = []
    copied = 0
    for line, cells in records(text, delimiter):
        for column, value in sorted(changes.get(line, {}).items()):
            if column < len(cells):
                _, start, end = cells[column]
                done += [text[copied:start], written(value, delimiter, text[start:end].startswith('"'))]
                copied = end
            else:
                end = cells[-1][2]
                done += [text[copied:end], delimiter * (column - len(cells) + 1), written(value, delimiter)]
                copied = end
                cells += [("", end, end)] * (column - len(cells) + 1)
    return "".join([*done, text[copied:]])


def written(value: str, delimiter: str, quoted: bool = False) -> str:
    """Return a value as it stands in a file, in quotes where it must be or was before."""
    if quoted or value != value.strip() or any(c in value for c in (delimiter, '"', "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value
