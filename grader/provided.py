"""The provided parts: reference source with everything that is under test cut out, as marshalled code.

A name is provided where the reference defines it at the top of a module, without a leading underscore,
and it is not under test. What is cut out never reaches the process that runs the unit.
"""

from __future__ import annotations

import ast
import marshal
from collections.abc import Collection
from pathlib import Path

import msgspec

from grader.errors import JudgeError
from grader.sandbox.protocol import HOLLOW


class Part(msgspec.Struct, frozen=True):
    """One module's provided code, none where nothing but imports is left, and the names that replace the student's."""

    code: bytes
    names: tuple[str, ...]


def read(reference: Path, modules: Collection[str]) -> dict[str, str]:
    """Return the reference's source, module by module; a module that cannot be read is left out."""
    found = {}
    for name in modules:
        try:
            found[name] = (reference / f"{name}.py").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found


def without(
    source: str,
    module: str,
    under_test: Collection[str],
    own: Collection[str] = (),
    elsewhere: bool = False,
    added: str = "",
) -> Part:
    """Cut the names under test out of a module and compile the rest. Raises JudgeError on broken source.

    `elsewhere`: the names are under test in another module, so that what bears them here is a solution in all but
    place. It is hollowed out instead of cut: what imports it still loads, and there is nothing in it. What the student
    `own`s besides is cut wherever it is; `added` is source that comes after.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise JudgeError(f"the reference's {module}.py does not parse: {error}") from None
    if elsewhere:
        tree.body = [_hollow(node) if set(_defined(node)) & set(under_test) else node for node in tree.body]
    else:
        tree.body = [node for node in tree.body if not set(_defined(node)) & set(under_test)]
    tree.body = [node for node in tree.body if not set(_defined(node)) & set(own)]
    tree.body += ast.parse(added).body
    names = [name for node in tree.body for name in _defined(node) if not name.startswith("_")]
    if all(map(_idle, tree.body)):
        return Part(b"", ())
    code = compile(tree, f"<provided {module}>", "exec", dont_inherit=True, optimize=2)
    return Part(marshal.dumps(code), tuple(dict.fromkeys(names)))


def _idle(node: ast.stmt) -> bool:
    """Say whether a statement changes nothing outside its module: an import, a docstring."""
    return isinstance(node, (ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _hollow(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.ClassDef):
        node.body = [ast.Pass()]
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.body = ast.parse(f"raise NotImplementedError({f'{node.name} {HOLLOW}'!r})").body
    return ast.fix_missing_locations(node)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []
