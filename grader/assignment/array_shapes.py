"""What an exercise on arrays states: arguments with their domains, rows of shapes, and a formula that fits each row."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from grader.assignment import forms
from grader.assignment.domains import domain
from grader.assignment.formulas import with_eps
from grader.assignment.kind import Problems
from grader.model import Domain
from grader.oracle.array_formulas import TAKES, ArrayFormula, Row, in_row
from grader.oracle.expressions import CONSTANTS, ExpressionError
from grader.oracle.shapes import LARGEST_AXIS, MOST_AXES, MOST_ENTRIES, Shape, shown, size

ARGUMENT = re.compile(r"(?P<domain>[^\[\]]*?)\s*(?:\[(?P<shape>[\d\s,]*)\])?")
MOST_ROWS = 12
MOST_WORK = 600_000
"""Partials that one answer may take: about half a second. The largest row of the packs takes a hundredth."""


class ArrayFormulas(msgspec.Struct, frozen=True):
    """A formula on arrays as its exercise states it, for each row of shapes; `also_accept` are as right."""

    text: str
    arguments: tuple[str, ...]
    domains: tuple[Domain, ...]
    rows: tuple[Row, ...]
    also_accept: tuple[str, ...] = ()

    def in_row(self, row: int, text: str = "") -> ArrayFormula:
        """Return the formula, or another text, over arrays of a row's shapes."""
        return in_row(text or self.text, self.arguments, self.rows[row])


def read_array_formulas(
    problems: Problems,
    arguments: dict[str, str],
    shapes: Sequence[dict[str, tuple[int, ...] | int]],
    value: str,
    also_accept: Sequence[str],
    function: str = "",
) -> ArrayFormulas | None:
    """Turn the formula part of a form into records, or None with the problems told to `problems`.

    A `function` is given the parameters; a formula must name them.
    """
    names = tuple(arguments)
    if not names:
        problems.add("arguments", "a function has at least one argument, like a: real[2,3]")
        return None
    fixed: dict[str, Shape] = {}
    domains = []
    for name, written in arguments.items():
        if not name.isidentifier() or name in CONSTANTS or name in TAKES:
            problems.add(
                f"arguments.{name}", f"argument {name!r} should be a Python name that the language has no use for"
            )
        match = ARGUMENT.fullmatch(written or "")
        if match is None:
            problems.add(f"arguments.{name}", f"{written!r} should be a domain, with a shape if you like: real[2,3]")
            continue
        domains.append(domain(problems, name, match["domain"]))
        if domains[-1] is not None and domains[-1].whole:
            problems.add(f"arguments.{name}", f"{name}: entries of arrays come from ranges, not whole numbers")
        if match["shape"] is not None:
            fixed[name] = tuple(int(one) for one in match["shape"].split(",") if one.strip())
            _shape(problems, f"arguments.{name}", name, fixed[name])
    if problems.found or None in domains:
        return None
    rows = [_row(problems, f"shapes.{i}", one, names, fixed) for i, one in enumerate(shapes)]
    if not shapes:
        rows = [Row(tuple(fixed.get(name, ()) for name in names))]
    if len(rows) > MOST_ROWS:
        problems.add("shapes", f"over {MOST_ROWS} rows of shapes; a few that differ show as much")
    _refuse_unshaped(problems, names, fixed, shapes)
    if not problems.found and not function:
        _refuse_unused(problems, value, shapes, names)
    good = [one for one in rows if one is not None]
    if len(good) < len(rows) or problems.found:
        return None
    texts = _texts(value, also_accept)
    if not all(_fits(problems, path, text, names, good, value) for path, text in texts):
        return None
    return ArrayFormulas(
        value.strip(),
        names,
        tuple(one for one in domains if one is not None),
        tuple(good),
        tuple(text.strip() for _, text in texts[1:]),
    )


