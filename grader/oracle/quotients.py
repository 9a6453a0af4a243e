"""See whether a formula is a difference quotient: the same thing at two places, over their distance.

Such a formula is near a derivative and is none, however short its step. It is seen by its form, for with a step of 1e-6
its value tells nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Shift = tuple[str, float]
"""A name, and by how much it is moved."""

FIT = 1e-6
"""How closely the distance must be what the difference is divided by, relatively."""


def is_difference_quotient(text: str) -> bool:
    """Say whether a formula has a difference quotient in it.

    >>> is_difference_quotient("((x + 1e-6) ** 2 - (x - 1e-6) ** 2) / 2e-6"), is_difference_quotient("2 * x")
    (True, False)
    """
    tree = ast.parse(text.strip(), mode="eval").body
    found = _differences(tree, 1.0)
    return any(factor != 1.0 and abs(abs(factor * shift) - 1) <= FIT for shift, factor in found)


def _differences(node: ast.expr, factor: float) -> Iterator[tuple[float, float]]:
    """Yield (shift, factor) of every difference of one thing at two places, and what constant it is multiplied by."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            shifts = set(_shifts(left, right))
            if len(shifts) == 1 and (only := shifts.pop()) is not None:
                yield only[1], factor
            yield from _differences(left, 1.0)
            yield from _differences(right, 1.0)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one, other = _constant(left), _constant(right)
            yield from _differences(left, factor if other is None else factor * other)
            yield from _differences(right, factor if one is None else factor * one)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            below = _constant(right)
            yield from _differences(left, factor / below if below else factor)
            yield from _differences(right, 1.0)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            yield from _differences(inner, factor)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from _differences(child, 1.0)


def _shifts(one: ast.expr, other: ast.expr) -> Iterator[Shift | None]:
    """Yield by how much each name is moved from one part to the other; None where they differ in more than that."""
    here, there = _moved(one), _moved(other)
    if here is not None and there is not None:
        if here[0] != there[0]:
            yield None
        elif here[1] != there[1]:
            yield here[0], here[1] - there[1]
    elif type(one) is not type(other):
        yield None
    else:
        ours, theirs = list(ast.iter_child_nodes(one)), list(ast.iter_child_nodes(other))
        if len(ours) != len(theirs) or (not ours and ast.dump(one) != ast.dump(other)):
            yield None
            return
        for a, b in zip(ours, theirs):
            if isinstance(a, ast.expr) and isinstance(b, ast.expr):
                yield from _shifts(a, b)
            elif ast.dump(a) != ast.dump(b):
                yield None


def _moved(node: ast.expr) -> Shift | None:
    """Return a name and what is added to it, where that is all there is."""
    match node:
        case ast.Name(id=name):
            return name, 0.0
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as sign, right=right):
            by = _constant(right)
            return None if by is None else (name, by if isinstance(sign, ast.Add) else -by)
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Name(id=name)):
            by = _constant(left)
            return None if by is None else (name, by)
    return None


def _constant(node: ast.expr) -> float | None:
    """Return the number that an expression without names is, or None."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = _constant(inner)
            return None if found is None else -found
        case ast.BinOp(left=left, op=sign, right=right):
            a, b = _constant(left), _constant(right)
            if a is None or b is None:
                return None
            return _worked_out(a, sign, b)
    return None


def _worked_out(a: float, sign: ast.operator, b: float) -> float | None:
    try:
        match sign:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.Pow():
                found = a**b
                return found if isinstance(found, float) else None
    except (ArithmeticError, ValueError):
        pass
    return None
