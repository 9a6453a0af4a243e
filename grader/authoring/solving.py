"""A formula as the Python of a solution: `math` and the built-in functions, and nothing that overflows on the way."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from grader.authoring.derivatives import number_of, simplified
from grader.errors import UsageError
from grader.model import Domain
from grader.oracle.expressions import CONSTANTS, ExpressionError, parse

IN_MATH = frozenset(("exp", "log", "sqrt", "sin", "cos", "tan", "tanh"))
"""Functions of a formula that are Python's `math` under the same name."""

FURTHEST = -300.0
"""exp(-x) and its square are finite from here on."""


def python(formula: str, domains: Mapping[str, Domain]) -> ast.expr:
    """Return a formula as Python. Raises UsageError, with the column, for what is no formula of the arguments.

    >>> ast.unparse(python("where(x > 0, inv(x), relu(y))", {"x": Domain(-1.0, 1.0), "y": Domain(-1.0, 1.0)}))
    '1.0 / x if x > 0 else max(y, 0.0)'
    """
    try:
        parse(formula, tuple(domains))
    except ExpressionError as error:
        raise UsageError(f"{formula!r}: {error.message} (column {error.column})") from None
    tree = simplified(formula, tuple(domains))
    written = _Python(domains).visit(tree)
    if isinstance(tree, ast.Compare):
        written = ast.Call(ast.Name("float", ast.Load()), [written], [])
    found: ast.expr = ast.fix_missing_locations(_as_float(written))
    return ast.parse(ast.unparse(found), mode="eval").body  # every part a node of its own


class _Python(ast.NodeTransformer):
    def __init__(self, domains: Mapping[str, Domain]) -> None:
        self._domains = domains

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._domains or node.id not in CONSTANTS:
            return ast.Name(node.id, ast.Load())
        return _math(node.id)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        name, written = node.func.id, node.args
        if name == "where":
            condition, yes, no = (self.visit(one) for one in written)
            return ast.IfExp(condition, _as_float(yes), _as_float(no))
        args: list[ast.expr] = [self.visit(one) for one in written]
        if name == "sigmoid":
            return self._sigmoid(written[0], args[0])
        if name in IN_MATH:
            return _called(_math(name), *args)
        if name == "relu":
            return _called(ast.Name("max", ast.Load()), args[0], ast.Constant(0.0))
        if name == "inv":
            return ast.BinOp(ast.Constant(1.0), ast.Div(), args[0])
        return _called(ast.Name(name, ast.Load()), *map(_as_float, args))  # min, max, abs

    def _sigmoid(self, written: ast.expr, u: ast.expr) -> ast.expr:
        """Return the textbook's form, or where that may overflow exp(u) / (1 + exp(u)) below 0 in the same line.

        (u - abs(u)) / 2 is u below 0, and else 0.
        """
        above: ast.expr = ast.Constant(1.0)
        size = u
        if not self._is_never_far_below(written):
            size = _called(ast.Name("abs", ast.Load()), u)
            negative = ast.BinOp(ast.BinOp(u, ast.Sub(), size), ast.Div(), ast.Constant(2))
            above = _called(_math("exp"), negative)
        below = ast.BinOp(ast.Constant(1.0), ast.Add(), _called(_math("exp"), ast.UnaryOp(ast.USub(), size)))
        return ast.BinOp(above, ast.Div(), below)

    def _is_never_far_below(self, u: ast.expr) -> bool:
        match u:
            case ast.Name(id=name) if name in self._domains:
                return self._domains[name].lo >= FURTHEST
            case ast.BinOp(op=ast.Pow(), right=right):
                exponent = number_of(right)
                return exponent is not None and exponent % 2 == 0
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._is_positive(left) and self._is_positive(right)
        return self._is_positive(u)

    def _is_positive(self, u: ast.expr) -> bool:
        """Say whether a part is plainly never below 0."""
        match u:
            case ast.Name(id=name) if name in self._domains:
                return self._domains[name].lo >= 0.0
            case ast.Name():
                return True
            case ast.Call(func=ast.Name(id=name)):
                return name in ("exp", "sqrt", "relu", "abs", "sigmoid")
            case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.Div(), right=right):
                return self._is_positive(left) and self._is_positive(right)
        number = number_of(u)
        return number is not None and number >= 0


def _math(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("math", ast.Load()), name, ast.Load())


def _called(function: ast.expr, *args: ast.expr) -> ast.expr:
    return ast.Call(function, list(args), [])


def _as_float(tree: ast.expr) -> ast.expr:
    """Return a whole number as a float, which is what a value is; all else as it is."""
    match tree:
        case ast.Constant(value=int() as value):
            return ast.Constant(float(value))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return ast.UnaryOp(ast.USub(), ast.Constant(float(value)))
    return tree