def _refuse_unshaped(
    problems: Problems,
    names: Sequence[str],
    fixed: dict[str, Shape],
    shapes: Sequence[dict[str, tuple[int, ...] | int]],
) -> None:
    """Tell `problems` of an argument that has a shape in some rows alone: it may be misspelt in the others."""
    for name in names:
        lacking = [i for i, one in enumerate(shapes) if name not in one]
        if name not in fixed and lacking and len(lacking) < len(shapes):
            problems.add(f"shapes.{lacking[0]}", f"{name} has no shape in this row; a number is written {name}: []")


def _refuse_unused(
    problems: Problems, value: str, shapes: Sequence[dict[str, tuple[int, ...] | int]], names: Sequence[str]
) -> None:
    """Tell `problems` of a parameter that the formula does not name: it may be an argument, misspelt."""
    used = set(re.findall(r"[^\W\d]\w*", value))
    for i, row in enumerate(shapes):
        for name in row:
            if name not in used and name not in names:
                said = f"{name!r} is no argument, and the formula has no parameter of that name"
                problems.add(f"shapes.{i}.{name}#key", said + forms.near(name, (*names, *used)))
                return


def _texts(value: str, also_accept: Sequence[str]) -> list[tuple[str, str]]:
    also = [(f"also_accept.{i}", one) for i, text in enumerate(also_accept) for one in with_eps(text)]
    return [("value", value), *also]


def _row(
    problems: Problems,
    path: str,
    form: dict[str, tuple[int, ...] | int],
    names: Sequence[str],
    fixed: dict[str, Shape],
) -> Row | None:
    """Read one row of shapes: a shape per argument that has none, and parameters."""
    found, parameters = dict(fixed), []
    before = len(problems.found)
    for name, value in form.items():
        if value is None or (isinstance(value, tuple) and None in value):
            return None  # has been told of
        if name in fixed:
            problems.add(f"{path}.{name}#key", f"{name} has its shape in `arguments` already")
        elif name in names:
            found[name] = (value,) if isinstance(value, int) else value
            _shape(problems, f"{path}.{name}", name, found[name])
        elif not name.isidentifier() or name in CONSTANTS or name in TAKES:
            problems.add(f"{path}.{name}#key", f"parameter {name!r} should be a Python name{forms.near(name, names)}")
        else:
            parameters.append((name, value))
    if len(problems.found) > before:
        return None
    return Row(tuple(found.get(name, ()) for name in names), tuple(parameters))


def _shape(problems: Problems, path: str, name: str, shape: Shape) -> None:
    if any(not 1 <= n <= LARGEST_AXIS for n in shape):
        problems.add(path, f"{name} is {shown(shape)}: an axis has from 1 to {LARGEST_AXIS} entries")
    elif len(shape) > MOST_AXES or size(shape) > MOST_ENTRIES:
        problems.add(path, f"{name} is {shown(shape)}: at most {MOST_AXES} axes and {MOST_ENTRIES} entries")


def _fits(problems: Problems, path: str, text: str, names: tuple[str, ...], rows: Sequence[Row], value: str) -> bool:
    """Say whether a formula fits every row, or tell `problems` at its first place that does not."""
    for i, row in enumerate(rows):
        try:
            formula = in_row(text, names, row)
        except ExpressionError as error:
            where = f" (shapes, row {i + 1})" if len(rows) > 1 else ""
            problems.add(path, f"in {text!r}: {error.message}{where}", max(error.column - 1, 0))
            return False
        if path != "value" and formula.shape != (own := in_row(value, names, row).shape):
            said = f"this has shape {shown(formula.shape)} where the value has {shown(own)}"
            problems.add(path, f"in {text!r}: {said} (shapes, row {i + 1})")
            return False
        if formula.work > MOST_WORK:
            said = "these shapes take too long to be worked out exactly; smaller ones show as much"
            problems.add(
                f"shapes.{i}" if path == "value" else path,
                f"{said}: at most {MOST_WORK:,} partials, not {formula.work:,}",
            )
            return False
    return True
