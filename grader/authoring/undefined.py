"""Where a formula has no value although its arguments' domains allow the point: found by trying, told by its part.

Inputs where a formula has no value are never asked, so nothing else would say that a domain is wider than what is
judged. What is only too large for a double is not meant: exp(x) of a real x is clean, and so is log(1 - tanh(x)).

Nothing is told without a point that shows it. The point lies in the domains, open ends left out and whole numbers only,
the exercise's conditions hold there, and `enclosing` proves that what is to be 0 or below is so. Where a divisor is 0
between two points, no double may be exactly there; then there are two beside each other where its signs differ.
"""

from __future__ import annotations

import ast
import functools
import itertools
import math
from collections.abc import Iterator, Sequence

import msgspec

from grader.assignment import domains, parameters
from grader.assignment.exercise import Exercise
from grader.assignment.formulas import Formulas
from grader.authoring import enclosing
from grader.authoring.enclosing import NOTHING, Bounds
from grader.model import Domain
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression, parse
from grader.oracle.inputs import inside

SPECIAL = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e-3, -1e-3, 10.0, -10.0)
MOST_POINTS = 3000
SHARES = (0.0, 1.0, 0.5, 0.37, 0.81)
"""Places between the ends of a domain."""

MOST_CROSSINGS = 20
"""Ways from a point to one where a divisor has the other sign that are followed, for one divisor."""

HALVINGS = 200
CLEAR = 1e-9
"""How clearly a condition holds where a divisor is 0 only between two doubles."""

Point = tuple[float, ...]


class Asked(msgspec.Struct, frozen=True):
    """What is asked of a formula: where, and by which arguments there is to be a derivative.

    `names` are the arguments and the parameters, `domains` and `drawn` where they lie; one of the two is None.
    `varying`: arguments that an exponent of this name may not be a fixed number for. `may_skip`: the kind knows
    `without_gradient`.
    """

    text: str
    names: tuple[str, ...]
    domains: tuple[Domain | None, ...]
    drawn: tuple[tuple[int, ...], ...]
    varying: frozenset[str]
    by: frozenset[str]
    conditions: tuple[Expression, ...] = ()
    may_skip: bool = False

    def allows(self, point: Point) -> bool:
        """Say whether the exercise may be asked at a point."""
        within = zip(point, self.domains, self.drawn)
        if not all(x in drawn if domain is None else inside(x, domain) for x, domain, drawn in within):
            return False
        try:
            return all(one.value(point) for one in self.conditions)
        except Undefined:
            return False

    def is_whole(self, name: str) -> bool:
        """Say whether an argument is always a whole number."""
        domain = self.domains[self.names.index(name)]
        return domain is None or domain.whole


class NoValue(msgspec.Struct, frozen=True):
    """A part of a formula that has no value, or no derivative, at a point. `offset`: columns into the formula.

    `point` shows it. With a second one `beside` it the signs of what is divided by differ between the two.
    """

    part: str
    offset: int
    at: str
    lacks: str
    remedy: str
    point: Point = ()
    beside: Point = ()


def asked(exercise: Exercise) -> Asked | None:
    """Return what is asked of an exercise's formula; None where it has none."""
    formulas = getattr(exercise.spec, "formulas", None)
    if not isinstance(formulas, Formulas) or exercise.kind == "own":
        return None
    names = (*formulas.arguments, *(one.name for one in exercise.parameters))
    text, conditions = formulas.value.text, formulas.value.conditions
    if exercise.parameters:  # as it is written: the numbers are tried beside the arguments
        text = exercise.form.value.strip()
        written = exercise.form.condition
        texts = (written,) if isinstance(written, str) else written
        conditions = tuple(parse(one, names) for one in texts if one)
    varying = frozenset(formulas.arguments) - {*formulas.value.constants}
    by = varying if exercise.kind != "values" else frozenset()
    if exercise.kind == "paper":
        by = frozenset((formulas.arguments[exercise.spec.by],))
    return Asked(
        text,
        names,
        (*formulas.domains, *(None for _ in exercise.parameters)),
        (*(() for _ in formulas.domains), *(one.values for one in exercise.parameters)),
        varying,
        by,
        conditions,
        exercise.kind == "function",
    )


