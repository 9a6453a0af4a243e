"""Arrays as people read them: a row of numbers per line, one under the other."""

from __future__ import annotations

import re

from grader.model import Counterexample
from grader.reports.text import inert, number

WIDEST = 76
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
BY_DIFFERENCES = "central difference"


def holds_arrays(one: Counterexample) -> bool:
    """Say whether a counterexample is about arrays."""
    return any(isinstance(value, str) for value in one.args.values())


def grid(text: str, indent: int = 0) -> str:
    """Return nested lists with each row in a line of its own, `indent` columns in.

    >>> print(grid("[[1.0, 2.0], [3.0, 4.0]]"))
    [[1.0, 2.0],
     [3.0, 4.0]]
    """
    found, depth = [], 0
    for i, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == " " and text[:i].endswith("],") and depth:
            found.append("\n" + " " * (indent + depth))
        else:
            found.append(sign)
    return "".join(found)


def parts(one: Counterexample) -> list[tuple[str, bool]]:
    """Return what came back in rows, cut where an entry is off: (text, whether it is such an entry).

    Nothing is marked where it has another number of entries than what was expected.

    >>> parts(Counterexample({"a": "[1.0]"}, None, "", "[1.0, 2.0]", "[1.0, 3.0]"))
    [('[1.0, ', False), ('2.0', True), (']', False)]
    """
    came, right = grid(inert(one.returned)), NUMBER.findall(one.expected)
    found = list(NUMBER.finditer(came))
    if not holds_arrays(one) or len(found) != len(right) or " to " in one.expected:
        return [(came, False)]
    cut, end = [], 0
    for match, wanted in zip(found, right):
        if match[0] != wanted:
            cut += [(came[end : match.start()], False), (match[0], True)]
            end = match.end()
    return [*cut, (came[end:], False)]


def given(one: Counterexample, start: str = "") -> str:
    """Return what a counterexample was asked with: in one line where that is short, else an argument per line."""
    named = [(name, number(value)) for name, value in one.args.items()]
    line = start + ", ".join(f"{name} = {value}" for name, value in named)
    if len(line) <= WIDEST and "], [" not in line:
        return line
    blank = " " * len(start)
    lines = [f"{name} = {grid(value, len(start) + len(name) + 3)}" for name, value in named]
    return "\n".join((blank if i else start) + one for i, one in enumerate(lines))


def compared(one: Counterexample, came: str) -> list[str]:
    """Return what came back over what was expected, each as rows; `came` says whose it is."""
    rows = [(came, one.returned), ("expected", one.expected)]
    said = same_as_expected(one)
    if one.estimate and not said:
        rows.append((BY_DIFFERENCES, one.estimate))
    width = max(len(label) for label, _ in rows)
    lines = [f"  {label:<{width}}   {grid(inert(text), width + 5)}" for label, text in rows]
    return [line for whole in [*lines, *([f"  ({said})"] if said else [])] for line in whole.split("\n")]


def same_as_expected(one: Counterexample) -> str:
    """Return a sentence where central differences of a student's own value are what is expected; else nothing."""
    numbers = [[float(part) for part in NUMBER.findall(text)] for text in (one.estimate, one.expected)]
    if not one.estimate or len(numbers[0]) != len(numbers[1]):
        return ""
    near = all(abs(a - b) <= 1e-4 * max(1.0, abs(b)) for a, b in zip(*numbers))
    return "central differences of your own value say the same as what is expected" if near else ""
