"""The derivatives of a formula as formulas, by the rules of calculus, for the solution of a new exercise.

Grading never uses them: it has exact derivatives of its own (`oracle.dual`), and every derivative written here is held
to those before it is kept. At a kink a derivative takes the slope of one side.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

from grader.oracle.expressions import syntax

ZERO, ONE = 0.0, 1.0


def derivatives(formula: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the derivative by each argument, as formulas. The formula is one that parses.

    >>> derivatives("x ** 2 * sin(y)", ["x", "y"])
    ('2 * x * sin(y)', 'x ** 2 * cos(y)')
    >>> derivatives("max(x, 0)", ["x"])
    ('where(x > 0, 1, 0)',)
    """
    tree, _, _ = syntax(formula, arguments)
    return tuple(ast.unparse(ast.fix_missing_locations(_by(name, tree))) for name in arguments)


def simplified(formula: str, arguments: Sequence[str]) -> ast.expr:
    """Return a formula's tree without factors of 1, terms of 0 and powers of 1, which no mistake can be made in."""
    tree, _, _ = syntax(formula, arguments)
    return _simplified(tree)


def _simplified(tree: ast.expr) -> ast.expr:
    tree = copy.copy(tree)
    match tree:
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(_simplified(left), op, _simplified(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _negative(_simplified(operand))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _simplified(operand)
        case ast.Compare(left=left, comparators=[right]):
            tree.left, tree.comparators = _simplified(left), [_simplified(right)]
        case ast.Call(args=args):
            tree.args = [_simplified(one) for one in args]
    return tree


def _binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    makes = {ast.Add: _sum, ast.Sub: _difference, ast.Mult: _product, ast.Div: _quotient, ast.Pow: _power}
    return makes[type(op)](left, right)


def _by(name: str, tree: ast.expr) -> ast.expr:
    if not _has(name, tree):
        return _number(0)
    match tree:
        case ast.Name():
            return _number(1)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _by(name, operand)
            return _negative(inner) if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            return _of_two(name, _simplified(left), op, _simplified(right))
        case ast.Call(func=ast.Name(id=function), args=args):
            return _of_call(name, function, [_simplified(one) for one in args], args)
        case _:  # a comparison: flat wherever it has a derivative
            return _number(0)


def _of_two(name: str, left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    by_left, by_right = _by(name, left), _by(name, right)
    match op:
        case ast.Add():
            return _sum(by_left, by_right)
        case ast.Sub():
            return _difference(by_left, by_right)
        case ast.Mult():
            return _sum(_product(by_left, right), _product(left, by_right))
        case ast.Div():
            above = _difference(by_left, _product(_quotient(left, right), by_right))
            return _quotient(above, right)
    if not _has(name, right):
        return _product(_product(right, _power(left, _difference(right, _number(1)))), by_left)
    along = _product(by_right, _call("log", left))
    return _product(_power(left, right), _sum(along, _quotient(_product(right, by_left), left)))


def _of_call(name: str, function: str, args: list[ast.expr], written: list[ast.expr]) -> ast.expr:
    if function == "where":
        return _where(written[0], _by(name, args[1]), _by(name, args[2]))
    inner = [_by(name, one) for one in args]
    if function in ("max", "min"):
        sign: ast.cmpop = ast.Gt() if function == "max" else ast.Lt()
        return _where(ast.Compare(args[0], [sign], [args[1]]), *inner)
    (u,), (du,) = args, inner
    above = ast.Compare(u, [ast.Gt()], [_number(0)])
    match function:
        case "relu":
            return _where(above, du, _number(0))
        case "abs":
            return _where(above, du, _negative(du))
        case "log":
            return _quotient(du, u)
        case "inv":
            return _negative(_quotient(du, _power(u, _number(2))))
        case "sqrt":
            return _quotient(du, _product(_number(2), _call("sqrt", u)))
    return _product(_slope(function, u), du)


def _slope(function: str, u: ast.expr) -> ast.expr:
    itself = _call(function, u)
    match function:
        case "exp":
            return itself
        case "sin":
            return _call("cos", u)
        case "cos":
            return _negative(_call("sin", u))
        case "tan":
            return _sum(_number(1), _power(itself, _number(2)))
        case "tanh":
            return _difference(_number(1), _power(itself, _number(2)))
        case "sigmoid":
            return _product(itself, _difference(_number(1), itself))
    raise AssertionError(f"{function} is in the formula language and has no derivative here")


def _has(name: str, tree: ast.expr) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(tree))


def _number(value: float) -> ast.expr:
    return ast.Constant(value)


def _call(function: str, u: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(function, ast.Load()), [u], [])


def _where(condition: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    if ast.dump(yes) == ast.dump(no):
        return yes
    condition = _decided(condition)
    return ast.Call(ast.Name("where", ast.Load()), [condition, yes, no], [])


def _decided(condition: ast.expr) -> ast.expr:
    """Return `x < 1` for `max(x, -1) < 1`: a bound that lies on the other side of what it is compared with is idle."""
    match condition:
        case ast.Compare(left=ast.Call(func=ast.Name(id="relu"), args=[u]), ops=ops, comparators=[ast.expr() as right]):
            bounded = ast.Call(ast.Name("max", ast.Load()), [u, _number(0)], [])
            kept = _decided(ast.Compare(bounded, ops, [right]))
            return condition if isinstance(kept, ast.Compare) and kept.left is bounded else kept
        case ast.Compare(left=ast.Call(func=ast.Name(id=name), args=[u, bound]), ops=[op], comparators=[right]):
            c, d = number_of(bound), number_of(right)
            if c is None or d is None:
                return condition
            idle = {
                ("max", ast.Lt): c < d,
                ("max", ast.Gt): c <= d,
                ("min", ast.Gt): c > d,
                ("min", ast.Lt): c >= d,
            }
            return ast.Compare(u, [op], [right]) if idle.get((name, type(op))) else condition
    return condition


def _vanishes(factor: ast.expr, condition: ast.expr) -> bool:
    """Say whether a factor is 0 wherever a condition `u > 0` does not hold: it has relu(u) in it."""
    match factor, condition:
        case ast.BinOp(left=left, op=ast.Mult(), right=right), _:
            return _vanishes(left, condition) or _vanishes(right, condition)
        case ast.BinOp(left=left, op=ast.Pow(), right=right), _:
            exponent = number_of(right)
            return exponent is not None and exponent > 0 and _vanishes(left, condition)
        case ast.Call(func=ast.Name(id="relu"), args=[u]), ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
            return number_of(right) == ZERO and ast.dump(u) == ast.dump(left)
    return False


def number_of(tree: ast.expr) -> float | None:
    """Return the number that a tree is, or None."""
    match tree:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return None


def _folded(value: float) -> ast.expr:
    return _number(value) if value >= 0 else ast.UnaryOp(ast.USub(), _number(-value))


def _negative(u: ast.expr) -> ast.expr:
    number = number_of(u)
    if number is not None:
        return _folded(-number) if number else _number(0)
    match u:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return operand
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            return ast.BinOp(_negative(left), op, right)
    return ast.UnaryOp(ast.USub(), u)


def _sum(a: ast.expr, b: ast.expr) -> ast.expr:
    x, y = number_of(a), number_of(b)
    if x is not None and y is not None:
        return _folded(x + y)
    if x == ZERO:
        return b
    if y == ZERO:
        return a
    if ast.dump(a) == ast.dump(b):
        return _product(_number(2), a)
    return ast.BinOp(a, ast.Add(), b)


def _difference(a: ast.expr, b: ast.expr) -> ast.expr:
    x, y = number_of(a), number_of(b)
    if x is not None and y is not None:
        return _folded(x - y)
    if x == ZERO:
        return _negative(b)
    if y == ZERO:
        return a
    return _number(0) if ast.dump(a) == ast.dump(b) else ast.BinOp(a, ast.Sub(), b)


def _product(a: ast.expr, b: ast.expr) -> ast.expr:
    x, y = number_of(a), number_of(b)
    if x is not None and y is not None:
        return _folded(x * y)
    if ZERO in (x, y):
        return _number(0)
    if x == ONE:
        return b
    if y == ONE:
        return a
    if -ONE in (x, y):
        return _negative(b if x == -ONE else a)
    match b:
        case ast.Call(func=ast.Name(id="where"), args=[condition, yes, no]) if _vanishes(a, condition):
            if number_of(no) == ZERO:
                return _product(a, yes)
    return ast.BinOp(b, ast.Mult(), a) if y is not None else ast.BinOp(a, ast.Mult(), b)


def _quotient(a: ast.expr, b: ast.expr) -> ast.expr:
    if number_of(a) == ZERO:
        return _number(0)
    return a if number_of(b) == ONE else ast.BinOp(a, ast.Div(), b)


def _power(a: ast.expr, b: ast.expr) -> ast.expr:
    exponent = number_of(b)
    if exponent == ZERO:
        return _number(1)
    return a if exponent == ONE else ast.BinOp(a, ast.Pow(), b)
