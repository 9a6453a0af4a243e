"""Whether a value may compare with `<` as well as with `<=`: at a tie both come to exactly the same.

Only ties are of interest, for elsewhere the two decide alike. Where what is compared is linear in an argument on either
side of its kinks, ties are found exactly, and the value is worked out at each in fractions. `abs(x) <= d` is tried at
many x and d, of both signs.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

from grader.authoring import enclosing
from grader.authoring.enclosing import NOTHING
from grader.oracle.expressions import CONSTANTS

LOOSE = {frozenset((ast.Lt, ast.LtE)), frozenset((ast.Gt, ast.GtE))}
TRIES, STEPS, SIZE, SHARE = 40, 4, 40, 8
"""Points that ties are sought from; steps to one from there; and of its numbers the largest, and the finest part."""


def same(value: ast.expr, changed: ast.expr) -> bool:
    """Say whether two values that differ in how one comparison decides a tie are equal at every tie that is found.

    >>> one, other = (ast.parse(f"x if x {sign} 0 else 2 * x", mode="eval").body for sign in ("<", "<="))
    >>> same(one, other)
    True
    """
    comparison = _differing(value, changed)
    if comparison is None:
        return False
    compared, one, other = map(_formula, (comparison, value, changed))
    assert isinstance(compared, ast.Compare)
    difference = ast.BinOp(compared.left, ast.Sub(), compared.comparators[0])
    found = False
    for at in _ties(difference, _arguments(one)):
        left, right = enclosing.bounds(one, at), enclosing.bounds(other, at)
        if left is None or left[0] != left[1] or left != right:
            return False
        found = True
    return found


def _differing(value: ast.expr, changed: ast.expr) -> ast.Compare | None:
    """Return the one comparison that is strict in one and not in the other; None where they differ otherwise."""
    nodes, others = list(ast.walk(value)), list(ast.walk(changed))
    if len(nodes) != len(others):
        return None
    pairs = [
        (one, other)
        for one, other in zip(nodes, others)
        if isinstance(one, ast.Compare)
        and isinstance(other, ast.Compare)
        and type(one.ops[0]) is not type(other.ops[0])
    ]
    if len(pairs) != 1:
        return None
    ((one, other),) = pairs
    signs = frozenset((type(one.ops[0]), type(other.ops[0])))
    texts = [ast.unparse(value), ast.unparse(changed)]
    restored = ast.parse(texts[1], mode="eval").body
    at = [node for node in ast.walk(restored) if isinstance(node, ast.Compare)]
    compares = [node for node in others if isinstance(node, ast.Compare)]
    at[compares.index(other)].ops = one.ops
    return one if signs in LOOSE and ast.unparse(restored) == texts[0] else None


class _Formula(ast.NodeTransformer):
    """Write a solution's Python in the formula language."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        args = [self.visit(one) for one in (node.test, node.body, node.orelse)]
        return ast.Call(ast.Name("where", ast.Load()), args, [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Name(node.attr, ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "float":
            return self.visit(node.args[0])  # type: ignore[no-any-return] # an expression is one still
        return self.generic_visit(node)


def _formula(tree: ast.expr) -> ast.expr:
    found: ast.expr = _Formula().visit(ast.parse(ast.unparse(tree), mode="eval").body)
    return found


def _arguments(tree: ast.expr) -> list[str]:
    called = {id(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    names = [one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and id(one) not in called]
    return sorted({*names} - {*CONSTANTS})


def _ties(difference: ast.expr, names: list[str]) -> Iterator[Mapping[str, Fraction]]:
    """Yield points where a difference is exactly 0, each time with one argument moved to where it is."""
    source = random.Random(0)
    moved = [name for name in names if name in _arguments(difference)]
    for i in range(TRIES if moved else 0):
        at = {name: Fraction(source.randint(-SIZE * SHARE, SIZE * SHARE), SHARE) for name in names}
        found = _moved(difference, at, moved[i % len(moved)])
        if found is not None:
            yield found


def _moved(difference: ast.expr, at: dict[str, Fraction], name: str) -> Mapping[str, Fraction] | None:
    for _ in range(STEPS):
        ends = [enclosing.bounds(difference, {**at, name: at[name] + step}) for step in (0, Fraction(1, SHARE))]
        if ends[0] == NOTHING:
            return at
        if any(one is None or one[0] != one[1] for one in ends):
            return None
        first, second = (one[0] for one in ends if one is not None)
        if first == second:
            return None
        at = {**at, name: at[name] - first / (SHARE * (second - first))}
    return None
