"""Plant the mistakes that `diagnosis` has names for: the table of misconceptions, applied backwards.

Each is a few lines around the reference's own code, and beside them what they come to in numbers, so that a mistake
that is none for a formula (a derivative taken at another point, where it is constant) is not held against an exercise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.assignment.formulas import Formulas
from grader.audit.mutants import Planted
from grader.judging.bands import gradient_bands, informative, value_band, within
from grader.model import Corpus
from grader.oracle.dual import Undefined

Gradient = Sequence[float]


class _Case(msgspec.Struct, frozen=True):
    """What a mistake has to work with: the gradients g and those at d_out = 1, the value, d_out, and the formula."""

    g: Gradient
    one: Gradient
    v: float
    d: float
    args: tuple[float, ...]
    at: Callable[[Sequence[float]], Gradient]


class _Mistake(msgspec.Struct, frozen=True):
    what: str
    named: str
    code: str
    comes_to: Callable[[_Case], Gradient]
    arity: int = 0


BACKWARD = (
    _Mistake("d_out forgotten", "d_out was forgotten", "g = right(1.0)", lambda c: c.one),
    _Mistake("the sign flipped", "sign is flipped", "g = [-one for one in right(d)]", lambda c: [-one for one in c.g]),
    _Mistake("the gradients swapped", "swapped", "g = right(d)[::-1]", lambda c: c.g[::-1], 2),
    _Mistake("d_out alone", "d_out alone", "g = [d for _ in right(d)]", lambda c: [c.d for _ in c.g]),
    _Mistake(
        "the value for the derivative",
        "g(x) · d_out",
        "g = [v * d for _ in right(d)]",
        lambda c: [c.v * c.d for _ in c.g],
    ),
    _Mistake("nothing but 0", "returns 0", "g = [0.0 for _ in right(d)]", lambda c: [0.0 for _ in c.g]),
    _Mistake(
        "d_out twice", "multiplied in twice", "g = [one * d for one in right(d)]", lambda c: [one * c.d for one in c.g]
    ),
    _Mistake("d_out added", "added", "g = [one + d for one in right(1.0)]", lambda c: [one + c.d for one in c.one]),
    _Mistake(
        "the absolute value",
        "absolute value",
        "g = [abs(one) for one in right(d)]",
        lambda c: [abs(one) for one in c.g],
    ),
    _Mistake(
        "0.1 % too much", "1.001 times", "g = [1.001 * one for one in right(d)]", lambda c: [1.001 * one for one in c.g]
    ),
    _Mistake("half of it", "0.5 times", "g = [0.5 * one for one in right(d)]", lambda c: [0.5 * one for one in c.g]),
    _Mistake(
        "a constant too much",
        "off by a constant",
        "g = [one + 0.25 for one in right(d)]",
        lambda c: [one + 0.25 for one in c.g],
    ),
    _Mistake(
        "taken at x · d_out",
        "x · d_out",
        "g = at([a * d for a in args], d)",
        lambda c: [c.d * one for one in c.at([a * c.d for a in c.args])],
    ),
    _Mistake(
        "taken at x + 1",
        "x + 1",
        "g = at([a + 1.0 for a in args], d)",
        lambda c: [c.d * one for one in c.at([a + 1.0 for a in c.args])],
    ),
    _Mistake("the first gradient for both", "", "g = [right(d)[0]] * 2", lambda c: [c.g[0]] * 2, 2),
    _Mistake(
        "the second gradient's sign flipped",
        "sign is flipped",
        "g = [right(d)[0], -right(d)[1]]",
        lambda c: [c.g[0], -c.g[1]],
        2,
    ),
)

WRAPPED = """

class {name}({name}):
    _right = {name}

    @staticmethod
    def forward(ctx, *args):
        ctx.planted = {name}._right.forward(ctx, *args), args
        return ctx.planted[0]

    @staticmethod
    def backward(ctx, d):
        v, args = ctx.planted

        def at(point, d_out):
            other = type(ctx)()
            {name}._right.forward(other, *point)
            g = {name}._right.backward(other, d_out)
            return list(g) if isinstance(g, tuple) else [g]

        def right(d_out):
            return at(args, d_out)

        {code}
        return tuple(g) if len(g) > 1 else g[0]
