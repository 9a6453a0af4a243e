"""Where a formula has no value although its arguments' domains allow the point: found by trying, told by its part.

Inputs where a formula has no value are never asked, so nothing else would say that a domain is wider than what is
judged. What is only too large for a double is not meant: exp(x) of a real x is clean.
"""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Iterator, Sequence

import msgspec

from grader.assignment.formulas import Formulas
from grader.model import Domain
from grader.oracle.dual import Undefined
from grader.oracle.expressions import COMPARISONS, Expression, parse

SPECIAL = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e-3, -1e-3, 10.0, -10.0)
MOST_POINTS = 3000
SHARES = (0.0, 1.0, 0.5, 0.37, 0.81)
"""Places between the ends of a domain."""

Point = tuple[float, ...]


class NoValue(msgspec.Struct, frozen=True):
    """A part of a formula that has no value, or no derivative, at a point. `offset`: columns into the formula."""

    part: str
    offset: int
    at: str
    lacks: str
    remedy: str


def found(formulas: Formulas, derivative: bool) -> list[NoValue]:
    """Return every part of a formula that lacks a value somewhere in the domains, each once, at the first such point.

    `derivative`: a square root of 0 counts, too.
    """
    tree = ast.parse(formulas.value.text, mode="eval").body
    looking = _Looking(formulas, derivative)
    told: dict[int, NoValue] = {}
    for point in points(formulas.domains):
        for one in looking.lacking(tree, point):
            told.setdefault(one.offset, one)
    for one in looking.crossing(tree):
        told.setdefault(one.offset, one)
    return [told[offset] for offset in sorted(told)]


def points(domains: Sequence[Domain]) -> Iterator[Point]:
    """Yield points to try: the ends, 0, small and round numbers of every domain, in all combinations that are few."""
    columns = [_column(one) for one in domains]
    yield from itertools.islice(zip(*map(itertools.cycle, columns)), max(map(len, columns)))
    yield from itertools.islice(itertools.product(*columns), MOST_POINTS)
    middle = [column[0] for column in columns]
    for i, column in enumerate(columns):
        for value in column:
            yield (*middle[:i], value, *middle[i + 1 :])


def _column(domain: Domain) -> list[float]:
    between = [domain.lo + share * (domain.hi - domain.lo) for share in SHARES]
    values = dict.fromkeys((*SPECIAL, *between))
    return [x for x in values if domain.lo <= x <= domain.hi and not (domain.nonzero and x == 0.0)]


