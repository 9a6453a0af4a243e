"""Mistakes to plant, and what may truly be said of them: written from the mathematics, not from the grader's table.

A formula is stated three times: as an exercise would state it, and by hand in Python with its partial derivatives.
A kind of mistake is a Python function of those; a special one is written for its formula alone. `CLAIMS`
holds, for every name that may be said, the words it must hold and what would then have to come back.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from grader.assignment.domains import DOMAINS
from grader.model import Domain

Function = Callable[..., float]


class Formula(msgspec.Struct, frozen=True):
    """A formula in the exercise language, the same in Python, its partials in Python, and where it lives."""

    text: str
    f: Function
    g: tuple[Function, ...]
    domain: str | tuple[float, float] | Domain = "real"

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("x", "y", "z")[: len(self.g)]

    @property
    def domains(self) -> tuple[Domain, ...]:
        if isinstance(self.domain, Domain):
            return (self.domain,) * len(self.g)
        one = DOMAINS[self.domain] if isinstance(self.domain, str) else Domain(*self.domain)
        return (one,) * len(self.g)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def sign(x: float) -> float:
    return (x > 0) - (x < 0) + 0.0


FORMULAS = (
    Formula("tanh(x)", math.tanh, (lambda x: 1 - math.tanh(x) ** 2,), (-5, 5)),
    Formula("sin(x)", math.sin, (math.cos,), (-20, 20)),
    Formula("cos(x)", math.cos, (lambda x: -math.sin(x),), (-20, 20)),
    Formula("tan(x)", math.tan, (lambda x: 1 + math.tan(x) ** 2,), (-1.4, 1.4)),
    Formula("sqrt(x)", math.sqrt, (lambda x: 0.5 / math.sqrt(x),), "positive"),
    Formula("x ** 3", lambda x: x**3, (lambda x: 3 * x * x,)),
    Formula("x ** 4 - x", lambda x: x**4 - x, (lambda x: 4 * x**3 - 1,), (-30, 30)),
    Formula("3 * x + 2", lambda x: 3 * x + 2, (lambda x: 3.0,)),
    Formula("1 / (1 + x ** 2)", lambda x: 1 / (1 + x * x), (lambda x: -2 * x / (1 + x * x) ** 2,)),
    Formula("log(1 + x ** 2)", lambda x: math.log(1 + x * x), (lambda x: 2 * x / (1 + x * x),)),
    Formula("log(1 + exp(x))", lambda x: math.log1p(math.exp(x)), (sigmoid,), (-30, 30)),
    Formula("exp(-x ** 2)", lambda x: math.exp(-x * x), (lambda x: -2 * x * math.exp(-x * x),), (-4, 4)),
    Formula("exp(2 * x)", lambda x: math.exp(2 * x), (lambda x: 2 * math.exp(2 * x),), (-20, 20)),
    Formula("x * log(x)", lambda x: x * math.log(x), (lambda x: math.log(x) + 1,), "positive"),
    Formula("1 / x ** 2", lambda x: x**-2, (lambda x: -2 / x**3,), "nonzero"),
    Formula(
        "x * sigmoid(x)", lambda x: x * sigmoid(x), (lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),), (-30, 30)
    ),
    Formula("abs(x)", abs, (sign,), "nonzero"),
    Formula("relu(x - 1)", lambda x: max(x - 1, 0.0), (lambda x: float(x > 1),), "nonzero"),
    Formula("where(x > 0, x, 0.1 * x)", lambda x: x if x > 0 else 0.1 * x, (lambda x: 1.0 if x > 0 else 0.1,)),
    Formula("x * y ** 2", lambda x, y: x * y * y, (lambda x, y: y * y, lambda x, y: 2 * x * y)),
    Formula(
        "x / (1 + y ** 2)",
        lambda x, y: x / (1 + y * y),
        (lambda x, y: 1 / (1 + y * y), lambda x, y: -2 * x * y / (1 + y * y) ** 2),
    ),
    Formula(
        "x * exp(y)", lambda x, y: x * math.exp(y), (lambda x, y: math.exp(y), lambda x, y: x * math.exp(y)), (-20, 20)
    ),
    Formula("x / y", lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / y**2), "nonzero"),
    Formula("x - 2 * y", lambda x, y: x - 2 * y, (lambda x, y: 1.0, lambda x, y: -2.0)),
    Formula("x ** 2 + y ** 2", lambda x, y: x * x + y * y, (lambda x, y: 2 * x, lambda x, y: 2 * y)),
    Formula("x * y + x", lambda x, y: x * y + x, (lambda x, y: y + 1, lambda x, y: x)),
    Formula("max(x, y)", max, (lambda x, y: float(x > y), lambda x, y: float(y > x))),
    Formula(
        "x * sin(y)", lambda x, y: x * math.sin(y), (lambda x, y: math.sin(y), lambda x, y: x * math.cos(y)), (-20, 20)
    ),
    Formula(
        "sqrt(x * y)",
        lambda x, y: math.sqrt(x * y),
        (lambda x, y: 0.5 * math.sqrt(y / x), lambda x, y: 0.5 * math.sqrt(x / y)),
        "positive",
    ),
    Formula(
        "x * y + sin(z)",
        lambda x, y, z: x * y + math.sin(z),
        (lambda x, y, z: y, lambda x, y, z: x, lambda x, y, z: math.cos(z)),
        (-20, 20),
    ),
    Formula("log(x) * y", lambda x, y: math.log(x) * y, (lambda x, y: y / x, lambda x, y: math.log(x)), "positive"),
)

Kind = Callable[[Formula, tuple[float, ...], float, int], float]
"""(formula, point, d, argument) -> what this mistake returns for that argument."""


def _step(o: Formula, a: tuple[float, ...], i: int, h: float) -> float:
    return o.f(*(v + h * (i == j) for j, v in enumerate(a)))


def _forward(h: float) -> Kind:
    return lambda o, a, d, i: d * (_step(o, a, i, h) - o.f(*a)) / h


def _central(h: float) -> Kind:
    return lambda o, a, d, i: d * (_step(o, a, i, h) - _step(o, a, i, -h)) / (2 * h)


ONE: dict[str, Kind] = {
    "taken at the output of forward": lambda o, a, d, i: d * o.g[i](o.f(*a)),
    "derivative is taken at d_out": lambda o, a, d, i: o.g[i](d),
    "repeats forward on d_out": lambda o, a, d, i: o.f(d),
    "have changed places": lambda o, a, d, i: a[0] * o.g[i](d),
    "derivative is taken at -x": lambda o, a, d, i: d * o.g[i](-a[0]),
    "derivative is taken at |x|": lambda o, a, d, i: d * o.g[i](abs(a[0])),
    "derivative is taken at x + 1 ": lambda o, a, d, i: d * o.g[i](a[0] + 1),
    "derivative is taken at x - 1 ": lambda o, a, d, i: d * o.g[i](a[0] - 1),
    "derivative is taken at x + 0.001 ": lambda o, a, d, i: d * o.g[i](a[0] + 1e-3),
    "derivative is taken at x + 0.0001 ": lambda o, a, d, i: d * o.g[i](a[0] + 1e-4),
    "derivative is taken at x + 1e-05 ": lambda o, a, d, i: d * o.g[i](a[0] + 1e-5),
    "derivative is taken at x + 1e-06 ": lambda o, a, d, i: d * o.g[i](a[0] + 1e-6),
}
"""Words of a name -> the mistake, for functions of one argument."""

TWO: dict[str, Kind] = {
    "of the two arguments are swapped": lambda o, a, d, i: d * o.g[1 - i](*a),
    "of the two arguments are swapped and d_out was forgotten": lambda o, a, d, i: o.g[1 - i](*a),
    "derivative is taken with x and y swapped": lambda o, a, d, i: d * o.g[i](*a[::-1]),
    "derivatives are added into one": lambda o, a, d, i: d * (o.g[0](*a) + o.g[1](*a)),
    "derivatives are multiplied with each other": lambda o, a, d, i: d * o.g[0](*a) * o.g[1](*a),
    "both gradients are the derivative by x": lambda o, a, d, i: d * o.g[0](*a),
    "both gradients are the derivative by y": lambda o, a, d, i: d * o.g[1](*a),
}

ANY: dict[str, Kind] = {
    "d_out was forgotten": lambda o, a, d, i: o.g[i](*a),
    "the sign is flipped": lambda o, a, d, i: -d * o.g[i](*a),
    "returns d_out alone": lambda o, a, d, i: d,
    "multiplies d_out by the value": lambda o, a, d, i: d * o.f(*a),
    "returns the value of forward": lambda o, a, d, i: o.f(*a),
    "backward returns 0": lambda o, a, d, i: 0.0,
    "backward returns 1,": lambda o, a, d, i: 1.0,
    "d_out was forgotten and the sign is flipped": lambda o, a, d, i: -o.g[i](*a),
    "d_out is multiplied in twice": lambda o, a, d, i: d * d * o.g[i](*a),
    "the absolute value is taken": lambda o, a, d, i: abs(d * o.g[i](*a)),
    "absolute value of d_out": lambda o, a, d, i: abs(d) * o.g[i](*a),
    "absolute value of the derivative": lambda o, a, d, i: d * abs(o.g[i](*a)),
    "divides by the derivative": lambda o, a, d, i: d / o.g[i](*a),
    "divides by d_out": lambda o, a, d, i: o.g[i](*a) / d if d else 0.0,
    "added to the derivative": lambda o, a, d, i: d + o.g[i](*a),
    "taken at x · d_out": lambda o, a, d, i: d * o.g[i](*(v * d for v in a)),
    "multiplied by its argument once too often": lambda o, a, d, i: d * o.g[i](*a) * a[i],
    "divided by its argument once too often": lambda o, a, d, i: d * o.g[i](*a) / a[i],
    "is multiplied by the value of forward": lambda o, a, d, i: d * o.g[i](*a) * o.f(*a),
    "is divided by the value of forward": lambda o, a, d, i: d * o.g[i](*a) / o.f(*a),
    "multiplies d_out by the argument": lambda o, a, d, i: d * a[i],
    "only the sign of d_out": lambda o, a, d, i: sign(d) * o.g[i](*a),
    "d_out is cut off to a whole": lambda o, a, d, i: int(d) * o.g[i](*a),
    "d_out is rounded to a whole": lambda o, a, d, i: round(d) * o.g[i](*a),
    "d_out is rounded down to a whole": lambda o, a, d, i: (d // 1) * o.g[i](*a),
    "gradient is cut off to a whole": lambda o, a, d, i: float(int(d * o.g[i](*a))),
    "gradient is rounded to a whole": lambda o, a, d, i: float(round(d * o.g[i](*a))),
    "gradient is rounded down to a whole": lambda o, a, d, i: float(math.floor(d * o.g[i](*a))),
    "gradient is rounded to 1 decimal": lambda o, a, d, i: round(d * o.g[i](*a), 1),
    "gradient is rounded to 2 decimals": lambda o, a, d, i: round(d * o.g[i](*a), 2),
    "gradient is rounded to 3 decimals": lambda o, a, d, i: round(d * o.g[i](*a), 3),
    "gradient is rounded to 4 decimals": lambda o, a, d, i: round(d * o.g[i](*a), 4),
    "gradient is rounded to 5 decimals": lambda o, a, d, i: round(d * o.g[i](*a), 5),
    "gradient is rounded to 6 decimals": lambda o, a, d, i: round(d * o.g[i](*a), 6),
    **{f"a one-sided difference with a step of {h:g} ": _forward(h) for h in (1, 0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5)},
    **{f"a central difference with a step of {h:g} ": _central(h) for h in (1, 0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5)},
}

CLAIMS = {**ANY, **ONE, **TWO}

CONSTANT: dict[str, Kind] = {
    "gradient is 2 times": lambda o, a, d, i: 2 * d * o.g[i](*a),
    "gradient is 0.5 times": lambda o, a, d, i: d * o.g[i](*a) / 2,
    "gradient is -3 times": lambda o, a, d, i: -3 * d * o.g[i](*a),
    "gradient is 1.001 times": lambda o, a, d, i: 1.001 * d * o.g[i](*a),
    "what is left is 2 times": lambda o, a, d, i: 2 * o.g[i](*a),
    "gradient is off by a constant: +1": lambda o, a, d, i: d * o.g[i](*a) + 1,
    "gradient is off by a constant: -0.25": lambda o, a, d, i: d * o.g[i](*a) - 0.25,
    "multiplied by d_out: +1": lambda o, a, d, i: d * (o.g[i](*a) + 1),
    "multiplied by d_out: -2": lambda o, a, d, i: d * (o.g[i](*a) - 2),
}
"""Constants; whether what is said of one is true is worked out from the number in it."""

Backward = Callable[..., tuple[float, ...]]

BRANCHES: dict[str, Callable[[Formula], Backward]] = {
    "right only where x > 0; elsewhere backward returns 0": lambda o: (
        lambda d, *a: tuple(d * g(*a) if a[0] > 0 else 0.0 for g in o.g)
    ),
    "right only where x < 0": lambda o: lambda d, *a: tuple(d * g(*a) * (1.0 if a[0] < 0 else 1.7) for g in o.g),
    "right only where |x| is below about": lambda o: (
        lambda d, *a: tuple(d * g(*a) if abs(a[0]) < 2 else d * 0.37 for g in o.g)
    ),
    "right only where |x| is above about": lambda o: (
        lambda d, *a: tuple(d * g(*a) if abs(a[0]) > 1 else d * (a[0] + 4.3) for g in o.g)
    ),
    "right only where d_out > 0": lambda o: lambda d, *a: tuple(max(d, 0.0) * g(*a) for g in o.g),
}


class Mutant(msgspec.Struct, frozen=True):
    """A mistake in place: the formula, the wrong backward of (d, *point), and words of the name meant."""

    formula: Formula
    words: tuple[str, ...]
    backward: Backward


def _whole(formula: Formula, kind: Kind) -> Backward:
    return lambda d, *a: tuple(kind(formula, a, d, i) for i in range(len(a)))


def _half(formula: Formula, kind: Kind, wrong: int) -> Backward:
    return lambda d, *a: tuple(kind(formula, a, d, i) if i == wrong else d * formula.g[i](*a) for i in range(len(a)))


ALONE = (
    *(
        "d_out was forgotten",
        "the sign is flipped",
        "backward returns 0",
        "returns d_out alone",
        "d_out is multiplied in twice",
    ),
    *("multiplies d_out by the value", "the absolute value is taken", "multiplies d_out by the argument"),
    *("gradient is 2 times", "gradient is off by a constant: +1", "divided by its argument once too often"),
)
"""Planted in one of two gradients as well."""


def planted() -> list[Mutant]:
    """Every mistake in every formula."""
    found = []
    for formula in FORMULAS:
        kinds = {**ANY, **CONSTANT, **{1: ONE, 2: TWO}.get(len(formula.g), {})}
        found += [Mutant(formula, (words,), _whole(formula, kind)) for words, kind in kinds.items()]
        found += [Mutant(formula, (words,), branch(formula)) for words, branch in BRANCHES.items()]
        if len(formula.g) > 1:
            found += [
                Mutant(formula, (f"for {name}: ", words), _half(formula, kinds[words], i))
                for words in ALONE
                for i, name in enumerate(formula.arguments)
            ]
    return found


E, L, S, C, T, Q = math.exp, math.log, math.sin, math.cos, math.tanh, math.sqrt

GARBAGE: tuple[tuple[str, Backward], ...] = (
    ("tanh(x)", lambda d, x: (d * (1 - T(x)),)),
    ("tanh(x)", lambda d, x: (d * T(x) * (1 - T(x)),)),
    ("tanh(x)", lambda d, x: (d * (1 + T(x) ** 2),)),
    ("tanh(x)", lambda d, x: (d * (1 - x * x),)),
    ("tanh(x)", lambda d, x: (d / (1 + x * x),)),
    ("tanh(x)", lambda d, x: (d * C(x),)),
    ("tanh(x)", lambda d, x: (d * (1 - T(x) ** 2) ** 2,)),
    ("tanh(x)", lambda d, x: (d * sigmoid(x) * (1 - sigmoid(x)),)),
    ("sin(x)", lambda d, x: (d * (C(x) + S(x)),)),
    ("sin(x)", lambda d, x: (d + S(x),)),
    ("sin(x)", lambda d, x: (d * C(x) * C(d),)),
    ("sin(x)", lambda d, x: (d * (1 - x * x / 2),)),
    ("sin(x)", lambda d, x: (C(x * d) + d,)),
    ("cos(x)", lambda d, x: (d * S(x) * x * 2,)),
    ("cos(x)", lambda d, x: (d * (S(x) - C(x)),)),
    ("tan(x)", lambda d, x: (d / C(x),)),
    ("tan(x)", lambda d, x: (d * (1 + math.tan(x)),)),
    ("tan(x)", lambda d, x: (d * (1 - math.tan(x) ** 2),)),
    ("sqrt(x)", lambda d, x: (d / Q(x + 1),)),
    ("sqrt(x)", lambda d, x: (d * Q(x) * L(x),)),
    ("sqrt(x)", lambda d, x: (d / (2 * Q(x) + 1),)),
    ("x ** 3", lambda d, x: (d * C(x),)),
    ("x ** 3", lambda d, x: (x**2 * d + x,)),
    ("x ** 3", lambda d, x: (d * (3 * x * x + x),)),
    ("x ** 3", lambda d, x: (d * 3 ** min(x, 30.0),)),
    ("x ** 3", lambda d, x: (3 * x * x + d * x,)),
    ("x ** 3", lambda d, x: (d * d * 3 * x,)),
    ("x ** 4 - x", lambda d, x: (d * 4 * x**3,)),
    ("x ** 4 - x", lambda d, x: (d * (4 * x**3 - x),)),
    ("x ** 4 - x", lambda d, x: (d * (x**3 - 1),)),
    ("x ** 4 - x", lambda d, x: (d * 4 * x**3 - 1,)),
    ("3 * x + 2", lambda d, x: (d * (3 * x + 2) * x,)),
    ("3 * x + 2", lambda d, x: (3 * d + x,)),
    ("3 * x + 2", lambda d, x: (3 * d * C(x),)),
    ("3 * x + 2", lambda d, x: (3 * d**3,)),
    ("3 * x + 2", lambda d, x: (d * 3**x if abs(x) < 50 else 0.0,)),
    ("1 / (1 + x ** 2)", lambda d, x: (-d / (1 + x * x) ** 2,)),
    ("1 / (1 + x ** 2)", lambda d, x: (-2 * x * d / (1 + x * x),)),
    ("1 / (1 + x ** 2)", lambda d, x: (d * L(1 + x * x),)),
    ("log(1 + x ** 2)", lambda d, x: (d / (1 + x * x),)),
    ("log(1 + x ** 2)", lambda d, x: (2 * d / x if x else 0.0,)),
    ("log(1 + x ** 2)", lambda d, x: (2 * x * d / (1 + abs(x)),)),
    ("log(1 + exp(x))", lambda d, x: (d / (1 + E(x)),)),
    ("log(1 + exp(x))", lambda d, x: (d * E(x) / 2,)),
    ("log(1 + exp(x))", lambda d, x: (d * max(1 - E(-x), 0.0),)),
    ("log(1 + exp(x))", lambda d, x: (d * (x > 0),)),
    ("log(1 + exp(x))", lambda d, x: (d * (1 - E(-x) + E(-2 * x)) if x > 0 else d * E(x),)),
    ("exp(-x ** 2)", lambda d, x: (d * 2 * x * E(-x),)),
    ("exp(-x ** 2)", lambda d, x: (d * (1 - x * x),)),
    ("exp(2 * x)", lambda d, x: (2 * x * d * E(2 * x - 1),)),
    ("exp(2 * x)", lambda d, x: (d * E(x),)),
    ("exp(2 * x)", lambda d, x: (d * E(2 * x) + E(x),)),
    ("x * log(x)", lambda d, x: (d * L(x),)),
    ("x * log(x)", lambda d, x: (d / x,)),
    ("x * log(x)", lambda d, x: (d * (L(x) + x),)),
    ("1 / x ** 2", lambda d, x: (d / (2 * x),)),
    ("1 / x ** 2", lambda d, x: (-2 * d / x**2,)),
    ("x * sigmoid(x)", lambda d, x: (d * sigmoid(x),)),
    ("x * sigmoid(x)", lambda d, x: (d * sigmoid(x) * (1 - sigmoid(x)),)),
    ("x * sigmoid(x)", lambda d, x: (d * (x > 0),)),
    ("abs(x)", lambda d, x: (d * x / (abs(x) + 1e-3),)),
    ("abs(x)", lambda d, x: (d * T(x),)),
    ("relu(x - 1)", lambda d, x: (d * (x > 0),)),
    ("relu(x - 1)", lambda d, x: (d * sigmoid(x - 1) if abs(x) < 500 else d,)),
    ("where(x > 0, x, 0.1 * x)", lambda d, x: (d * (1.0 if x > 0 else 0.2),)),
    ("where(x > 0, x, 0.1 * x)", lambda d, x: (d * (1.0 if d > 0 else 0.1),)),
    ("x * y ** 2", lambda d, x, y: (d * y, 2 * d * x)),
    ("x * y ** 2", lambda d, x, y: (d * y * y, d * x * x)),
    ("x * y ** 2", lambda d, x, y: (d * (x + y), d * (x - y))),
    ("x * y ** 2", lambda d, x, y: (2 * d * x * y + 1, d * y * y - x)),
    ("x / (1 + y ** 2)", lambda d, x, y: (d / (1 + y * y), -d * x / (1 + y * y) ** 2)),
    ("x / (1 + y ** 2)", lambda d, x, y: (d / (1 + y), d * 2 * y)),
    ("x * exp(y)", lambda d, x, y: (d * E(y), d * E(y) * y)),
    ("x * exp(y)", lambda d, x, y: (d * y * E(y - 1), d * x * E(y))),
    ("x / y", lambda d, x, y: (d / y, d * x / y)),
    ("x / y", lambda d, x, y: (d / y, d * L(abs(y)))),
    ("x / y", lambda d, x, y: (d * y, d * x)),
    ("x - 2 * y", lambda d, x, y: (d * x, -2 * d * y)),
    ("x - 2 * y", lambda d, x, y: (d + x, d - y)),
    ("x ** 2 + y ** 2", lambda d, x, y: (d * 2 * x * y, d * 2 * x * y)),
    ("x ** 2 + y ** 2", lambda d, x, y: (d * (2 * x + y * y), d * (x * x + 2 * y))),
    ("x * y + x", lambda d, x, y: (d * y, d * x)),
    ("x * y + x", lambda d, x, y: (d * (x + 1), d * y)),
    ("max(x, y)", lambda d, x, y: (d / 2, d / 2)),
    ("max(x, y)", lambda d, x, y: (d * x, d * y)),
    ("max(x, y)", lambda d, x, y: (d * sigmoid(x / 1e4), d * sigmoid(y / 1e4))),
    ("x * sin(y)", lambda d, x, y: (d * S(y), d * C(y))),
    ("x * sin(y)", lambda d, x, y: (d * S(x), d * x * S(y))),
    ("sqrt(x * y)", lambda d, x, y: (d / Q(x * y), d / Q(x * y) * 3)),
    ("log(x) * y", lambda d, x, y: (d / x, d * L(y))),
)
"""Wrong in ways the table does not know: of these nothing may be said that is not so."""

NEARLY: tuple[tuple[str, Backward], ...] = (
    ("sqrt(x)", lambda d, x: (0.5 * d / Q(x + 1e-12),)),
    ("sqrt(x)", lambda d, x: (0.5 * d / (Q(x) + 1e-8),)),
    ("x * log(x)", lambda d, x: (d * (L(x + 1e-8) + 1),)),
    ("log(x) * y", lambda d, x, y: (d * y / (x + 1e-7), d * L(x + 1e-7))),
    ("1 / x ** 2", lambda d, x: (-2 * d / (x**3 + 1e-9),)),
    ("x / y", lambda d, x, y: (d / (y + 1e-8), -d * x / (y * y + 1e-8))),
    ("abs(x)", lambda d, x: (d * x / (abs(x) + 1e-9),)),
    ("tanh(x)", lambda d, x: (d * (1 - T(x + 1e-9) ** 2),)),
)
"""Right but for an EPS, which is not worth a name unless it is put as one."""

Value = Callable[[Formula, tuple[float, ...]], float]

VALUES_OF_TWO: dict[str, Value] = {
    "the two arguments are swapped": lambda o, a: o.f(*a[::-1]),
    "x alone is returned": lambda o, a: a[0],
    "y alone is returned": lambda o, a: a[1],
    "x + y is returned": lambda o, a: a[0] + a[1],
    "x - y is returned": lambda o, a: a[0] - a[1],
    "x · y is returned": lambda o, a: a[0] * a[1],
    "x / y is returned": lambda o, a: a[0] / a[1],
    "the larger of x and y": lambda o, a: max(a),
    "the smaller of x and y": lambda o, a: min(a),
}
VALUES_OF_ONE: dict[str, Value] = {
    "the derivative is returned": lambda o, a: o.g[0](*a),
    "the argument is returned as it came": lambda o, a: a[0],
    "multiplied by its argument": lambda o, a: o.f(*a) * a[0],
}
VALUES: dict[str, Value] = {
    "the sign is flipped": lambda o, a: -o.f(*a),
    "0 is returned": lambda o, a: 0.0,
    "1 is returned": lambda o, a: 1.0,
    "yes and no are swapped": lambda o, a: 1 - o.f(*a),
    "the absolute value is taken": lambda o, a: abs(o.f(*a)),
    "the reciprocal": lambda o, a: 1 / o.f(*a),
    "the value is squared": lambda o, a: o.f(*a) ** 2,
    "the sign of the argument": lambda o, a: o.f(*(-v for v in a)),
    "absolute value of the argument": lambda o, a: o.f(*map(abs, a)),
    "in degrees": lambda o, a: o.f(*(v * math.pi / 180 for v in a)),
    "the value is cut off to a whole": lambda o, a: float(int(o.f(*a))),
    "the value is rounded to a whole": lambda o, a: float(round(o.f(*a))),
    "the value is rounded down": lambda o, a: float(math.floor(o.f(*a))),
    "the argument is cut off": lambda o, a: o.f(*(float(int(v)) for v in a)),
    **{f"the value is rounded to {k} decimal": lambda o, a, k=k: round(o.f(*a), k) for k in range(1, 7)},
}
VALUE_CONSTANTS: dict[str, Value] = {
    "value is 2 times": lambda o, a: 2 * o.f(*a),
    "value is 0.434294 times": lambda o, a: o.f(*a) / math.log(10),
    "value is off by a constant: +1": lambda o, a: o.f(*a) + 1,
    "value is off by a constant: -0.5": lambda o, a: o.f(*a) - 0.5,
    "right only where x > 0": lambda o, a: o.f(*a) if a[0] > 0 else -3.7,
    "right only where x is above about": lambda o, a: o.f(*a) if a[0] > 2 else 2 * a[0] - 40.0,
}
VALUE_CLAIMS = {**VALUES, **VALUES_OF_ONE, **VALUES_OF_TWO}


def _truth(text: str, f: Function) -> Formula:
    return Formula(text, f, (lambda x, y: 0.0, lambda x, y: 0.0))


YES_OR_NO = (
    _truth("x < y", lambda x, y: float(x < y)),
    _truth("x >= y", lambda x, y: float(x >= y)),
    _truth("x == y", lambda x, y: float(x == y)),
)
"""Their gradients are nothing to plant mistakes in; their values are."""


class PlantedValue(msgspec.Struct, frozen=True):
    """A mistake in forward: the formula, what is returned at a point, and words of the name meant."""

    formula: Formula
    words: tuple[str, ...]
    forward: Function


def planted_values() -> list[PlantedValue]:
    """Every mistake in every value."""
    found = []
    for formula in (*FORMULAS, *YES_OR_NO):
        kinds = {**VALUES, **VALUE_CONSTANTS, **{1: VALUES_OF_ONE, 2: VALUES_OF_TWO}.get(len(formula.g), {})}
        if formula not in YES_OR_NO:
            del kinds["yes and no are swapped"]
        found += [
            PlantedValue(formula, (words,), lambda *a, formula=formula, kind=kind: kind(formula, a))
            for words, kind in kinds.items()
        ]
    less, _, equal = YES_OR_NO
    found += [
        PlantedValue(less, ("right only where x ≠ y",), lambda x, y: float(x <= y)),
        PlantedValue(less, ("the two arguments are swapped",), lambda x, y: float(x > y)),
        PlantedValue(equal, ("yes and no are swapped",), lambda x, y: float(x != y)),
    ]
    return found


STRANGE_VALUES: tuple[tuple[str, Function], ...] = (
    ("tanh(x)", lambda x: E(x) / (1 + E(x))),
    ("tanh(x)", lambda x: x / (1 + abs(x))),
    ("tanh(x)", lambda x: max(-1.0, min(1.0, x))),
    ("sin(x)", lambda x: x - x**3 / 6),
    ("cos(x)", lambda x: 1 - x * x / 2),
    ("sqrt(x)", lambda x: x**0.25),
    ("sqrt(x)", lambda x: L(x + 1)),
    ("x ** 3", lambda x: x * 3 + 1),
    ("x ** 4 - x", lambda x: x**4 + 2 * x),
    ("log(1 + x ** 2)", lambda x: L(1 + abs(x))),
    ("log(1 + exp(x))", lambda x: max(x, 0.0)),
    ("log(1 + exp(x))", lambda x: L(E(x) + 2)),
    ("x * sigmoid(x)", lambda x: x * T(x)),
    ("relu(x - 1)", lambda x: max(x, 0.0) - 1),
    ("where(x > 0, x, 0.1 * x)", lambda x: x if x > 0 else 0.2 * x),
    ("x * y ** 2", lambda x, y: (x * y) ** 2 + y),
    ("x / (1 + y ** 2)", lambda x, y: x / (2 + y * y)),
    ("x * exp(y)", lambda x, y: x + E(y)),
    ("x - 2 * y", lambda x, y: 2 * x - y),
    ("max(x, y)", lambda x, y: abs(x - y)),
    ("max(x, y)", lambda x, y: max(x, y, 0.0)),
    ("x * sin(y)", lambda x, y: S(x * y)),
)
"""Values that are wrong in ways the table does not know."""
