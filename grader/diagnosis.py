"""Name the mistake: which transformation of the exact answer is what the student returned?

The table is tried against every informative public row, simplest first. A name is given only when
it explains all of them and the right answer does not; candidates that fit equally well are all said.
Silence is better than a wrong name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.formulas import Formulas
from grader.judging import informative
from grader.model import Corpus
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression
from grader.sandbox.kinds.function import Row

FIT, FEWEST = 1e-6, 4
MOST_NAMES = 2


class Case(msgspec.Struct, frozen=True):
    """One row as a candidate sees it: the point, d_out, the exact value and partials, and the exercise's formula."""

    args: tuple[float, ...]
    d_out: float
    value: float
    partials: tuple[float, ...]
    formula: Expression


Candidate = Callable[[Case, int], float]
"""What the gradient of one argument would be if this mistake were made."""


def _at(case: Case, point: Sequence[float], argument: int) -> float:
    partial = case.formula.answer(tuple(point)).partials[argument]
    return case.d_out * partial[0]


def _swapped(case: Case, argument: int) -> float:
    return case.d_out * case.partials[1 - argument] if len(case.partials) == 2 else math.nan


def _of_the_output(case: Case, argument: int) -> float:
    return _at(case, (case.value,), argument) if len(case.args) == 1 else math.nan


SWAPPED = "the gradients of the two arguments are swapped"

CANDIDATES: tuple[tuple[str, Candidate], ...] = (
    ("d_out was forgotten: backward returns g'(x) · d_out, not g'(x) alone", lambda c, i: c.partials[i]),
    ("the sign is flipped", lambda c, i: -c.d_out * c.partials[i]),
    (SWAPPED, _swapped),
    ("backward returns d_out alone: multiply it by the derivative g'(x)", lambda c, _: c.d_out),
    (
        "backward returns g(x) · d_out where the derivative g'(x) · d_out is asked",
        lambda c, _: c.value * c.d_out,
    ),
    ("backward returns the value g(x), with neither the derivative nor d_out", lambda c, _: c.value),
    ("backward returns 0", lambda _c, _i: 0.0),
    ("d_out is multiplied in twice", lambda c, i: c.d_out * c.d_out * c.partials[i]),
    ("the derivative is taken at the saved output g(x) instead of the input x", _of_the_output),
    (
        "the derivative is taken at x · d_out instead of at x",
        lambda c, i: _at(c, [a * c.d_out for a in c.args], i),
    ),
    ("backward divides by the derivative instead of multiplying", lambda c, i: c.d_out / c.partials[i]),
    ("d_out is added to the derivative instead of multiplied with it", lambda c, i: c.partials[i] + c.d_out),
    ("the absolute value is taken", lambda c, i: abs(c.d_out * c.partials[i])),
)


def gradients(formulas: Formulas, corpus: Corpus, rows: Sequence[Row]) -> tuple[str, ...]:
    """Name what is wrong with the gradients, or return nothing."""
    cases = [(case, got) for case, got in _cases(formulas, corpus, rows) if isinstance(got, tuple)]
    if len(cases) < FEWEST:
        return ()
    own = _own(formulas, cases)
    if own:
        return own
    wrong = [
        i for i in range(len(formulas.arguments)) if any(_off(got[i], c.d_out * c.partials[i]) for c, got in cases)
    ]
    if not wrong:
        return ()
    names = [
        text
        for text, candidate in CANDIDATES
        if all(_explains(candidate, cases, argument) for argument in wrong)
        and (text != SWAPPED or len(wrong) == len(formulas.arguments))  # one gradient alone cannot be swapped
    ] or _constant([(c.d_out * c.partials[i], got[i]) for c, got in cases for i in wrong], "gradient")
    if not names or len(names) > MOST_NAMES:
        return ()
    where = "" if len(wrong) == len(formulas.arguments) else f"for {', '.join(formulas.arguments[i] for i in wrong)}: "
    return tuple(where + name for name in names)


