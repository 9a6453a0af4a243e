"""Sentences that several kinds describe themselves with: at which inputs, and how closely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from grader.assignment.formulas import Formulas
from grader.exercise_kinds.question_set import QuestionSet
from grader.judging.tolerance import CLOSE_GRADIENT, CLOSE_SHARE, EPS_LARGEST, EXACT
from grader.model import Domain, Input, Tolerance

SAMPLES = 4

DRAWN = (
    "drawn once from the assignment's seed and the same for everyone: ordinary sizes, edges of the domain, small and "
    "large ones, on and beside every border of the formula, and some with all their digits. Students see public ones "
    "only."
)


def inputs(
    formulas: Formulas, public: QuestionSet[Any], private: QuestionSet[Any] | None, sent: str = ""
) -> tuple[str, ...]:
    """Say at which inputs a formula's exercise is judged, from those that were drawn.

    `sent` is what the derivative is called that is sent back; blank where none is.
    """
    shown, hidden = public.corpus.inputs, private.corpus.inputs if private else ()
    domains = ", ".join(f"{name} {_domain(one)}" for name, one in zip(formulas.arguments, formulas.domains))
    found = [
        f"arguments: {domains}",
        *(
            f"only where {' and '.join(one.text for one in formulas.value.conditions)}"
            for _ in formulas.value.conditions[:1]
        ),
        f"{len(shown)} public and {len(hidden)} private inputs, {DRAWN}",
    ]
    if formulas.inputs:
        found.append(f"{len(formulas.inputs)} of the public ones are the exercise's own (`inputs`), and come first.")
    first = "; ".join(_input(formulas.arguments, one, sent) for one in shown[:SAMPLES])
    return (*found, f"the first of them: {first}") if first else tuple(found)


def _domain(one: Domain) -> str:
    ends = [f"{end:g}" for end, is_open in ((one.lo, one.lo_open), (one.hi, one.hi_open)) if is_open]
    without = ["0"] * (one.nonzero and "0" not in ends) + ends
    but = f" but not {' or '.join(without)}" if without else ""
    return f"{'whole numbers ' if one.whole else ''}from {one.lo:g} to {one.hi:g}{but}"


def _input(arguments: Sequence[str], one: Input, sent: str) -> str:
    named = [f"{name} = {value:.6g}" for name, value in zip(arguments, one.args)]
    return ", ".join([*named, f"{sent} = {one.d_out:.6g}"] if sent else named)


VALUES = f"A value may be off by {EXACT.words('its size')}."
DERIVATIVES = (
    f"A derivative may be off by {EXACT.words('the size of the value')}. It is worked out by dual numbers from the "
    "formula, never by differences. At a kink any slope between the two sides is right; at a jump none is judged."
)


def within(what: str, tolerance: Tolerance, of: str) -> str:
    """Say how far off something may be, as a share of something else.

    >>> within("Each derivative", Tolerance(1e-6, 0.0), "the largest of them")
    'Each derivative may be off by 1e-06 of the largest of them.'
    """
    return f"{what} may be off by {tolerance.relative:g} of {of}."


def numeric(allowed: Literal["accept", "refuse"]) -> tuple[str, ...]:
    """Say what becomes of a difference quotient in place of a derivative."""
    if allowed == "refuse":
        return ("A difference quotient of the formula is wrong (`numeric_derivative: refuse`).",)
    return (
        "A difference quotient of the formula is accepted with a note, and so is a gradient that is off by "
        f"{CLOSE_GRADIENT:g} at no more than {CLOSE_SHARE:.0%} of the inputs.",
    )


EPS = (
    f"A forward that is off by a small EPS on purpose, {EPS_LARGEST:g} at most, moves what backward may return by the "
    "slope of that difference."
)
