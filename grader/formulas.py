"""What an exercise with a formula states: arguments with their domains, the value, and mistakes of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from grader import forms
from grader.exercises import Border
from grader.model import Domain
from grader.oracle.expressions import Expression, ExpressionError, parse

DOMAINS = {
    "real": Domain(-1e4, 1e4),
    "positive": Domain(0.0, 1e4, nonzero=True),
    "nonzero": Domain(-1e4, 1e4, nonzero=True),
}
EPS = re.compile(r"\beps\b")
EPS_VALUES = tuple(f"1e-{k}" for k in (6, 8, 7, 9, 10, 12, 5, 4))
"""What `eps` in an accepted formula may be: people guard a logarithm with whichever comes to mind."""

RANGE = re.compile(r"\s*([^\s.]\S*?)\s*\.\.\s*(\S+)\s*")


class MisconceptionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake of this exercise's own: what is returned when it is made, and what to say then.

    `returns` is an expression in the arguments (and `d_out`, where there is one), one a number returned.
    """

    returns: tuple[str, ...]
    say: str


class Misconception(msgspec.Struct, frozen=True):
    """A named mistake: one formula a number returned, in the arguments and d_out."""

    returns: tuple[Expression, ...]
    say: str


class Formulas(msgspec.Struct, frozen=True):
    """A function as its exercise states it; `also_accept` holds other values that are as right."""

    arguments: tuple[str, ...]
    domains: tuple[Domain, ...]
    value: Expression
    also_accept: tuple[Expression, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()


def read_formulas(
    border: Border,
    arguments: dict[str, str],
    value: str,
    also_accept: Sequence[str],
    misconceptions: Sequence[MisconceptionForm],
    returned: int,
    extra: tuple[str, ...],
) -> Formulas | None:
    """Turn the formula part of a form into records, or None with the problems told to `border`.

    A misconception returns `returned` numbers, in the arguments and the `extra` names.
    """
    names = tuple(arguments)
    for name in names:
        if not name.isidentifier() or name in extra:
            but = f" other than {', '.join(extra)}" if extra else ""
            border.problem(f"arguments.{name}", f"argument {name!r} should be a Python name{but}")
    if not names:
        border.problem("arguments", "a function has at least one argument, like x: real")
    domains = [_domain(border, name, text) for name, text in arguments.items()]
    parsed = formula(border, "value", value, names)
    also = [
        formula(border, f"also_accept.{i}", one, names)
        for i, text in enumerate(also_accept)
        for one in ([EPS.sub(value, text) for value in EPS_VALUES] if EPS.search(text) else [text])
    ]
    mistakes = [
        _misconception(border, f"misconceptions.{i}", one, (*names, *extra), returned)
        for i, one in enumerate(misconceptions)
    ]
    if parsed is None:
        return None
    return Formulas(
        names,
        tuple(domain for domain in domains if domain is not None),
        parsed,
        tuple(one for one in also if one is not None),
        tuple(one for one in mistakes if one is not None),
    )


def formula(border: Border, path: str, text: str, arguments: Sequence[str]) -> Expression | None:
    """Parse one formula, or tell `border` where it goes wrong."""
    try:
        return parse(text, arguments)
    except ExpressionError as error:
        border.problem(path, f"in {text!r}: {error.message}", max(error.column - 1, 0))
        return None


def _domain(border: Border, name: str, text: str) -> Domain | None:
    if text in DOMAINS:
        return DOMAINS[text]
    match = RANGE.fullmatch(text)
    try:
        lo, hi = (float(match[1]), float(match[2])) if match else (1.0, 0.0)
    except ValueError:
        lo, hi = 1.0, 0.0
    if lo < hi and max(abs(lo), abs(hi)) <= 1e100:
        return Domain(lo, hi)
    wanted = f"one of {', '.join(DOMAINS)}, or a range like -500..500"
    border.problem(f"arguments.{name}", f"domain {text!r} of {name} should be {wanted}{forms.near(text, DOMAINS)}")
    return None


def _misconception(
    border: Border, path: str, form: MisconceptionForm, names: Sequence[str], returned: int
) -> Misconception | None:
    if len(form.returns) != returned:
        each = "one formula an argument, " if returned > 1 else ""
        border.problem(path, f"returns should hold {each}{returned} in all")
        return None
    formulas = [formula(border, f"{path}.returns.{i}", text, names) for i, text in enumerate(form.returns)]
    return Misconception(tuple(one for one in formulas if one is not None), form.say)
