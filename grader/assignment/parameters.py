"""Parameters of an exercise: whole numbers in its formula that are drawn per student.

An exercise states where each may lie (`parameters: {c: 2..9}`), and names them in its formula. What a student's are
follows from a secret of the course, the assignment, the exercise and the student's id, and from nothing else: the
handout, the sheet and grading work out the same without telling each other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from grader.assignment.exercise import Parameter
from grader.assignment.kind import Problems
from grader.oracle import dual
from grader.oracle.expressions import CONSTANTS

Values = Mapping[str, int]
"""Parameter -> the number that stands for it."""

RANGE = re.compile(r"\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*", re.ASCII)
MOST = 1000
"""Ways to draw the parameters of one exercise. Each that is drawn is prepared, and its solution is graded."""

KEPT = frozenset((*CONSTANTS, *dual.ONE_ARGUMENT, *dual.TWO_ARGUMENTS, "where", "eps", "d_out"))
"""What a name in a formula means already."""

LINE = re.compile(r"(?m)^([^#\n]*?=[ \t]*)[-+]?\d+(\.\d*)?([ \t]*)# parameter: ([a-z0-9-]+)\.(\w+)[ \t]*$")
"""A line of the reference with a number that is a parameter: `C = 3.0  # parameter: scaled.c`."""

PLACE = re.compile(r"\{([a-z0-9-]+)\.(\w+)\}")
"""Where a comment or an answer of the reference says a parameter: `{scaled.c}`."""


def read(
    problems: Problems, written: Mapping[str, str | tuple[int, ...]], arguments: Collection[str]
) -> tuple[Parameter, ...]:
    """Return an exercise's parameters, and tell `problems` of those that cannot be drawn."""
    found = []
    for name, text in written.items():
        if not name.isidentifier() or name in KEPT or name in arguments:
            problems.add(f"parameters.{name}#key", f"parameter {name!r} should be a Python name that means nothing yet")
            continue
        values = text if isinstance(text, tuple) else _range(text or "")
        if len(dict.fromkeys(values)) < 2 or len(dict.fromkeys(values)) < len(values) or None in values:
            said = f"{name} should be drawn from two or more whole numbers, as 2..9 or [2, 3, 5]"
            problems.add(f"parameters.{name}", said)
            continue
        found.append(Parameter(name, tuple(values)))
    if count(found) > MOST:
        said = f"these can be drawn in {count(found)} ways, and more than {MOST} are too many; narrow a range"
        problems.add("parameters", said)
        return ()
    return tuple(found)


def _range(text: str) -> tuple[int, ...]:
    match = RANGE.fullmatch(text)
    lo, hi = (int(match[1]), int(match[2])) if match else (1, 0)
    return tuple(range(lo, min(hi, lo + MOST) + 1))


def said(parameter: Parameter) -> str:
    """Return what a parameter is drawn from, as an author writes it.

    >>> said(Parameter("c", (2, 3, 4))), said(Parameter("c", (2, 3, 5)))
    ('2..4', '[2, 3, 5]')
    """
    values = parameter.values
    if values == tuple(range(values[0], values[-1] + 1)):
        return f"{values[0]}..{values[-1]}"
    return f"[{', '.join(map(str, values))}]"


def count(parameters: Sequence[Parameter]) -> int:
    """Return in how many ways parameters can be drawn."""
    ways = 1
    for one in parameters:
        ways *= len(one.values)
    return ways


def drawn(
    secret: bytes, assignment: str, exercise: str, student: str, parameters: Sequence[Parameter]
) -> dict[str, int]:
    """Draw a student's parameters of one exercise: the same each time, and nothing about anyone else's.

    >>> drawn(b"a secret", "hw1", "scaled", "u1001", [Parameter("c", (2, 3, 5, 7))])
    {'c': 3}
    """
    import hashlib  # a student's own machine draws nothing
    import hmac

    found = {}
    for one in parameters:
        message = msgspec.json.encode(["autodiff-grader", assignment, exercise, one.name, student])
        digest = hmac.new(secret, message, hashlib.sha256).digest()
        found[one.name] = one.values[int.from_bytes(digest, "big") % len(one.values)]
    return found


def in_formula(text: str, values: Values) -> str:
    """Return a formula with the numbers in place of the parameters.

    >>> in_formula("c * x ** n - cos(x)", {"c": 4, "n": -3})
    '4 * x ** (-3) - cos(x)'
    """

    def number(match: re.Match[str]) -> str:
        value = values[match[0]]
        return str(value) if value >= 0 else f"({value})"

    return _names(values).sub(number, text) if values else text


def marked(text: str, names: Collection[str]) -> str:
    """Return a formula with its parameters in braces, as a title or a statement has them.

    >>> marked("c * x ** 2 - cos(x)", ["c"])
    '{c} * x ** 2 - cos(x)'
    """
    return _names(names).sub(r"{\g<0>}", text) if names else text


def _names(names: Collection[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, names))})(?!\w)")


def in_words(text: str, values: Values) -> str:
    """Return a title, a statement or a hint with the numbers in place of `{c}`.

    >>> in_words("{c} times x², in {braces}", {"c": 4})
    '4 times x², in {braces}'
    """
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def in_source(text: str, values: Mapping[str, Values]) -> str:
    """Return a file of the reference with the numbers of each exercise's parameters in their places.

    A number stays the kind of number it is.

    >>> in_source("C = 3.0  # parameter: scaled.c\\n# solution: {scaled.c} * x\\n", {"scaled": {"c": 4}})
    'C = 4.0\\n# solution: 4 * x\\n'
    """
    if not values:
        return text

    def line(match: re.Match[str]) -> str:
        value = values.get(match[4], {}).get(match[5])
        return match[0] if value is None else f"{match[1]}{value}{'.0' if match[2] else ''}"

    def place(match: re.Match[str]) -> str:
        value = values.get(match[1], {}).get(match[2])
        return match[0] if value is None else str(value)

    return PLACE.sub(place, LINE.sub(line, text))


def places(text: str) -> set[tuple[str, str]]:
    """Return the parameters that a file of the reference says, as (exercise, name)."""
    return {(one[4], one[5]) for one in LINE.finditer(text)} | {(one[1], one[2]) for one in PLACE.finditer(text)}
