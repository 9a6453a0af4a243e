"""What an exercise with a formula states: arguments with their domains, the value, and mistakes of its own."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping, Sequence

import msgspec

from grader.assignment import forms
from grader.assignment.domains import domain
from grader.assignment.kind import Problems
from grader.model import Domain, Input
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression, ExpressionError, parse
from grader.oracle.inputs import NARROWEST_GAP, inside, usable

EPS = re.compile(r"\beps\b")
EPS_VALUES = tuple(f"1e-{k}" for k in (6, 8, 7, 9, 10, 12, 5, 4))
"""What `eps` in an accepted formula may be: people guard a logarithm with whichever comes to mind."""

REMEDIES = {
    "ifexp has": "a choice is written where(x > 0, a, b)",
    "boolop has": "conditions that all hold are a list; in a formula, one where(...) stands in another",
    "has no place in a formula": "it is made of numbers, names, + - * / ** and functions",
    "this is not a formula": "write the value alone, as 2 * x + exp(-y), with every bracket closed",
}
"""Part of what the formula language says -> what an author can do, where that does not say it. The first counts."""

D_OUT = 2.0
"""What is sent back where an author's input does not say."""


Condition = str | tuple[str, ...]
"""A comparison that holds wherever the function is asked, or several."""


class MisconceptionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake of this exercise's own: what is returned when it is made, what to say then, and a sentence of why.

    `returns` is an expression in the arguments (and `d_out`, where there is one), one a number returned.
    """

    returns: tuple[str, ...]
    say: str
    why: str = ""


class Misconception(msgspec.Struct, frozen=True):
    """A named mistake: one formula a number returned, in the arguments and d_out, and a sentence of why it is wrong."""

    returns: tuple[Expression, ...]
    say: str
    why: str = ""


class Formulas(msgspec.Struct, frozen=True):
    """A function as its exercise states it; `also_accept` holds other values that are as right.

    `inputs` are the author's own: they come first in the public half.
    """

    arguments: tuple[str, ...]
    domains: tuple[Domain, ...]
    value: Expression
    also_accept: tuple[Expression, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    inputs: tuple[Input, ...] = ()


def read_formulas(
    problems: Problems,
    arguments: dict[str, str],
    value: str,
    also_accept: Sequence[str],
    misconceptions: Sequence[MisconceptionForm],
    returned: int,
    extra: tuple[str, ...],
    inputs: Sequence[Mapping[str, float]] = (),
    condition: Condition = "",
    constants: Sequence[str] = (),
) -> Formulas | None:
    """Turn the formula part of a form into records, or None with the problems told to `problems`.

    A misconception returns `returned` numbers, in the arguments and the `extra` names; an input names a number for
    every argument and, if it likes, for each of the `extra` names. A point is asked only where the `condition` holds;
    by the `constants`, which are arguments, nothing has a derivative.
    """
    names = tuple(arguments)
    conditions = _conditions(problems, condition, names)
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name) or name in extra:
            but = f" other than {', '.join(extra)}" if extra else ""
            problems.add(f"arguments.{name}", f"argument {name!r} should be a Python name{but}")
    if not names:
        problems.add("arguments", "a function has at least one argument, like x: real")
    domains = [domain(problems, name, text) for name, text in arguments.items()]
    parsed = formula(problems, "value", value, names, constants, conditions)
    also = [
        formula(problems, f"also_accept.{i}", one, names, constants)
        for i, text in enumerate(also_accept)
        for one in with_eps(text)
    ]
    mistakes = [
        _misconception(problems, f"misconceptions.{i}", one, (*names, *extra), returned)
        for i, one in enumerate(misconceptions)
    ]
    if parsed is None or None in domains:
        return None
    known = dict(zip(names, (one for one in domains if one is not None)))
    given = [_input(problems, f"inputs.{i}", one, known, extra) for i, one in enumerate(inputs)]
    for i, one in enumerate(given):
        if one is not None:
            _refuse_unusable(problems, f"inputs.{i}", one, parsed, given[:i])
    return Formulas(
        names,
        tuple(known.values()),
        parsed,
        tuple(one for one in also if one is not None),
        tuple(one for one in mistakes if one is not None),
        tuple(one for one in given if one is not None),
    )


def with_eps(text: str) -> list[str]:
    """Return an accepted formula with each number that `eps` in it may be.

    >>> with_eps("log(x + eps)")[:2], with_eps("x")
    (['log(x + 1e-6)', 'log(x + 1e-8)'], ['x'])
    """
    return [EPS.sub(value, text) for value in EPS_VALUES] if EPS.search(text) else [text]


def _input(
    problems: Problems, path: str, form: Mapping[str, float], known: Mapping[str, Domain], extra: Sequence[str]
) -> Input | None:
    """Read one input, or tell `problems` which of its numbers is missing, unknown or outside its domain."""
    good = True
    for name, value in form.items():
        if name not in known and name not in extra:
            words = (*known, *extra)
            said = f"unknown argument {name!r}{forms.near(name, words)}; an input names {', '.join(words)}"
            problems.add(f"{path}.{name}#key", said)
            good = False
        elif name in known and value is not None and not inside(value, known[name]):
            within = known[name]
            but = " and not 0" if within.nonzero else ""
            problems.add(
                f"{path}.{name}", f"{name} = {value!r} is outside its domain, {within.lo:g} to {within.hi:g}{but}"
            )
            good = False
    for name in known:
        if name not in form:
            problems.add(path, f"{name!r} is missing; an input has a number for every argument")
            good = False
    if not good or None in form.values():  # what is no number has been told of already
        return None
    return Input(tuple(form[name] for name in known), form.get("d_out", D_OUT))


def _refuse_unusable(
    problems: Problems, path: str, one: Input, value: Expression, earlier: Sequence[Input | None]
) -> None:
    """Tell `problems` where nothing can be judged at an input, or nothing more than at an earlier one."""
    if any(other is not None and other.args == one.args for other in earlier):
        problems.add(path, "this input is there already; each should have other arguments")
        return
    if usable(value, one.args) is not None:
        return
    if not value.holds(one.args):
        said = " and ".join(one.text for one in value.conditions)
        problems.add(path, f"{said} does not hold here; choose another input")
        return
    try:
        gap = value.answer(one.args).gap
    except Undefined:
        problems.add(path, f"{value.text} has no value or no derivative here; choose another input")
        return
    if 0.0 < gap < NARROWEST_GAP:
        said = f"a comparison is decided by {gap:.2g} here, which rounding may turn round"
        problems.add(path, f"{said}; stay {NARROWEST_GAP:g} away, or make it an exact tie")
    else:
        problems.add(path, f"{value.text} or its derivative is too large to be judged here; choose a smaller input")


def _conditions(problems: Problems, written: Condition, names: Sequence[str]) -> tuple[str, ...]:
    """Return the conditions that can be read; what is wrong with the others is told."""
    texts = (written,) if isinstance(written, str) else written
    found = []
    for i, text in enumerate(texts if written else ()):
        path = "condition" if isinstance(written, str) else f"condition.{i}"
        parsed = formula(problems, path, text, names)
        if parsed is None:
            continue
        if not isinstance(ast.parse(parsed.text, mode="eval").body, ast.Compare):
            problems.add(path, f"condition {text!r} should be a comparison, like x < y; several are a list")
            continue
        found.append(parsed.text)
    return tuple(found)


def formula(
    problems: Problems,
    path: str,
    text: str,
    arguments: Sequence[str],
    constants: Sequence[str] = (),
    conditions: Sequence[str] = (),
) -> Expression | None:
    """Parse one formula, with numbers for its parameters, or tell `problems` where it goes wrong."""
    try:
        if not problems.values:
            return parse(text, arguments, constants, conditions)
        from grader.assignment import parameters  # nothing is drawn at a student's desk

        parse(text, (*arguments, *problems.values))  # as it is written: columns are of that
        return parse(parameters.in_formula(text, problems.values), arguments, constants, conditions)
    except ExpressionError as error:
        problems.add(path, f"in {text!r}: {error.message}{_remedy(error.message)}", max(error.column - 1, 0))
        return None


def _remedy(message: str) -> str:
    """Return what to do about text that is no formula, as the end of a sentence; blank where the message says it."""
    return next((f"; {what}" for word, what in REMEDIES.items() if word in message), "")


def _misconception(
    problems: Problems, path: str, form: MisconceptionForm, names: Sequence[str], returned: int
) -> Misconception | None:
    if len(form.returns) != returned:
        each = "one formula an argument, " if returned > 1 else ""
        shown = ", ".join(f"by {name} …" for name in names[:returned]) if returned > 1 else "…"
        said = f"returns should hold {each}{returned} in all, not {len(form.returns)}; write [{shown}]"
        problems.add(f"{path}.returns", said)
        return None
    formulas = [formula(problems, f"{path}.returns.{i}", text, names) for i, text in enumerate(form.returns)]
    return Misconception(tuple(one for one in formulas if one is not None), form.say, form.why)
