"""Spell a formula on arrays: for the student's own variables in the box, and as students of the course write it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from grader.oracle.array_formulas import SIGNS, TAKES, given
from grader.oracle.expressions import CONSTANTS


class SpelledArray(msgspec.Struct, frozen=True):
    """A formula as the box evaluates it, over `_0`, `_1`, …, and the operations that it calls by name."""

    text: str
    called: tuple[str, ...]


def spelled(
    text: str, arguments: Sequence[str], parameters: Mapping[str, Any] | None = None, named: Collection[str] = ()
) -> SpelledArray:
    """Spell a formula. `named` are the signs that are called by name.

    >>> spelled("sum(a @ b, axes)", ["a", "b"], {"axes": 0}).text
    'sum(_0 @ _1, 0)'
    """
    writer = _Writer(tuple(arguments), parameters or {}, named)
    tree = writer.visit(ast.parse(text.strip(), mode="eval").body)
    return SpelledArray(ast.unparse(ast.fix_missing_locations(tree)), tuple(dict.fromkeys(writer.called)))


def written(
    text: str, renamed: Mapping[str, str], parameters: Mapping[str, Any] | None = None, shown: Mapping[str, str] = {}
) -> str:
    """Return a formula as students write it.

    `shown` says an operation's function, or with a dot its method, or a template with `{0}`, `{1}`, … for its
    arguments.

    >>> written("sum(a, axes) @ b", {"b": "c"}, {"axes": (0,)}, {"sum": "summation"})
    'summation(a, (0,)) @ c'
    >>> written("permute(a + b, order)", {}, {"order": (1, 0)}, {"permute": "{0}.permute(*{1})"})
    '(a + b).permute(*(1, 0))'
    """
    tree = ast.parse(text.strip(), mode="eval").body
    return ast.unparse(ast.fix_missing_locations(_Shower(renamed, parameters or {}, shown).visit(tree)))


class _Writer(ast.NodeTransformer):
    """Write a tree anew: positions for arguments, values for parameters, and names for what a dialect names."""

    def __init__(self, arguments: tuple[str, ...], parameters: Mapping[str, Any], named: Collection[str]) -> None:
        self._arguments, self._parameters, self._named = arguments, parameters, named
        self.called: list[str] = []

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._arguments:
            return ast.Name(f"_{self._arguments.index(node.id)}", ast.Load())
        return ast.Constant(CONSTANTS[node.id]) if node.id in CONSTANTS else _literal(self._parameters[node.id])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._sign(node, SIGNS[type(node.op)], node.left, node.right)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return self._sign(node, SIGNS[type(node.ops[0])], node.left, node.comparators[0])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.USub):
            return self._sign(node, "neg", node.operand)
        inner: ast.expr = self.visit(node.operand)
        return inner

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        name, found = node.func.id, given(node)
        if "keepdims" in found:
            found.setdefault("axes", ast.Constant(None))
        ordered = [self.visit(found[one]) for one in TAKES[name] if one in found]
        if name == "matmul" and name not in self._named:
            return ast.BinOp(ordered[0], ast.MatMult(), ordered[1])
        self.called.append(name)
        return ast.Call(ast.Name(name, ast.Load()), ordered, [])

    def _sign(self, node: ast.expr, name: str, *inner: ast.expr) -> ast.expr:
        varies = any(isinstance(one, ast.Name) and one.id in self._arguments for one in ast.walk(node))
        if name not in self._named or not varies:
            return self.generic_visit(node)  # type: ignore[return-value]
        self.called.append(name)
        return ast.Call(ast.Name(name, ast.Load()), [self.visit(one) for one in inner], [])


class _Shower(ast.NodeTransformer):
    """Write a tree as students do: other names for arguments, values for parameters, their own functions or methods."""

    def __init__(self, renamed: Mapping[str, str], parameters: Mapping[str, Any], shown: Mapping[str, str]) -> None:
        self._renamed, self._parameters, self._shown = renamed, parameters, shown

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._parameters:
            return _literal(self._parameters[node.id])
        if node.id in CONSTANTS and node.id not in self._renamed:
            return ast.Constant(CONSTANTS[node.id])
        return ast.Name(self._renamed.get(node.id, node.id), ast.Load())

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        shown = self._shown.get(SIGNS[type(node.op)])
        if shown is None:
            return self.generic_visit(node)  # type: ignore[return-value]
        return _as(shown, [self.visit(node.left), self.visit(node.right)], [])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        args = [self.visit(one) for one in node.args]
        words = [ast.keyword(one.arg, self.visit(one.value)) for one in node.keywords]
        shown = self._shown.get(node.func.id)
        if shown is None and node.func.id == "matmul":
            return ast.BinOp(args[0], ast.MatMult(), args[1])
        return _as(shown or node.func.id, args, words)


def _as(shown: str, args: list[ast.expr], words: list[ast.keyword]) -> ast.expr:
    if "{0}" in shown:
        given_as = [*args, *(one.value for one in words)]
        texts = [ast.unparse(one) for one in given_as]
        alone = [isinstance(one, (ast.Name, ast.Call, ast.Constant, ast.Tuple)) for one in given_as]
        texts = [text if is_alone else f"({text})" for text, is_alone in zip(texts, alone)]
        return ast.parse(shown.format(*texts, *NOT_WRITTEN), mode="eval").body
    if shown.startswith("."):
        return ast.Call(ast.Attribute(args[0], shown[1:], ast.Load()), args[1:], words)
    return ast.Call(ast.parse(shown, mode="eval").body, args, words)


NOT_WRITTEN = ("", "", "")
"""What a template has for an argument that the formula leaves out, as `axes` in `sum(a)`."""


def _literal(value: Any) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body
