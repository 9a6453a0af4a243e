"""What known mistakes in an expression's own operations come to, worked out from the formula alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import msgspec

from grader.assignment.formulas import Formulas, Misconception
from grader.exercise_kinds.claims import Foreseen
from grader.model import Diagnosis
from grader.oracle.dual import Undefined
from grader.oracle.expressions import ExpressionError, parse
from grader.oracle.spelling import method_of, occurrences, reflected, with_number
from grader.sandbox.boundary.protocol import Fault

OVERWRITTEN = Diagnosis(
    "`=` stands where `+=` belongs: a derivative that arrived before is overwritten",
    "What is used more than once gets the sum of all that arrives: x.grad += …",
)
NOT_LIFTED = Diagnosis(
    "a plain number is not turned into a variable first",
    "other = other if isinstance(other, Value) else Value(other), with your own class, before anything is read of it.",
)
NO_REFLECTED = Diagnosis(
    "the operator for a number on the left is missing",
    "Python asks the number first; when that gives up it calls the reflected method, as __radd__ or __rsub__.",
)
WRONG_WAY = Diagnosis(
    "variables pass on before anything has arrived: the order is not turned round",
    "Begin at the output, whose derivative is 1, and go down: what a variable passes on must have arrived before.",
)
NOT_BEGUN = Diagnosis(
    "the derivative of what backward is called on is never set to 1",
    "Everything that is passed on is a multiple of it: self.grad = 1.0, before anything is passed on.",
)
CONSTANT = (
    "the derivative of a plain number is taken for 1",
    "A number is a constant, and its derivative is 0.",
)
LACKS_A_TERM = "The product rule has two: each factor's derivative times the other factor."
POWER = re.compile(r"(\w+) \*\* (-?\d+(?:\.\d+)?)")
REFLECTED = "the reflected operator is the plain one"
MOST_USES = 6


def known(formulas: Formulas) -> tuple[Misconception, ...]:
    """Return the mistakes that formulas say: a reflected operator that is the plain one, an exponent not lowered."""
    (first, *others), value = formulas.arguments, formulas.value
    if others:
        return ()
    made = reflected(value)
    if made is not None:
        number, sign = made
        plain = f"{first} {sign} {number}"
        say = f"{REFLECTED}: {value.text} is worked out as {plain}"
        why = "In __rsub__ and __rtruediv__ self is on the right: other - self, other / self."
        slope = "d_out" if sign == "-" else f"d_out / {number}"
        return Misconception((parse(plain, (first,)),), say, why), _said(slope, first, say, why)
    power = POWER.fullmatch(value.text)
    if power is not None and power[1] == first:
        n = power[2]
        say, why = "the exponent is not lowered by one", f"{value.text} has the derivative {n} * {first} ** ({n} - 1)."
        return (_said(f"{n} * {first} ** {n} * d_out", first, say, why),)
    return ()


def where_values_are_right(formulas: Formulas) -> Formulas:
    """Leave out the mistakes that show in the value as well."""
    kept = tuple(one for one in formulas.misconceptions if not one.say.startswith(REFLECTED))
    return msgspec.structs.replace(formulas, misconceptions=kept)


def carried_along(formulas: Formulas) -> Formulas:
    """Add the mistakes of dual numbers: numbers that vary, and products whose rule lacks a term."""
    (x, *others), text = formulas.arguments, formulas.value.text
    found: list[Misconception] = []
    if len(others) == 1 and text == f"{x} * {others[0]}":
        y, d = others[0], "d_out"
        lacks = ((f"{y} * {d}", f"{y}'s derivative"), ("0", f"{x}'s derivative"))
        for (first, of), second in zip(lacks, ("0", f"{x} * {d}")):
            say = f"the product rule lacks the term with {of}"
            found.append(_pair(first, second, (x, y), say, LACKS_A_TERM))
        say = "the derivatives of the two factors are multiplied with each other"
        found.append(_pair("0", "0", (x, y), say, LACKS_A_TERM))
    elif not others and (made := with_number(formulas.value)):
        number, sign, number_first = made
        found.append(_said(VARIES[sign, number_first].format(n=number, x=x), x, *CONSTANT))
    return msgspec.structs.replace(formulas, misconceptions=(*formulas.misconceptions, *found))


VARIES = {
    ("+", True): "d_out + 1",
    ("+", False): "d_out + 1",
    ("-", True): "1 - d_out",
    ("-", False): "d_out - 1",
    ("*", True): "{n} * d_out + {x}",
    ("*", False): "{n} * d_out + {x}",
    ("/", True): "1 / {x} - {n} * d_out / {x} ** 2",
    ("/", False): "d_out / {n} - {x} / {n} ** 2",
}
"""The derivative of a number and an argument with a sign between them, where the number's own is taken for 1."""


