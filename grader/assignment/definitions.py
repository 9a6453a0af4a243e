"""What a file of Python defines, told from its text: nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Collection

from grader.sandbox.worker import notebooks

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def text_of(source: bytes) -> str:
    """Return a file's text, without a byte order mark."""
    return source.decode("utf-8-sig", "replace")


def statements(text: str) -> list[ast.stmt]:
    """Return the statements of a file, of a notebook those of each cell that is Python; none where it is none.

    >>> [ast.unparse(one) for one in statements("# code cell 1\\ndef f(:\\n# code cell 2\\nx = 1\\n")]
    ['x = 1']
    """
    if text.startswith(notebooks.MARKER):
        return [one for cell in notebooks.cells(text) for one in _parsed(cell.source)]
    return _parsed(text)


def defined_by(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a module defines."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def leads_to(written: str, level: int, asker: str, known: Collection[str]) -> str:
    """Return which of the `known` modules an import means; blank where it means none of them.

    `written` is what stands behind `from`, `level` its dots, and `asker` the module that it stands in. The name of the
    package in front is no matter, nor is a folder that a student does without.

    >>> known = ("engine", "ops.arithmetic")
    >>> leads_to("engine", 2, "ops.arithmetic", known), leads_to("needle.ops.arithmetic", 0, "engine", known)
    ('engine', 'ops.arithmetic')
    """
    parts = written.split(".") if written else []
    if not parts:
        return ""
    above = asker.split(".")[:-level] if level else []
    whole = ".".join([*above, *parts])
    for name in (whole, *(".".join(parts[i:]) for i in range(len(parts)))):
        if name in known:
            return name
    same = [name for name in known if name.rpartition(".")[2] == parts[-1]]
    return same[0] if len(same) == 1 else ""


def _parsed(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
