"""Say which functions of a submission equal the solution's but for comments and the names of locals. For staff alone.

It judges nobody: two people write the same five lines, and a solution that came out of the course is seen here first.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from grader.assignment import template

FEWEST_STATEMENTS = 5
"""Shorter functions come out the same in many heads."""


KEYWORD = re.compile(r"(?m)^[ \t]*(for|while|if|elif|else|return|continue|break|try|except|with|raise|yield)\b")


class _Solved(NamedTuple):
    """A function with a solution in it: its name, `Class.method` where it is one, and its syntax without names."""

    name: str
    skeleton: tuple[str, ...]
    syntax: str


def alike(files: Mapping[str, bytes], solutions: Mapping[str, str]) -> tuple[str, ...]:
    """Return the functions, as `module.name`, that equal the solution's of the same name.

    `files` and `solutions` are sources by module. Of the solution only functions with a marked part count: the rest is
    handed out.
    """
    return tuple(
        f"{module}.{one.name}"
        for module, source in files.items()
        for one in _solved(solutions.get(module, ""))
        if any(_is_like(one, text) for text in _called(one.name, source.decode("utf-8", "replace")))
    )


def digests(files: Mapping[str, bytes], solutions: Mapping[str, str]) -> dict[str, str]:
    """Return what tells each function, as `module.name`, from those that differ in more than comments and locals.

    Only functions count that the solution has a marked part in, and only those that are not the solution's own.
    """
    found = {}
    for module, source in files.items():
        for one in _solved(solutions.get(module, "")):
            texts = list(_called(one.name, source.decode("utf-8", "replace")))
            node = _parsed(texts[-1]) if texts else None
            if node is None or sum(1 for _ in _statements(node.body)) < FEWEST_STATEMENTS:
                continue
            syntax = _normal(node)
            if syntax != one.syntax:
                found[f"{module}.{one.name}"] = hashlib.blake2b(syntax.encode(), digest_size=8).hexdigest()
    return found


def _is_like(solved: _Solved, text: str) -> bool:
    return _skeleton(text) == solved.skeleton and _syntax(text) == solved.syntax


@functools.lru_cache(64)
def _solved(source: str) -> tuple[_Solved, ...]:
    marked = template.solutions(source)
    return tuple(
        _Solved(name, _skeleton(ast.get_source_segment(source, node) or ""), _normal(node))
        for name, node in _functions(source)
        if any(node.lineno <= part.start and part.stop <= (node.end_lineno or 0) + 1 for part in marked)
        and sum(1 for _ in _statements(node.body)) >= FEWEST_STATEMENTS
    )


def _functions(source: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # told where it is compiled
        return
    for outer in tree.body:
        if isinstance(outer, ast.FunctionDef):
            yield outer.name, outer
        elif isinstance(outer, ast.ClassDef):
            yield from ((f"{outer.name}.{one.name}", one) for one in outer.body if isinstance(one, ast.FunctionDef))


def _called(name: str, source: str) -> Iterator[str]:
    """Yield the text of each function of a name: to read whole files takes longer than to run most of them."""
    last = name.rpartition(".")[2]
    for found in re.finditer(rf"(?m)^([ \t]*)def {last}\b.*\n(?:(?:\1[ \t]+.*|[ \t]*(?:#.*)?)\n)*", f"{source}\n"):
        yield found[0]


@functools.lru_cache(512)
def _syntax(text: str) -> str:
    """Return the syntax of a function's text; blank where it is none, or not long enough."""
    node = _parsed(text)
    return _normal(node) if node is not None else ""


def _parsed(text: str) -> ast.FunctionDef | None:
    try:
        (node,) = ast.parse(textwrap.dedent(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return node if isinstance(node, ast.FunctionDef) else None


def _skeleton(text: str) -> tuple[str, ...]:
    """Return the words that lines start with and that say what they do: what differs in them is not alike."""
    return tuple(KEYWORD.findall(text))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for one in body:
        if not _is_text(one):
            yield one
            for field in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(one, field, []))


def _is_text(node: ast.stmt) -> bool:
    """Say whether a statement is a docstring, or a text in place of a comment."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _normal(function: ast.FunctionDef) -> str:
    """Return a function's syntax without its texts, annotations, decorators and name, its locals numbered."""
    return ast.dump(_Numbered().visit(function))


class _Numbered(ast.NodeTransformer):
    def __init__(self) -> None:
        self._locals: dict[str, str] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        bound = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
        bound |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        self._locals.update({name: "" for name in bound if name not in self._locals})
        node.decorator_list, node.returns, node.name = [], None, "f"
        node.body = [
            one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        ]
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return self.generic_visit(node)
        return ast.Assign([self.visit(node.target)], self.visit(node.value))

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._number(node.arg))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._number(node.id), node.ctx) if node.id in self._locals else node

    def _number(self, name: str) -> str:
        if not self._locals.get(name):
            self._locals[name] = f"_{sum(map(bool, self._locals.values()))}"
        return self._locals[name]
