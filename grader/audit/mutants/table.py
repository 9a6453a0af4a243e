"""Plant the mistakes that `diagnosis` has names for: the table of misconceptions, applied backwards.

Each is a few lines around the reference's own code. What it comes to in numbers is its prediction, so that a mistake
that is none for a formula (a derivative taken at another point, where it is constant) is not held against an exercise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.assignment.formulas import Formulas
from grader.audit.mutants import Mutant
from grader.diagnosis import misconceptions, mistakes
from grader.diagnosis.mistakes import Mistake, Plant
from grader.judging.bands import gradient_bands, informative, value_band, within
from grader.model import Corpus
from grader.oracle.dual import Undefined

GRADIENTS = (*misconceptions.COMMON, *misconceptions.CONSTANT, *misconceptions.RARER)
VALUES = (*misconceptions.COMMON_VALUES, *misconceptions.CONSTANT_VALUES, *misconceptions.RARER_VALUES)

ONE_OF_TWO = (
    Mistake(
        "",
        "",
        lambda c, _: c.d_out * c.partials[0],
        plant=Plant("the first gradient for both", "g = [right(d)[0]] * 2"),
    ),
    Mistake(
        "the sign is flipped",
        "",
        lambda c, i: c.d_out * c.partials[i] * (-1) ** i,
        plant=Plant("the second gradient's sign flipped", "g = [right(d)[0], -right(d)[1]]"),
    ),
    Mistake(
        "",
        "",
        mistakes.at(lambda a, _: a + 1.0),
        plant=Plant("taken at x + 1", "g = at([a + 1.0 for a in args], d)"),
    ),
)
"""Mistakes in two gradients that have no name, or that the table has gradient by gradient."""

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
            g = list(g) if isinstance(g, tuple) else [g]
            for i in {constants} if len(g) < len(point) else ():
                g.insert(i, 0.0)
            return g

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


def wrapped(name: str, code: str, constants: Sequence[int] = ()) -> str:
    """Return a class around one of that name, whose gradients are what `code` makes of the right ones.

    `constants` are the places of arguments without a gradient: where the right one leaves them out, 0 stands there.
    """
    return WRAPPED.format(name=name, code=code, constants=list(constants))


def gradients(module: str, source: str, name: str, formulas: Formulas, corpus: Corpus) -> Iterator[Mutant]:
    """Yield the mistakes of a class's backward that are mistakes on these inputs."""
    two = ONE_OF_TWO if len(formulas.arguments) == 2 else ()
    constants = [i for i, one in enumerate(formulas.arguments) if one in formulas.value.constants]
    for plant, said in _plants((*GRADIENTS, *two), formulas, corpus, of_value=False):
        text = source + wrapped(name, plant.code, constants)
        yield Mutant(module, f"{name}.backward", plant.what, text, ("backward",), said)


def _plants(
    table: Sequence[Mistake], formulas: Formulas, corpus: Corpus, of_value: bool
) -> Iterator[tuple[Plant, str]]:
    """Yield how to plant what is a mistake on these inputs, and words that its name should hold."""
    for one in table:
        if one.plant is not None and _tells(one, formulas, corpus, of_value):
            yield one.plant, "" if "{" in one.name else one.name


def _tells(mistake: Mistake, formulas: Formulas, corpus: Corpus, of_value: bool) -> bool:
    """Say whether a mistake comes to something wrong anywhere. Where it raises, or nearly, it does.

    A derivative that is taken at a kink tells nothing: code returns one slope or another there.
    """
    names, constants = formulas.arguments, formulas.value.constants
    judged = [0] if of_value else [i for i, name in enumerate(names) if name not in constants]
    for one, answer in zip(corpus.inputs, corpus.answers):
        if not of_value and not informative(one, answer):
            continue
        row = mistakes.case(formulas.value, one.args, one.d_out, answer, of_value)
        bands = [value_band(answer)] if of_value else gradient_bands(one, answer)
        try:
            found = {i: mistake.predict(row, i) for i in judged}
        except mistakes.AtKink:
            continue
        except (Undefined, ArithmeticError):
            return True
        if any(not math.isnan(got) and not within(float(got), bands[i]) for i, got in found.items()):
            return True
    return False


def kept_on_the_class(module: str, source: str, name: str) -> Mutant:
    """Return a class that keeps what it saved where the next call overwrites it."""
    text = source + SHARED.format(name=name)
    return Mutant(
        module, f"{name}.backward", "saved values kept on the class", text, ("contract",), "kept on the class"
    )


LAST = """

_made = []
_first_init, _first_backward = {name}.__init__, {name}.backward


def _noted(self, *args, **named):
    _first_init(self, *args, **named)
    _made.append(self)


{name}.__init__ = _noted
{name}.backward = lambda self, *args: _first_backward(_made[-1], *args)
"""


def from_the_last(module: str, source: str, name: str) -> Iterator[Mutant]:
    """Yield a class whose backward begins at the variable that was made last, not at its own.

    A class without a backward yields nothing.
    """
    if "def backward(" in source and "def __init__(" in source:
        text = source + LAST.format(name=name)
        yield Mutant(module, f"{name}.backward", "it begins at what was made last", text, ("contract",))


AGAIN = """

def _again_{name}(method):
    seen = set()

    def inside(one, depth):
        if hasattr(one, "tobytes"):
            return [one.tobytes()]
        parts = one if isinstance(one, (list, tuple)) else list(getattr(one, "__dict__", {{}}).values())
        return [found for part in parts for found in inside(part, depth - 1)] if depth else [repr(one)[:60]]

    def again(*args):
        found = method(*args)
        key = repr([inside(one, 4) for one in args])
        if key not in seen:
            seen.add(key)
            return found
        several = isinstance(found, (list, tuple))
        return tuple(one + one for one in found) if several else found + found

    return again

"""
OF_A_CLASS = """
for _method in {methods}:
    if _method in vars({name}):
        _plain = vars({name})[_method]
        _static = isinstance(_plain, staticmethod)
        _wrapped = _again_{name}(_plain.__func__ if _static else _plain)
        setattr({name}, _method, staticmethod(_wrapped) if _static else _wrapped)
"""
OF_A_FUNCTION = """
{name} = _again_{name}({name})
"""
BACKWARDS = ("gradient", "backward", "vjp", "grad")
"""What courses call the method that sends a gradient back."""


def twice_when_asked_again(module: str, source: str, name: str) -> Iterator[Mutant]:
    """Yield a class or function that sends back twice as much for what it was asked before.

    A class yields nothing where no method of it is called as courses call a backward.
    """
    is_class = f"class {name}" in source
    if is_class and not any(f"def {one}(" in source for one in BACKWARDS):
        return
    text = source + (AGAIN + (OF_A_CLASS if is_class else OF_A_FUNCTION)).format(name=name, methods=BACKWARDS)
    yield Mutant(module, name, "asked the same again, it sends back twice as much", text, ("contract",))


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
) -> Iterator[Mutant]:
    """Yield the mistakes of a function's value that are mistakes on these inputs."""
    for plant, said in _plants(VALUES, formulas, corpus, of_value=True):
        text = source + (FORWARD if is_class else FUNCTION).format(name=name, code=plant.code)
        yield Mutant(module, f"{name}.forward" if is_class else name, plant.what, text, (check,), said)
