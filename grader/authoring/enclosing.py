"""Bounds of a formula's part at a point, between which its real value surely lies.

In doubles `1 - tanh(x)` is 0 at x = 50, and exp(-1000) is. Neither is 0, and neither may be called so. What is made of
sums, products and whole powers is worked out exactly here; what a function returns is widened by more than it can be
off. Bounds that are one number are exact.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from grader.oracle.expressions import CONSTANTS

Bounds = tuple[Fraction, Fraction]
At = Mapping[str, float | Fraction]
"""Argument -> its number."""

OFF, TINY = Fraction(1, 10**12), Fraction(1, 10**300)
"""How far a function of Python's may be off, as a share of what it returns, and besides."""

MOST_BITS = 20000
"""Of a power that is worked out exactly."""

ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)
NOTHING: Bounds = (ZERO, ZERO)
"""The bounds of what is exactly 0."""

RISING: dict[str, tuple[Callable[[float], float], Fraction | None, Fraction | None]] = {
    "exp": (math.exp, ZERO, None),
    "log": (math.log, None, None),
    "sqrt": (math.sqrt, ZERO, None),
    "tanh": (math.tanh, -ONE, ONE),
    "sigmoid": (lambda x: 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x)), ZERO, ONE),
}
"""Functions that rise, with what they never fall below and never exceed."""

KNOWN = {
    ("log", ONE): ZERO,
    ("exp", ZERO): ONE,
    ("tanh", ZERO): ZERO,
    ("sigmoid", ZERO): HALF,
    ("sin", ZERO): ZERO,
    ("cos", ZERO): ONE,
    ("tan", ZERO): ZERO,
}
"""Values that are known exactly."""


class Unknown(Exception):
    """No bounds can be told: there is no value, it is too large, or it is not decided which branch is taken."""


def bounds(tree: ast.expr, at: At) -> Bounds | None:
    """Return the bounds of a part at a point, None where none can be told.

    >>> bounds(ast.parse("x - x * x", mode="eval").body, {"x": 0.5})
    (Fraction(1, 4), Fraction(1, 4))
    """
    try:
        return _of(tree, at)
    except (Unknown, OverflowError, ZeroDivisionError, ValueError):
        return None


def _of(tree: ast.expr, at: At) -> Bounds:
    match tree:
        case ast.Constant(value=int() | float() as value):
            return _exactly(Fraction(value))
        case ast.Name(id=name) if name in at:
            return _exactly(Fraction(at[name]))
        case ast.Name(id=name):
            return _widened(CONSTANTS[name], CONSTANTS[name])
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            lo, hi = _of(inner, at)
            return -hi, -lo
        case ast.UnaryOp(operand=inner):
            return _of(inner, at)
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _exactly(ONE if _holds(sign, _of(left, at), _of(right, at)) else ZERO)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _of(left, at), _of(right, at))
        case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as condition, yes, no]):
            return _of(yes if _of(condition, at) == (ONE, ONE) else no, at)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _called(name, [_of(one, at) for one in args])
    raise Unknown


def _exactly(value: Fraction) -> Bounds:
    return value, value


def _widened(lo: float, hi: float) -> Bounds:
    low, high = Fraction(lo), Fraction(hi)
    return low - abs(low) * OFF - TINY, high + abs(high) * OFF + TINY


def _holds(sign: ast.cmpop, left: Bounds, right: Bounds) -> bool:
    """Say how a comparison comes out. Raises Unknown where that cannot be told."""
    lo, hi = left[0] - right[1], left[1] - right[0]
    is_tie = lo == hi == 0
    if not (is_tie or lo > 0 or hi < 0):
        raise Unknown
    less = hi < 0
    match sign:
        case ast.Lt():
            return less
        case ast.LtE():
            return less or is_tie
        case ast.Gt():
            return not (less or is_tie)
        case ast.GtE():
            return not less
        case ast.Eq():
            return is_tie
    return not is_tie


