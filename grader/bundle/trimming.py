"""Write a module with some of its parts only: others go with their comments, and so do imports that only they used."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterable, Sequence
from typing import TypeGuard

from grader.assignment import template
from grader.bundle.parts import Name, Source, defined, first_line

IMPORTS = (ast.Import, ast.ImportFrom)


def text(source: Source, gone: Collection[Name], given: Collection[Name], here: Collection[str]) -> str:
    """Return a module as it is handed out, without the parts that are `gone`; those `given` with their solution.

    `here` are the modules that are handed out.
    """
    lines: list[str | None] = [*source.text.splitlines()]
    body = [shown for node in source.tree.body if (shown := _cut(source, node, gone, lines)) is not None]
    imports = _Imports(source, gone, here, lines)
    guarded = [node for node in body if _guards_imports(node) and not imports.trimmed(node.body, _names(body))]
    for node in guarded:
        _drop(node, lines)
    body = [node for node in body if node not in guarded]
    imports.trimmed([node for node in body if isinstance(node, IMPORTS)], _names(body))
    for span in source.spans:
        if (source.module, source.part_at(span.start)) in given:
            lines[span.start - 2] = lines[span.stop - 1] = None
    left = "\n".join(line for line in lines if line is not None).strip("\n") + "\n"
    return template.without_solutions(left)


def _cut(source: Source, node: ast.stmt, gone: Collection[Name], lines: list[str | None]) -> ast.stmt | None:
    """Take out a statement, or the methods of a class that go; return what is left of it."""
    names = defined(node)
    if names and all((source.module, name) in gone for name in names):
        _drop(node, lines)
        return None
    if not isinstance(node, ast.ClassDef):
        return node
    left = copy.copy(node)
    left.body = [one for one in node.body if (source.module, source.method_at(one)) not in gone]
    for one in node.body:
        if one not in left.body:
            _drop(one, lines)
    if not left.body:
        lines[(node.end_lineno or 0) - 1] = f"{' ' * node.body[0].col_offset}pass"
    return left


def _drop(node: ast.stmt, lines: list[str | None]) -> None:
    """Take out a statement, the comments that stand on it and end it, and the blank lines above."""
    start, end = first_line(node) - 1, node.end_lineno or 0
    while end < len(lines) and (lines[end] or "").startswith(" " * (node.col_offset + 1)) and _is_comment(lines[end]):
        end += 1
    while start and (lines[start - 1] or "").startswith(f"{' ' * node.col_offset}#"):
        start -= 1
    while start and not (lines[start - 1] or "").strip():
        start -= 1
    lines[start:end] = [None] * (end - start)


def _is_comment(line: str | None) -> bool:
    return (line or "").lstrip().startswith("#")


class _Imports:
    """The imports of a module: one stays where what it names is there, and is used where it was."""

    def __init__(self, source: Source, gone: Collection[Name], here: Collection[str], lines: list[str | None]) -> None:
        self._source, self._gone, self._here, self._lines = source, gone, here, lines
        self._used_before = _names(source.tree.body)

    def trimmed(self, nodes: Sequence[ast.stmt], used: Collection[str]) -> bool:
        """Take out of some imports what does not stay. Return whether anything does."""
        stay = [self._trim(node, used) for node in nodes if isinstance(node, IMPORTS)]  # each, whatever comes of one
        return any(stay)

    def _trim(self, node: ast.Import | ast.ImportFrom, used: Collection[str]) -> bool:
        names = [alias for alias in node.names if self._stays(node, alias, used)]
        if len(names) < len(node.names):
            rows: list[str | None] = [None] * ((node.end_lineno or 0) - node.lineno + 1)
            if names:
                shown = copy.copy(node)
                shown.names = names
                rows[0] = f"{' ' * node.col_offset}{ast.unparse(shown)}"
            self._lines[node.lineno - 1 : node.end_lineno] = rows
            if not names and self._blank(node.lineno - 2, -1) and self._blank(node.end_lineno or 0, 1):
                self._lines[node.end_lineno or 0] = None
        return bool(names)

    def _blank(self, line: int, step: int) -> bool:
        """Say whether the next line that is left, up or down, is blank."""
        while 0 <= line < len(self._lines) and self._lines[line] is None:
            line += step
        return 0 <= line < len(self._lines) and not (self._lines[line] or "").strip()

    def _stays(self, node: ast.Import | ast.ImportFrom, alias: ast.alias, used: Collection[str]) -> bool:
        bound = alias.asname or alias.name.partition(".")[0]
        if isinstance(node, ast.ImportFrom):
            inside = self._source.module_of(node, alias.name)
            module = inside or self._source.module_of(node)
            if (module and module not in self._here) or (module, alias.name) in self._gone:
                return False
        return bound in used or bound not in self._used_before


def _guards_imports(node: ast.stmt) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and not node.orelse and all(isinstance(one, IMPORTS) for one in node.body)


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that some code speaks of, those in annotations that are text among them."""
    found = [one for node in nodes for one in ast.walk(node)]
    texts = {one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {one.id for one in found if isinstance(one, ast.Name)} | texts