def found(asked: Asked) -> list[NoValue]:
    """Return every part of a formula that lacks a value somewhere in the domains, each once, at the first such point.

    A square root of 0 counts where there is to be a derivative.
    """
    tree = ast.parse(asked.text, mode="eval").body
    looking = _Looking(asked)
    told: dict[tuple[int, str], NoValue] = {}
    for point in points(asked):
        for one in looking.lacking(tree, point):
            told.setdefault((one.offset, one.part), one)
    for one in looking.crossing(tree):
        told.setdefault((one.offset, one.part), one)
    return sorted(told.values(), key=lambda one: one.offset)


def parts(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) of every part of the formula that has no value at a point where it may be asked."""
    of = asked(exercise)
    if of is None:
        return
    for one in found(of):
        said = f"{one.part} {one.lacks} {one.at}, which the domains allow ({_within(exercise, of)}); {one.remedy}"
        yield f"value@{one.offset}", said


def _within(exercise: Exercise, asked: Asked) -> str:
    """Return where a formula is asked, as its exercise says it."""
    formulas = exercise.spec.formulas
    within = [f"{name}: {domains.said(name, one)}" for name, one in zip(formulas.arguments, formulas.domains)]
    drawn = [f"{one.name}: {parameters.said(one)}" for one in exercise.parameters]
    return "; ".join([", ".join([*within, *drawn]), *(one.text for one in asked.conditions)])


def points(asked: Asked) -> Iterator[Point]:
    """Yield points to try: the ends, 0, small and round numbers of every domain, in all combinations that are few."""
    columns = [
        _drawn(drawn) if domain is None else _column(domain) for domain, drawn in zip(asked.domains, asked.drawn)
    ]
    for point in _combined(columns):
        if asked.allows(point):
            yield point


def _combined(columns: Sequence[Sequence[float]]) -> Iterator[Point]:
    yield from itertools.islice(zip(*map(itertools.cycle, columns)), max(map(len, columns)))
    yield from itertools.islice(itertools.product(*columns), MOST_POINTS)
    middle = [column[0] for column in columns]
    for i, column in enumerate(columns):
        for value in column:
            yield (*middle[:i], value, *middle[i + 1 :])


def _drawn(values: Sequence[int]) -> list[float]:
    """Return the numbers of a parameter: the usual one first, then the ends, then all others."""
    return [float(one) for one in dict.fromkeys((values[len(values) // 2], values[0], values[-1], *values))]


def _column(domain: Domain) -> list[float]:
    between = [domain.lo + share * (domain.hi - domain.lo) for share in SHARES]
    if domain.whole:
        between = [round_(one) for one in between for round_ in (math.ceil, math.floor)]
        between += [math.floor(domain.lo) + 1, math.ceil(domain.hi) - 1]
    values = dict.fromkeys(map(float, (*SPECIAL, *between)))
    return [x for x in values if inside(x, domain)]


class _Looking:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._parsed: dict[str, Expression] = {}

    def lacking(self, tree: ast.expr, point: Point) -> Iterator[NoValue]:
        """Yield the parts that have no value at a point; of `where` the branch that is taken."""
        match tree:
            case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as condition, yes, no]):
                yield from self._inside((condition.left, *condition.comparators), point)
                taken = self._bounds(condition, point)
                if taken is not None:
                    yield from self.lacking(yes if taken[0] else no, point)
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
                if not self._may_be(inner, point, below=True):
                    return "", ""
                within = self._bounds(inner, point)
                if within is not None and (within[1] < 0 or (name == "log" and within == NOTHING)):
                    return "has no value", f"keep {self._written(inner)} above 0"
                if within == NOTHING and self._names(inner) & self._asked.by:
                    return "has no derivative", f"keep {self._written(inner)} above 0"
            case ast.Call(func=ast.Name(id="inv"), args=[below]) | ast.BinOp(op=ast.Div(), right=below):
                if self._may_be(below, point) and self._bounds(below, point) == NOTHING:
                    return "has no value", f"keep {self._written(below)} away from 0"
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                return self._power(base, exponent, point)
        return "", ""

    def _power(self, base: ast.expr, exponent: ast.expr, point: Point) -> tuple[str, str]:
        """Return what a power lacks: where its exponent varies, the base has to be above 0."""
        if not self._may_be(base, point, below=True):
            return "", ""
        x, n = self._bounds(base, point), self._bounds(exponent, point)
        if x is None or n is None or not (x == NOTHING or x[1] < 0):
            return "", ""
        varying = self._names(exponent) & self._asked.varying
        if not varying:
            if n[0] > math.floor(n[0]) and n[1] < math.floor(n[0]) + 1:
                return "has no value", f"keep {self._written(base)} above 0"
            if x == NOTHING and n[1] < 0:
                return "has no value", f"keep {self._written(base)} away from 0"
            return "", ""
        keep = f"keep {self._written(base)} above 0"
        if not all(map(self._asked.is_whole, varying)) or (x == NOTHING and n[1] < 0):
            return "has no value", keep
        skipped = f", or list {', '.join(sorted(varying))} under without_gradient" if self._asked.may_skip else ""
        return "is never asked", f"{keep}{skipped}"

    def crossing(self, tree: ast.expr) -> Iterator[NoValue]:
        """Yield what is divided by a part that changes its sign without a jump: it is 0 somewhere in between."""
        for below, whole in _divisors(tree):
            shown = next(self._zeros(below), None) if _is_smooth(below) else None
            if shown is not None:
                where, remedy = f"where {self._written(below)} is 0", f"keep {self._written(below)} away from 0"
                yield NoValue(self._written(whole), whole.col_offset, where, "has no value", remedy, *shown)

    def _zeros(self, below: ast.expr) -> Iterator[tuple[Point, Point]]:
        """Yield two points beside each other, between which a divisor is 0 where the exercise may be asked."""
        signs: dict[Point, tuple[list[Point], list[Point]]] = {}
        for point in points(self._asked):
            value = self._value(below, point)
            if value:
                signs.setdefault(self._cell(point), ([], []))[value > 0].append(point)
        pairs = (pair for under, over in signs.values() for pair in itertools.product(under, over))
        for start, end in itertools.islice(pairs, MOST_CROSSINGS):
            first, last = self._bounds(below, start), self._bounds(below, end)
            if first is None or last is None or not first[1] < 0 < last[0]:
                continue
            near = self._halved(below, start, end)
            if near is not None and all(map(self._allows_clearly, near)):
                yield near

    def _cell(self, point: Point) -> Point:
        """Return what two points have in common between which every point lies in the domains."""
        within = zip(point, self._asked.domains)
        return tuple(
            x if domain is None or domain.whole else float(x > 0) if domain.nonzero else 0.0 for x, domain in within
        )

    def _halved(self, below: ast.expr, start: Point, end: Point) -> tuple[Point, Point] | None:
        """Return the two points on the way, as near as doubles are, between which the sign changes; None where lost."""
        for _ in range(HALVINGS):
            middle = tuple(a + (b - a) / 2 for a, b in zip(start, end))
            if middle in (start, end):
                return start, end
            value = self._value(below, middle)
            if value is None:
                return None
            start, end = (middle, end) if value < 0 else (start, middle)
        return start, end

    def _allows_clearly(self, point: Point) -> bool:
        if not self._asked.allows(point):
            return False
        for one in self._asked.conditions:
            condition = ast.parse(one.text, mode="eval").body
            assert isinstance(condition, ast.Compare)
            left, right = self._value(condition.left, point), self._value(condition.comparators[0], point)
            if left is None or right is None or abs(left - right) <= CLEAR * (1 + abs(left) + abs(right)):
                return False
        return True

    def _told(self, tree: ast.expr, point: Point, lacks: str, remedy: str) -> NoValue:
        named = self._names(tree)
        at = ", ".join(f"{name} = {x:g}" for name, x in zip(self._asked.names, point) if name in named)
        return NoValue(self._written(tree), tree.col_offset, f"at {at}" if at else "anywhere", lacks, remedy, point)

    def _names(self, tree: ast.expr) -> set[str]:
        return {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}

    def _written(self, tree: ast.expr) -> str:
        return ast.get_source_segment(self._asked.text, tree) or ast.unparse(tree)

    def _bounds(self, tree: ast.expr, point: Point) -> Bounds | None:
        return enclosing.bounds(tree, dict(zip(self._asked.names, point)))

    def _may_be(self, tree: ast.expr, point: Point, below: bool = False) -> bool:
        """Say whether a part may be 0, or `below`, as doubles have it. Only then is it worth the proof."""
        value = self._value(tree, point)
        return value is None or abs(value) < CLEAR or (below and value < 0)

    def _value(self, tree: ast.expr, point: Point) -> float | None:
        text = ast.unparse(tree)
        if text not in self._parsed:
            fixed = tuple(name for name in self._asked.names if name not in self._asked.varying)
            self._parsed[text] = parse(text, self._asked.names, fixed)
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