def _combined(op: ast.operator, a: Bounds, b: Bounds) -> Bounds:
    match op:
        case ast.Add():
            return a[0] + b[0], a[1] + b[1]
        case ast.Sub():
            return a[0] - b[1], a[1] - b[0]
        case ast.Mult():
            return _times(a, b)
        case ast.Div():
            return _times(a, _inverse(b))
    return _power(a, b)


def _times(a: Bounds, b: Bounds) -> Bounds:
    ends = [one * other for one in a for other in b]
    return min(ends), max(ends)


def _inverse(a: Bounds) -> Bounds:
    if a[0] <= 0 <= a[1]:
        raise Unknown
    return 1 / a[1], 1 / a[0]


def _power(a: Bounds, b: Bounds) -> Bounds:
    if b[0] == b[1] and b[0].denominator == 1:
        return _whole_power(a, int(b[0]))
    if b == (HALF, HALF):
        return _called("sqrt", [a])
    if a[0] <= 0:
        raise Unknown
    if a == (ONE, ONE):
        return a
    ends = [float(one) ** float(other) for one in a for other in b]
    lo, hi = min(ends), max(ends)
    return Fraction(lo) * (1 - 1000 * OFF) - TINY, Fraction(hi) * (1 + 1000 * OFF) + TINY


def _whole_power(a: Bounds, n: int) -> Bounds:
    bits = max(one.numerator.bit_length() + one.denominator.bit_length() for one in a)
    if bits * abs(n) > MOST_BITS:
        raise Unknown
    if n < 0:
        return _inverse(_whole_power(a, -n))
    ends = [one**n for one in a]
    lowest = ZERO if n and n % 2 == 0 and a[0] <= 0 <= a[1] else min(ends)
    return lowest, max(ends)


def _called(name: str, args: list[Bounds]) -> Bounds:
    if name in ("min", "max"):
        (a, b), choose = args, min if name == "min" else max
        return choose(a[0], b[0]), choose(a[1], b[1])
    ((lo, hi),) = args
    if lo == hi and (name, lo) in KNOWN:
        return _exactly(KNOWN[name, lo])
    if name == "sqrt" and lo == hi and (root := _root(lo)) is not None:
        return _exactly(root)
    if name == "relu":
        return max(lo, ZERO), max(hi, ZERO)
    if name == "abs":
        return (ZERO if lo <= 0 <= hi else min(abs(lo), abs(hi))), max(abs(lo), abs(hi))
    if name == "inv":
        return _inverse((lo, hi))
    if name in RISING:
        return _rising(name, lo, hi)
    if name in ("sin", "cos"):
        return _wave(math.sin if name == "sin" else math.cos, lo, hi)
    if name == "tan":
        return _times(_called("sin", args), _inverse(_called("cos", args)))
    raise Unknown


def _root(value: Fraction) -> Fraction | None:
    """Return the square root of a square, None of another number."""
    if value < 0:
        return None
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return root if root * root == value else None


def _rising(name: str, lo: Fraction, hi: Fraction) -> Bounds:
    function, least, most = RISING[name]
    if name == "log" and lo <= 0:
        raise Unknown
    first, last = _widened(function(_below(lo)), function(_above(hi)))
    return (first if least is None else max(first, least)), (last if most is None else min(last, most))


def _wave(function: Callable[[float], float], lo: Fraction, hi: Fraction) -> Bounds:
    middle = float((lo + hi) / 2)
    off = max(abs(lo - Fraction(middle)), abs(hi - Fraction(middle)))  # neither rises faster than its argument
    first, last = _widened(function(middle), function(middle))
    return max(first - off, -ONE), min(last + off, ONE)


def _below(value: Fraction) -> float:
    near = float(value)
    return near if near <= value else math.nextafter(near, -math.inf)


def _above(value: Fraction) -> float:
    near = float(value)
    return near if near >= value else math.nextafter(near, math.inf)