def _pair(first: str, second: str, arguments: tuple[str, str], say: str, why: str) -> Misconception:
    given = (*arguments, "d_out")
    return Misconception((parse(first, given), parse(second, given)), say, why)


def _said(returned: str, argument: str, say: str, why: str) -> Misconception:
    return Misconception((parse(returned, (argument, "d_out")),), say, why)


def overwritten(formulas: Formulas) -> Iterator[Foreseen]:
    """Yield what is left where each argument keeps one of the derivatives that arrive, and loses the others."""
    text, which = occurrences(formulas.value)
    if len(which) == len(set(which)) or len(which) > MOST_USES:
        return
    try:
        apart = parse(text, [f"_{i}" for i in range(len(which))])
    except ExpressionError:
        return
    uses = [[i for i, one in enumerate(which) if one == k] for k in range(len(formulas.arguments))]
    for kept in itertools.product(*uses):

        def left(args: tuple[float, ...], d: float, kept: tuple[int, ...] = kept) -> tuple[float, ...] | None:
            try:
                partials = apart.answer([args[one] for one in which]).partials
            except Undefined:
                return None
            found = [partials[i] for i in kept]
            return None if any(lo != hi for lo, hi in found) else tuple(d * lo for lo, _ in found)

        yield left


def nothing(args: tuple[float, ...], _d: float) -> tuple[float, ...]:
    """Return what is left where nothing arrives at all, whatever is sent."""
    return (0.0,) * len(args)


def turned_round(formulas: Formulas) -> Foreseen:
    """Return what is left where leaves pass on first: nothing, but for one operation to which 1 is sent itself."""
    single = method_of(formulas.value) != ""

    def left(args: tuple[float, ...], d: float) -> tuple[float, ...] | None:
        if d != 1.0 or not single:
            return (0.0,) * len(args)
        return None

    return left


SLOPES: dict[str, Callable[[float, float], tuple[float, float]]] = {
    "+": lambda _x, _y: (1.0, 1.0),
    "-": lambda _x, _y: (1.0, -1.0),
    "*": lambda x, y: (y, x),
}
"""The derivatives of two variables with a sign between them, at numbers where they are exact."""


def signs_of(formulas: Formulas) -> Iterator[tuple[str, Callable[[float, float], tuple[float, float]]]]:
    """Yield the signs in a formula, each with its derivatives."""
    return ((sign, slopes) for sign, slopes in SLOPES.items() if sign in formulas.value.text.replace("**", ""))


def of_fault(fault: Fault, formulas: Formulas) -> tuple[Diagnosis, ...]:
    """Return the name of what an exception shows of how numbers are dealt with; none where it shows nothing."""
    numbered = re.search(r"(?<![\w.])\d", formulas.value.text.partition("**")[0]) or formulas.value.text.startswith("-")
    plain = re.match(r"'(?:int|float)' object has no attribute", fault.message)
    if fault.error == "AttributeError" and plain and numbered:
        return (NOT_LIFTED,)
    left = re.match(r"unsupported operand type\(s\) for [^:]+: '(?:int|float)' and '(?!int'|float')", fault.message)
    if fault.error == "TypeError" and left and reflected_or_commuting(formulas):
        return (NO_REFLECTED,)
    return ()


def reflected_or_commuting(formulas: Formulas) -> bool:
    """Say whether a formula has a number on the left of a sign."""
    return re.search(r"(?<![\w.)])\d+(?:\.\d+)? ?[-+*/]", formulas.value.text) is not None