"""

SHARED = """

class {name}({name}):
    _right = {name}

    @staticmethod
    def forward(ctx, *args):
        {name}._last = ctx
        return {name}._right.forward(ctx, *args)

    @staticmethod
    def backward(ctx, d):
        return {name}._right.backward({name}._last, d)
"""


def gradients(module: str, source: str, name: str, formulas: Formulas, corpus: Corpus) -> Iterator[Planted]:
    """Yield the mistakes of a class's backward that are mistakes on these inputs."""
    for one in BACKWARD:
        if one.arity in (0, len(formulas.arguments)) and _tells(one, formulas, corpus):
            text = source + WRAPPED.format(name=name, code=one.code)
            yield Planted(module, f"{name}.backward", one.what, text, ("backward",), one.named)


def kept_on_the_class(module: str, source: str, name: str) -> Planted:
    """Return a class that keeps what it saved where the next call overwrites it."""
    text = source + SHARED.format(name=name)
    return Planted(
        module, f"{name}.backward", "saved values kept on the class", text, ("contract",), "kept on the class"
    )


def _tells(mistake: _Mistake, formulas: Formulas, corpus: Corpus) -> bool:
    """Say whether a mistake gives a wrong gradient anywhere."""

    def at(point: Sequence[float]) -> Gradient:
        return [lo for lo, _ in formulas.value.answer(tuple(point)).partials]

    for one, answer in zip(corpus.inputs, corpus.answers):
        if not informative(one, answer):
            continue
        partials = [lo for lo, _ in answer.partials]
        case = _Case([one.d_out * lo for lo in partials], partials, answer.value, one.d_out, one.args, at)
        try:
            found = mistake.comes_to(case)
        except (Undefined, ArithmeticError):
            return True  # it raises there, or nearly
        if not all(map(within, map(float, found), gradient_bands(one, answer))):
            return True
    return False


class _At(msgspec.Struct, frozen=True):
    """What a mistake in a value has to work with: the value, the arguments, and the formula."""

    v: float
    args: Sequence[float]
    f: Callable[[Sequence[float]], float]


class _Value(msgspec.Struct, frozen=True):
    what: str
    named: str
    code: str
    comes_to: Callable[[_At], float]
    arity: int = 0


VALUES = (
    _Value("the sign flipped", "sign is flipped", "-right(*args)", lambda c: -c.v),
    _Value("the arguments swapped", "swapped", "right(*args[::-1])", lambda c: c.f(c.args[::-1]), 2),
    _Value("0.1 % too much", "1.001 times", "1.001 * right(*args)", lambda c: 1.001 * c.v),
    _Value("a constant too much", "off by a constant", "right(*args) + 0.25", lambda c: c.v + 0.25),
    _Value("the absolute value", "absolute value", "abs(right(*args))", lambda c: abs(c.v)),
    _Value("the first argument", "", "args[0]", lambda c: c.args[0]),
    _Value("nothing but 0", "", "0.0", lambda _: 0.0),
)

FORWARD = """

class {name}({name}):
    _right = {name}

    @staticmethod
    def forward(ctx, *args):
        def right(*given):
            return {name}._right.forward(ctx, *given)

        return {code}
"""

FUNCTION = """

_right_{name} = {name}


def {name}(*args):
    right = _right_{name}
    return {code}
"""


def values(
    module: str, source: str, name: str, formulas: Formulas, corpus: Corpus, check: str, is_class: bool
) -> Iterator[Planted]:
    """Yield the mistakes of a function's value that are mistakes on these inputs."""
    for one in VALUES:
        if one.arity in (0, len(formulas.arguments)) and _gives_another(one, formulas, corpus):
            text = source + (FORWARD if is_class else FUNCTION).format(name=name, code=one.code)
            yield Planted(module, f"{name}.forward" if is_class else name, one.what, text, (check,), one.named)


def _gives_another(mistake: _Value, formulas: Formulas, corpus: Corpus) -> bool:
    def f(point: Sequence[float]) -> float:
        try:
            return formulas.value.value(tuple(point))
        except Undefined:
            return math.nan

    return any(
        not within(float(mistake.comes_to(_At(answer.value, one.args, f))), value_band(answer))
        for one, answer in zip(corpus.inputs, corpus.answers)
    )
