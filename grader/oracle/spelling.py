"""Spell a formula for the student's own variables: the same tree, with positions for arguments and names for functions.

What comes out is Python over `_0`, `_1`, … A number stays a number, on either side of a sign.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Literal

import msgspec

from grader.oracle.expressions import CONSTANTS, Expression

Build = Literal["as_written", "operators", "methods"]

SIGN: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.USub: "neg",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}


class Spelled(msgspec.Struct, frozen=True):
    """A formula as the box evaluates it. `called` are the operations it calls by name, `used` all that it takes."""

    text: str
    called: tuple[str, ...]
    used: tuple[str, ...]


def spelled(formula: Expression, build: Build = "as_written", named: Collection[str] = ()) -> Spelled:
    """Spell a formula. `named` are the signs that are called by name where it is built as written.

    >>> from grader.oracle.expressions import parse
    >>> spelled(parse("2 - exp(x) * y", ["x", "y"])).text
    '2 - exp(_0) * _1'
    >>> spelled(parse("2 - x", ["x"]), "methods").text
    'sub(2, _0)'
    """
    by_name = {"as_written": frozenset(named), "operators": frozenset(), "methods": frozenset(SIGN.values())}[build]
    writer = _Writer(formula.arguments, by_name)
    tree = writer.visit(ast.parse(formula.text, mode="eval").body)
    text = ast.unparse(ast.fix_missing_locations(tree))
    return Spelled(text, tuple(dict.fromkeys(writer.called)), tuple(dict.fromkeys(writer.used)))


METHOD = {
    "add": "__add__",
    "sub": "__sub__",
    "mul": "__mul__",
    "div": "__truediv__",
    "pow": "__pow__",
    "neg": "__neg__",
}
"""Operation -> what Python calls for its sign."""


def method_of(formula: Expression) -> str:
    """Return the method of a variable that computes a formula of one operation; blank where it has several.

    >>> from grader.oracle.expressions import parse
    >>> method_of(parse("2 - x", ["x"])), method_of(parse("exp(x)", ["x"])), method_of(parse("x * y + 1", ["x", "y"]))
    ('__rsub__', 'exp', '')
    """
    tree = ast.parse(formula.text, mode="eval").body
    used = spelled(formula).used
    if len(used) != 1 or sum(isinstance(one, (ast.BinOp, ast.Call, ast.UnaryOp)) for one in ast.walk(tree)) > 2:
        return ""
    if isinstance(tree, ast.BinOp) and not _names(tree.left) & set(formula.arguments):
        return METHOD[used[0]].replace("__", "__r", 1)
    return METHOD.get(used[0], used[0])


def reflected(formula: Expression) -> tuple[str, str] | None:
    """Return (number, sign) of a formula that takes an argument from a number, or divides one by it; None of others."""
    tree = ast.parse(formula.text, mode="eval").body
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, (ast.Sub, ast.Div)):
        return None
    if isinstance(tree.left, ast.Constant) and isinstance(tree.right, ast.Name):
        return ast.unparse(tree.left), "-" if isinstance(tree.op, ast.Sub) else "/"
    return None


def with_number(formula: Expression) -> tuple[str, str, bool] | None:
    """Return (number, sign, whether the number is first) of a number and an argument with a sign between them.

    >>> from grader.oracle.expressions import parse
    >>> with_number(parse("2 - x", ["x"])), with_number(parse("x * 3", ["x"])), with_number(parse("x ** 3", ["x"]))
    (('2', '-', True), ('3', '*', False), None)
    """
    tree = ast.parse(formula.text, mode="eval").body
    sign = SIGN_TEXT.get(type(tree.op)) if isinstance(tree, ast.BinOp) else None
    if not isinstance(tree, ast.BinOp) or sign is None:
        return None
    sides = (type(tree.left), type(tree.right))
    if sides == (ast.Constant, ast.Name):
        return ast.unparse(tree.left), sign, True
    return (ast.unparse(tree.right), sign, False) if sides == (ast.Name, ast.Constant) else None


SIGN_TEXT: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def occurrences(formula: Expression) -> tuple[str, tuple[int, ...]]:
    """Return a formula in which each use of an argument has a name of its own, `_0` on, and which argument each is."""
    tree = ast.parse(formula.text, mode="eval").body
    uses = [one for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id in formula.arguments]
    uses.sort(key=lambda one: one.col_offset)
    which = tuple(formula.arguments.index(one.id) for one in uses)
    for i, one in enumerate(uses):
        one.id = f"_{i}"
    return ast.unparse(tree), which


def _names(tree: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}


class _Writer(ast.NodeTransformer):
    """Write a tree anew, noting which operations it takes that have to do with an argument."""

    def __init__(self, arguments: tuple[str, ...], by_name: Collection[str]) -> None:
        self._arguments, self._by_name = arguments, by_name
        self.called: list[str] = []
        self.used: list[str] = []

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._arguments:
            return ast.Name(f"_{self._arguments.index(node.id)}", ast.Load())
        return ast.Constant(CONSTANTS[node.id])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        varies = self._varies(node)
        left, right = self.visit(node.left), self.visit(node.right)
        return self._sign(node.op, [left, right], ast.BinOp(left, node.op, right), varies)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        varies, inner = self._varies(node), self.visit(node.operand)
        if isinstance(node.op, ast.UAdd):
            found: ast.expr = inner
            return found
        return self._sign(node.op, [inner], ast.UnaryOp(node.op, inner), varies)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        varies = self._varies(node)
        left, right = self.visit(node.left), self.visit(node.comparators[0])
        return self._sign(node.ops[0], [left, right], ast.Compare(left, node.ops, [right]), varies)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        self.called.append(node.func.id)
        self.used.append(node.func.id)
        return ast.Call(ast.Name(node.func.id, ast.Load()), [self.visit(one) for one in node.args], [])

    def _sign(self, sign: ast.AST, inner: list[ast.expr], plain: ast.expr, varies: bool) -> ast.expr:
        name = SIGN[type(sign)]
        if not varies:  # numbers alone: Python's own
            return plain
        self.used.append(name)
        if name not in self._by_name:
            return plain
        self.called.append(name)
        return ast.Call(ast.Name(name, ast.Load()), inner, [])

    def _varies(self, node: ast.AST) -> bool:
        return any(isinstance(part, ast.Name) and part.id in self._arguments for part in ast.walk(node))
