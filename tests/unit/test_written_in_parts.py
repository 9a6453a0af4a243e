"""A module of which one class is written anew reads as if all of it were."""

from __future__ import annotations

import ast

import pytest

from grader.audit.mutants.writing import KINDS, Written
from tests.conftest import ROOT

ODD = '''"""What it is."""
import math
x = 1
@staticmethod
def first(a): "One."; return a
if x:
    def hidden(): return 2
class Second:
    """Two."""

    y: int = 0
    def third(self):
        """def fourth(): ..."""
        return lambda: """
def fourth():
    return 4"""
async def between(): pass
def fourth():
    return 4
z = fourth(); print(z)
'''
SOURCES = {"odd": ODD, "one function": "def f():\n    return 1\n"} | {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for folder in (ROOT / "reference", ROOT / "examples")
    for path in sorted(folder.rglob("*.py"))
    if "submissions" not in path.parts
}


def changed(node: ast.stmt) -> ast.stmt:
    """Change what a function does, or the first method of a class."""
    inner = next((one for one in ast.walk(node) if isinstance(one, ast.FunctionDef)), None)
    if inner is not None:
        inner.body = [*ast.parse("raise NotImplementedError('\\n')").body, *inner.body[1:]]
    return node


@pytest.mark.parametrize("name", SOURCES)
def test_a_part_written_anew_is_what_writing_everything_is(name: str) -> None:
    for index, _ in enumerate(ast.parse(SOURCES[name]).body):
        tree = ast.parse(SOURCES[name])
        written = Written(tree)
        assert written.source == ast.unparse(tree)
        assert written.with_changed(index, tree.body[index]) == written.source
        node = changed(tree.body[index])
        assert written.with_changed(index, node) == ast.unparse(tree)


def test_where_each_part_stands_is_found_in_every_file() -> None:
    for name, source in SOURCES.items():
        tree = ast.parse(source)
        parts = [i for i, one in enumerate(tree.body) if isinstance(one, KINDS)]
        assert [*Written(tree)._places] == parts, name
