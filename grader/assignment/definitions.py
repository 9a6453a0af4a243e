"""What a file of Python defines, told from its text: nothing is run."""

from __future__ import annotations

import ast

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


def _parsed(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
