"""Tell planted mistakes apart by their sort: a sign, a part that is missing, derivatives that overwrite each other.

A mistake of the table or of the machinery is of a sort by its name. One in the syntax is by what it changed in its
line, in words and signs.
"""

from __future__ import annotations

import re
from collections import Counter

from grader.audit.mutants import Mutant

SORTS: dict[str, str] = {
    "back": "a derivative is left out",
    "walk": "a well-known wrong way",
    "sign": "a sign is wrong",
    "swapped": "two things are swapped",
    "overwrites": "it overwrites where it should add",
    "missing": "a part is missing",
    "value": "the value is wrong",
    "nothing": "it returns nothing",
    "dropped": "a line is missing",
}
"""Each sort in words, the most typical first."""

NAMED = {
    "d_out forgotten": "back",
    "the sign flipped": "sign",
    "the gradients swapped": "swapped",
    "the arguments swapped": "swapped",
    "d_out alone": "missing",
}
"""What the table calls the mistakes that have a sort."""

WALKS = (
    "what arrives overwrites",
    "breadth first, each node passed once",
    "seed ignored",
    "each parent once",
    "every path walked",
    "breadth-first order",
    "an order marked at first sight",
    "pre-order",
    "visited by value",
    "every path sorted",
    "no_grad ignored",
    "saved on the class",
)
"""The wrong ways to build the machinery that are met most, the commonest first."""

WAY_BACK = ("backward", "gradient", "vjp", "grad", "chain_rule", "backpropagate", "back")
"""How functions are called that send derivatives back, or how their names end."""

CAME_BACK = re.compile(
    r"\b(?:d|d_?out\w*|out_?grad|grad_?out\w*|output_?grad|deriv\w*|(?:out|self|node)\.grad|(?:self|other)\.der)\b"
)
"""What courses call what came back from the rest of the graph."""

TOKEN = re.compile(r"[\w.]+|\*\*|[-+*/]=|[^\s\w()]")
OPPOSITE: tuple[tuple[set[str], set[str]], ...] = ({"+"}, {"-"}), ({"-"}, {"+"}), (set(), {"-"}), ({"-"}, set())
OPERATORS = {"+", "-", "*", "/", "**"}
NO_NUMBER = "return -["
"""A minus before a list raises an exception, so nobody hands that in."""

BRANCHES = ("if ", "for ", "while ")
PAIRS = ("return ", " = (")
"""How a line begins, or goes on, in which two things have an order that students mistake."""

WHICH = re.compile(r" \(no\. \d+\)$")


def sort_of(one: Mutant, derivative: bool = False) -> str:
    """Return the sort of a mistake, blank where it has none. `derivative`: all there is, is a derivative.

    >>> sort_of(Mutant("m", "F.backward", "return 2 * x * d_out → return 2 * x", ""))
    'back'
    >>> sort_of(Mutant("m", "F.backward", "return 2 * x * d_out → return x * d_out", ""))
    'missing'
    >>> sort_of(Mutant("m", "V.__add__", "self.grad += out.grad → self.grad = out.grad", ""))
    'overwrites'
    """
    before, after = _change(one)
    if one.what in WALKS:
        return "walk"
    if not after:
        return "value" if one.where.endswith(".forward") else NAMED.get(one.what, "")
    if before == f"return {after}":
        return "nothing"
    if after == "pass":
        return "dropped"
    return _by_signs(before, after) if derivative or _sends_back(one) else "value"


def order(one: Mutant) -> tuple[bool, bool, bool, int]:
    """Return what mistakes of one sort are ordered by, the most typical first.

    What is on the way back comes first; then an operator for another, then a small change before a large one. What the
    table plants reads like no slip in a line, and comes last.

    >>> small = Mutant("m", "F.backward", "return 2 * x * d_out → return x * d_out", "")
    >>> order(small) < order(Mutant("m", "F.backward", "return 2 * x * d_out → return d_out", ""))
    True
    """
    before, after = _change(one)
    gone, come = _differs(before, after)
    operator = sum(gone.values()) == 1 and {*gone} < OPERATORS and {*come} < OPERATORS and bool(come)
    return not _sends_back(one), not after, not operator, abs(len(before) - len(after))


def _change(one: Mutant) -> tuple[str, str]:
    """Return a line and what it is changed to; of what is no change of a line, a blank."""
    before, _, after = WHICH.sub("", one.what).partition(" → ")
    return before, after


def _sends_back(one: Mutant) -> bool:
    return one.where.rpartition(".")[2].endswith(WAY_BACK) or CAME_BACK.search(_change(one)[0]) is not None


def _differs(before: str, after: str) -> tuple[Counter[str], Counter[str]]:
    """Return which words and signs are gone, and which have come."""
    old, new = Counter(TOKEN.findall(before)), Counter(TOKEN.findall(after))
    return old - new, new - old


def _by_signs(before: str, after: str) -> str:
    """Return the sort of a change in a line that sends derivatives back."""
    gone, come = _differs(before, after)
    if after.startswith(NO_NUMBER):
        return ""
    if not gone and not come:
        return "swapped" if before.startswith(PAIRS[0]) or PAIRS[1] in before else ""
    if (gone, come) == ({"+=": 1}, {"=": 1}):
        return "overwrites"
    if ({*gone}, {*come}) in OPPOSITE:
        return "sign"
    if {*come} <= {"1.0"} and not before.startswith(BRANCHES):
        came_back = any(map(CAME_BACK.fullmatch, gone))
        return "" if came_back and "/" in gone else "back" if came_back else "missing"
    return ""
