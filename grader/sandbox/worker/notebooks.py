"""A notebook's code as Python: what only a notebook understands is taken out, line for line.

A cell that is Python stays as it is. In any other, lines of magics (`%matplotlib inline`), shell lines (`!pip install`)
and questions (`Scalar?`) do nothing, and what one was assigned to is None. Of a cell magic the cell under `%%time` and
its like, or written to a .py file, is Python; any other cell is another language, and left out.
"""

from __future__ import annotations

import re

MARKER = "# code cell "
"""What starts the line above every code cell; its number, from 1, follows."""

ONLY_AST = 0x400
"""`ast.PyCF_ONLY_AST`: parse, without compiling."""

PYTHON_INSIDE = frozenset(("time", "timeit", "capture", "prun", "python", "python3"))
LINE = re.compile(r"(\s*)(?:[%!?].*|[\w.\[\]]+\s*\?{1,2})\s*")
FUTURE = re.compile(r"from __future__ import [\w, ]+\s*(#.*)?$")
ASSIGNED = re.compile(r"(\s*[\w.,\s\[\]]+=\s*)[%!](?!=).*")


def plain(text: str) -> str:
    """Return the joined cells of a notebook as Python, with as many lines."""
    cells: list[list[str]] = [[]]
    annotations = False
    for line in text.split("\n"):
        if line.startswith(MARKER):
            cells.append([])
        future = FUTURE.match(line)
        annotations |= future is not None
        cells[-1].append("" if future else line)
    lines = [line for cell in cells for line in _cell(cell)]
    if annotations and lines[0].startswith(MARKER):  # a notebook may say so in any cell, a file on its first lines only
        lines[0] = "from __future__ import annotations"
    return "\n".join(lines)


def place(text: str, line: int) -> tuple[int, int]:
    """Return which code cell a line of the joined cells is in, and which line of it; (0, line) where in none."""
    above = text.split("\n")[:line]
    for back, one in enumerate(reversed(above)):
        if one.startswith(MARKER) and one[len(MARKER) :].isdigit():
            return int(one[len(MARKER) :]), back
    return 0, line


def _cell(lines: list[str]) -> list[str]:
    if _parses(lines):
        return lines
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith(MARKER)), 0)
    if lines[first].startswith("%%"):
        magic, _, rest = lines[first][2:].partition(" ")
        python = magic in PYTHON_INSIDE or (magic in ("writefile", "file") and rest.strip().endswith(".py"))
        lines = [*lines[:first], "", *(lines[first + 1 :] if python else [""] * (len(lines) - first - 1))]
        if _parses(lines):
            return lines
    return [_line(line) for line in lines]


def _line(line: str) -> str:
    assigned = ASSIGNED.fullmatch(line)
    if assigned:
        return f"{assigned[1]}None"
    magic = LINE.fullmatch(line)
    return f"{magic[1]}pass" if magic else line


def _parses(lines: list[str]) -> bool:
    try:
        compile("\n".join(lines), "<cell>", "exec", ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