class _Looking:
    def __init__(self, formulas: Formulas, derivative: bool) -> None:
        self._names, self._domains, self._derivative = formulas.arguments, formulas.domains, derivative
        self._text = formulas.value.text
        self._parsed: dict[str, Expression] = {}

    def lacking(self, tree: ast.expr, point: Point) -> Iterator[NoValue]:
        """Yield the parts that have no value at a point; of `where` the branch that is taken."""
        match tree:
            case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as condition, yes, no]):
                yield from self._inside((condition.left, *condition.comparators), point)
                taken = self._holds(condition, point)
                if taken is not None:
                    yield from self.lacking(yes if taken else no, point)
                return
            case ast.Call(args=args):
                yield from self._inside(args, point)
            case ast.BinOp(left=left, right=right):
                yield from self._inside((left, right), point)
            case ast.UnaryOp(operand=operand):
                yield from self.lacking(operand, point)
            case ast.Compare(left=left, comparators=[right]):
                yield from self._inside((left, right), point)
        lacks, remedy = self._wrong(tree, point)
        if lacks:
            yield self._told(tree, point, lacks, remedy)

    def _inside(self, trees: Sequence[ast.expr], point: Point) -> Iterator[NoValue]:
        for one in trees:
            yield from self.lacking(one, point)

    def _wrong(self, tree: ast.expr, point: Point) -> tuple[str, str]:
        """Return what a part lacks by its own doing, and what to do; nothing where it has a value."""
        match tree:
            case ast.Call(func=ast.Name(id="log" | "sqrt" as name), args=[inner]):
                value = self._value(inner, point)
                if value is not None and (value < 0 or (name == "log" and value == 0)):
                    return "has no value", f"keep {self._written(inner)} above 0"
                if value == 0 and self._derivative:
                    return "has no derivative", f"keep {self._written(inner)} above 0"
            case ast.Call(func=ast.Name(id="inv"), args=[below]) | ast.BinOp(op=ast.Div(), right=below):
                if self._value(below, point) == 0:
                    return "has no value", f"keep {self._written(below)} away from 0"
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                return self._power(base, exponent, point)
        return "", ""

    def _power(self, base: ast.expr, exponent: ast.expr, point: Point) -> tuple[str, str]:
        x, n = self._value(base, point), self._value(exponent, point)
        if x is None or n is None:
            return "", ""
        varies = any(isinstance(one, ast.Name) and one.id in self._names for one in ast.walk(exponent))
        if x <= 0 and (varies or n != int(n)):
            return "has no value", f"keep {self._written(base)} above 0"
        if x == 0 and n < 0:
            return "has no value", f"keep {self._written(base)} away from 0"
        return "", ""

    def crossing(self, tree: ast.expr) -> Iterator[NoValue]:
        """Yield what is divided by a part that changes its sign without a jump: it is 0 somewhere in between."""
        for below, whole in _divisors(tree):
            signs: dict[Point, set[bool]] = {}
            for point in points(self._domains) if _is_smooth(below) else ():
                value = self._value(below, point)
                if value:
                    cell = tuple(x > 0 if domain.nonzero else 0 for x, domain in zip(point, self._domains))
                    signs.setdefault(cell, set()).add(value > 0)
            if any(len(one) > 1 for one in signs.values()):
                where = f"where {self._written(below)} is 0"
                yield NoValue(
                    ast.unparse(whole),
                    whole.col_offset,
                    where,
                    "has no value",
                    f"keep {self._written(below)} away from 0",
                )

    def _told(self, tree: ast.expr, point: Point, lacks: str, remedy: str) -> NoValue:
        named = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
        at = ", ".join(f"{name} = {x:g}" for name, x in zip(self._names, point) if name in named)
        return NoValue(self._written(tree), tree.col_offset, f"at {at}" if at else "anywhere", lacks, remedy)

    def _written(self, tree: ast.expr) -> str:
        return ast.get_source_segment(self._text, tree) or ast.unparse(tree)

    def _holds(self, condition: ast.Compare, point: Point) -> bool | None:
        left, right = self._value(condition.left, point), self._value(condition.comparators[0], point)
        return None if left is None or right is None else COMPARISONS[type(condition.ops[0])](left, right)

    def _value(self, tree: ast.expr, point: Point) -> float | None:
        text = ast.unparse(tree)
        if text not in self._parsed:
            self._parsed[text] = parse(text, self._names)
        try:
            return self._parsed[text].value(point)
        except Undefined:
            return None


def _divisors(tree: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield (what is divided by, the whole part) outside the branches of `where`, which may keep 0 away."""
    match tree:
        case ast.Call(func=ast.Name(id="where")):
            return
        case ast.Call(func=ast.Name(id="inv"), args=[below]) | ast.BinOp(op=ast.Div(), right=below):
            yield below, tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.expr):
            yield from _divisors(child)


@functools.cache
def _is_smooth(tree: ast.expr) -> bool:
    """Say whether a part has no jump and no pole of its own, so that between two signs it is 0."""
    for one in ast.walk(tree):
        if isinstance(one, (ast.Compare, ast.Div)) or (
            isinstance(one, ast.Call)
            and isinstance(one.func, ast.Name)
            and one.func.id in ("where", "inv", "tan", "log")
        ):
            return False
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Pow) and not isinstance(one.right, ast.Constant):
            return False
    return True
