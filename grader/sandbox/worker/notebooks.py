"""A notebook's code as Python: what only a notebook understands is taken out, line for line.

A cell that is Python stays as it is. In any other, lines of magics (`%matplotlib inline`), shell lines (`!pip install`)
and questions (`Scalar?`) do nothing, and what one was assigned to is None. Of a cell magic the cell under `%%time` and
its like, or written to a .py file, is Python; any other cell is another language, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

from grader.sandbox.worker import eager

MARKER = "# code cell "
"""What starts the line above every code cell; its number, from 1, follows."""

ONLY_AST = 0x400
"""`ast.PyCF_ONLY_AST`: parse, without compiling."""

AWAIT = 0x2000
"""`ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`."""

A_COROUTINE = 0x80
"""`inspect.CO_COROUTINE`."""

PYTHON_INSIDE = frozenset(("time", "timeit", "capture", "prun", "python", "python3"))
LINE = re.compile(r"(\s*)(?:[%!?].*|[\w.\[\]]+\s*\?{1,2})\s*")
CONTINUED = re.compile(r"\s*(?:[\w.,\s\[\]]+=\s*)?[%!]")
FUTURE = re.compile(r"from __future__ import [\w, ]+\s*(#.*)?$")
ASSIGNED = re.compile(r"(\s*[\w.,\s\[\]]+=\s*)[%!](?!=).*")


def cells(text: str) -> Iterator[Cell]:
    """Yield the code cells of a joined notebook as Python, each under blank lines: its own keep their numbers.

    >>> [cell.source for cell in cells("# code cell 1\\n%pip install x\\n# code cell 2\\ny = 2\\n")]
    ['# code cell 1\\npass', '\\n\\n# code cell 2\\ny = 2\\n']
    """
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith(MARKER)]
    flags = eager.ANNOTATIONS if any(map(FUTURE.match, lines)) else 0  # a notebook may say so in any cell
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)]), 1):
        own = ["" if FUTURE.match(line) else line for line in lines[start:end]]
        yield Cell(number, "\n" * start + "\n".join(_cell(own)), flags)


def compiled(cell: Cell, path: str) -> CodeType:
    """Compile a cell as a notebook does: `await` may stand outside of functions. Raises SyntaxError."""
    code: CodeType = eager.compiled(cell.source, path, cell.flags | AWAIT)
    return code


def run(code: CodeType, space: dict[str, Any]) -> None:
    """Run a cell; what it awaits is driven by hand, and nothing runs beside it."""
    waiting = eval(code, space)
    if not code.co_flags & A_COROUTINE:
        return
    try:
        while True:
            waiting.send(None)
    except StopIteration:
        return


class Cell(NamedTuple):
    """A code cell as Python: its number from 1, its source, and the flags to compile it with."""

    number: int
    source: str
    flags: int


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
    return [_line(line) for line in _joined(lines)]


def _joined(lines: list[str]) -> list[str]:
    """Blank the lines that a magic or a shell line goes on over."""
    kept: list[str] = []
    inside = False
    for line in lines:
        kept.append("" if inside else line)
        inside = line.rstrip().endswith("\\") and (inside or CONTINUED.match(line) is not None)
    return kept


def _line(line: str) -> str:
    assigned = ASSIGNED.fullmatch(line)
    if assigned:
        return f"{assigned[1]}None"
    magic = LINE.fullmatch(line)
    return f"{magic[1]}pass" if magic else line


def _parses(lines: list[str]) -> bool:
    try:
        compile("\n".join(lines), "<cell>", "exec", ONLY_AST | AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
