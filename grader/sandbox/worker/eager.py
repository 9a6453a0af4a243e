"""Compile a student's source so that it means on any Python what it means where grading runs: Python 3.10 to 3.13.

Python 3.14 works out annotations only when somebody asks for them, and reads `except A, B:`. Code that relies on either
fails everywhere else. So annotations are worked out where they stand, as before, and such an `except` is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

ONLY_AST = 0x400
"""`ast.PyCF_ONLY_AST`."""

ANNOTATIONS = 0x1000000
"""`from __future__ import annotations`, as a flag of compiled code."""

LAZY_SINCE = (3, 14)
FUNCTIONS = ("FunctionDef", "AsyncFunctionDef")
PARTS = ("body", "orelse", "finalbody")


def compiled(source: Any, path: str, flags: int = 0, here: tuple[int, int] = sys.version_info[:2]) -> Any:
    """Return the code of a module, from its source or its syntax tree. Raises as `compile` does."""
    if here < LAZY_SINCE:
        return compile(source, path, "exec", flags, dont_inherit=True)
    tree: Any = compile(source, path, "exec", flags | ONLY_AST, dont_inherit=True)
    for handler in _all(tree, "ExceptHandler"):
        _hold_parentheses(handler, path)
    if not flags & ANNOTATIONS and not any(map(_is_future, tree.body)):
        _work_out(tree, in_function=False)
    return compile(tree, path, "exec", flags, dont_inherit=True)


def _work_out(node: Any, in_function: bool) -> None:
    """Have each annotation in a node's statements evaluated where it stands."""
    for name in PARTS:
        statements = getattr(node, name, None)
        if isinstance(statements, list):
            setattr(node, name, [new for one in statements for new in _with_annotations(one, in_function)])
    for part in ("handlers", "cases"):
        for inner in getattr(node, part, ()):
            _work_out(inner, in_function)


def _with_annotations(statement: Any, in_function: bool) -> Iterator[Any]:
    kind = type(statement).__name__
    if kind in FUNCTIONS and not getattr(statement, "type_params", None):
        given = statement.args
        arguments = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        written = [one.annotation for one in arguments if one is not None] + [statement.returns]
        yield from (_evaluated(one) for one in written if one is not None)
    _work_out(statement, kind in FUNCTIONS or (in_function and kind != "ClassDef"))
    yield statement
    if kind == "AnnAssign" and not in_function:
        yield _evaluated(statement.annotation)


def _evaluated(expression: Any) -> Any:
    """Return a statement that evaluates an expression, and does nothing else."""
    made: Any = compile("0", "", "exec", ONLY_AST).body[0]  # without importing `ast`
    made.value = expression
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        setattr(made, name, getattr(expression, name))
    return made


def _hold_parentheses(handler: Any, path: str) -> None:
    kinds = handler.type
    if type(kinds).__name__ != "Tuple" or not kinds.elts:
        return
    first = kinds.elts[0]
    if (kinds.lineno, kinds.col_offset) == (first.lineno, first.col_offset):
        raise SyntaxError(
            "multiple exception types must be parenthesized", (path, kinds.lineno, kinds.col_offset + 1, "")
        )


def _is_future(statement: Any) -> bool:
    named = type(statement).__name__ == "ImportFrom" and statement.module == "__future__"
    return named and any(one.name == "annotations" for one in statement.names)


def _all(tree: Any, kind: str) -> Iterator[Any]:
    todo = [tree]
    while todo:
        node = todo.pop()
        if type(node).__name__ == kind:
            yield node
        for part in (*PARTS, "handlers", "cases"):
            todo += getattr(node, part, ()) if isinstance(getattr(node, part, ()), list) else ()