def values(formulas: Formulas, corpus: Corpus, given: Sequence[object]) -> tuple[str, ...]:
    """Name what is wrong with the values, or return nothing."""
    pairs = [(answer.value, value) for answer, value in zip(corpus.answers, given)]
    floats = [(wanted, got) for wanted, got in pairs if isinstance(got, float) and math.isfinite(got)]
    if len(floats) < max(FEWEST, len(pairs)):
        return ()
    own = [
        one.say
        for one in formulas.misconceptions
        if len(one.returns) == 1
        and "d_out" not in one.returns[0].arguments
        and all(not _off(value, _value_at(one.returns[0], at.args)) for at, value in zip(corpus.inputs, given))
    ]
    if own:
        return tuple(own[:MOST_NAMES])
    if len(formulas.arguments) == 2:
        mirrored = [(_value_at(formulas.value, one.args[::-1]), value) for one, value in zip(corpus.inputs, given)]
        if all(not _off(got, wanted) for wanted, got in mirrored):
            return ("the two arguments are swapped",)
    if all(not _off(got, -wanted) for wanted, got in floats):
        return ("the sign is flipped",)
    return tuple(_constant(floats, "value"))


def _cases(formulas: Formulas, corpus: Corpus, rows: Sequence[Row]) -> Iterator[tuple[Case, object]]:
    for one, answer, row in zip(corpus.inputs, corpus.answers, rows):
        if informative(one, answer) and all(lo == hi for lo, hi in answer.partials):
            partials = tuple(lo for lo, _ in answer.partials)
            yield Case(one.args, one.d_out, answer.value, partials, formulas.value), row.backward


def _own(formulas: Formulas, cases: Sequence[tuple[Case, object]]) -> tuple[str, ...]:
    """Return the exercise's own misconceptions that explain every row."""
    found = []
    for one in formulas.misconceptions:
        fits = all(
            isinstance(got, tuple)
            and all(not _off(g, _value_at(f, (*case.args, case.d_out))) for g, f in zip(got, one.returns))
            for case, got in cases
        )
        if fits:
            found.append(one.say)
    return tuple(found[:MOST_NAMES])


def _explains(candidate: Candidate, cases: Sequence[tuple[Case, object]], argument: int) -> bool:
    """Say whether a candidate gives every row's gradient, where it is defined on nearly all of them."""
    tried = 0
    for case, got in cases:
        assert isinstance(got, tuple)
        try:
            predicted = candidate(case, argument)
        except (Undefined, ZeroDivisionError, OverflowError):
            continue
        if math.isnan(predicted) or _off(got[argument], predicted):
            return False
        tried += 1
    return tried >= FEWEST and 2 * tried >= len(cases)


def _constant(pairs: Sequence[tuple[float, object]], what: str) -> list[str]:
    """Name one factor, or one offset, that would put every pair right."""
    floats = [(wanted, got) for wanted, got in pairs if isinstance(got, float) and math.isfinite(got)]
    if len(floats) < max(FEWEST, len(pairs)):
        return []
    factor = next((got / wanted for wanted, got in floats if abs(wanted) > 1e-3), None)
    if factor is not None and factor != 0 and all(not _off(got, factor * wanted) for wanted, got in floats):
        return [] if f"{factor:.6g}" == "1" else [f"the {what} is {factor:.6g} times what it should be"]
    offset = floats[0][1] - floats[0][0]
    if offset and all(not _off(got, wanted + offset) for wanted, got in floats):
        return [f"the {what} is off by a constant: {offset:+.6g}"]
    return []


def _value_at(formula: Expression, point: Sequence[float]) -> float:
    try:
        return formula.value(tuple(point))
    except Undefined:
        return math.nan


def _off(got: object, wanted: float) -> bool:
    if not isinstance(got, float) or math.isnan(got) or math.isnan(wanted):
        return True
    return abs(got - wanted) > FIT * abs(wanted) + 1e-12
