"""Whether a file that was handed in alone does the same without the course's parts as it does among them.

It does where all that it has of them are bases of its classes and annotations. Told from its text, and denied where in
doubt: who is asked once more for nothing pays with time, and who is not asked with points.
"""

from __future__ import annotations

import ast
import re
import sys
import unicodedata
from collections.abc import Collection, Iterator

from grader.assignment.definitions import statements, text_of

LOOKS = {
    *("except", "suppress", "importlib", "find_spec", "__import__", "sys", "globals", "locals", "vars", "dir", "eval"),
    *("exec", "getattr", "hasattr", "isinstance", "issubclass", "super", "__bases__", "__mro__", "mro", "inspect"),
}
"""What code says that looks at what is there, and does one thing or another."""

WORD = re.compile(r"\w+")


def does_the_same(source: bytes, given: Collection[str], modules: Collection[str]) -> bool:
    """Say whether a file does the same alone. `given` are the names provided in its place, `modules` the course's.

    >>> square = b"from .base import Function\\nclass Square(Function): slope = 2\\n"
    >>> does_the_same(square, ["h"], ["base"]), does_the_same(square + b"Function.h = 1\\n", ["h"], ["base"])
    (True, False)
    """
    text = unicodedata.normalize("NFKC", text_of(source))  # as Python reads names
    said = {*WORD.findall(text)}
    if said & LOOKS or said.intersection(given):
        return False
    nodes = [node for one in statements(text) for node in ast.walk(one)]
    taken: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import) and not all(_is_pythons(one.name, modules) for one in node.names):
            return False
        if isinstance(node, ast.ImportFrom) and (node.level or not _is_pythons(node.module or "", modules)):
            names = {one.asname or one.name for one in node.names}
            if not node.module or "*" in names:
                return False
            taken |= names
    spared = {id(name) for node in nodes for part in _spared(node) for name in ast.walk(part)}
    used = any(isinstance(one, ast.Name) and one.id in taken and id(one) not in spared for one in nodes)
    return bool(nodes) and not used


def _is_pythons(module: str, modules: Collection[str]) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top not in modules


def _spared(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the parts of a node where a name does nothing."""
    if isinstance(node, ast.ClassDef):
        yield from (base for base in node.bases if isinstance(base, ast.Name))
    for field in ("annotation", "returns"):
        part = getattr(node, field, None)
        if isinstance(part, ast.expr) and not any(isinstance(one, ast.Call) for one in ast.walk(part)):
            yield part
