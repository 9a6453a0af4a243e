"""Where an argument may lie, as an author writes it: a word, a range, an inequality, whole numbers."""

from __future__ import annotations

import math
import re

from grader.assignment import forms
from grader.assignment.kind import Problems
from grader.model import Domain

DOMAINS = {
    "real": Domain(-1e4, 1e4),
    "positive": Domain(0.0, 1e4, nonzero=True),
    "nonzero": Domain(-1e4, 1e4, nonzero=True),
}
WHOLE = "whole"
REACH, WHOLE_REACH = 1e4, 100.0
"""How far a domain goes where nothing else is said."""

LARGEST = 1e100
RANGE = re.compile(r"\s*([^\s.]\S*?)\s*\.\.\s*(\S+)\s*")
DOTS = re.compile(r"\.{3,}")
"""`0...5` would be 0 to .5, and is hardly meant so."""

INEQUALITY = re.compile(
    r"\s*(?:(?P<lo>[^\s<>=]+)\s*(?P<above><=?))?\s*(?P<name>[^\W\d]\w*)\s*(?:(?P<sign>[<>]=?)\s*(?P<hi>[^\s<>=]+))?\s*"
)


def domain(problems: Problems, name: str, text: str) -> Domain | None:
    """Read where an argument may lie, or tell `problems` what it should be."""
    found = read(name, text)
    if found is None:
        wanted = f"one of {', '.join((*DOMAINS, WHOLE))}, a range like -500..500, or an inequality like 0 < {name} <= 1"
        near = forms.near(text, (*DOMAINS, WHOLE))
        problems.add(f"arguments.{name}", f"domain {text!r} of {name} should be {wanted}{_ends(text or '')}{near}")
    return found


def _ends(text: str) -> str:
    """Return what is wrong with a range's ends, as the end of a sentence; nothing where they are no numbers."""
    if DOTS.search(text):
        return f"; a range has two dots, write {DOTS.sub('..', text, count=1)}"
    match = RANGE.fullmatch(text)
    lo, hi = (_number(match[1]), _number(match[2])) if match else (0.0, 1.0)
    if lo > hi and match:
        return f"; this one is reversed, write {match[2]}..{match[1]}"
    return "; this one holds a single number" if lo == hi else ""


def read(name: str, text: str) -> Domain | None:
    """Return the domain that a text says for an argument, None where it says none.

    >>> read("x", "0 < x <= 1"), read("n", "whole 0..5")
    (Domain(lo=0.0, hi=1.0, nonzero=False, lo_open=True, hi_open=False, whole=False, ends=True), \
Domain(lo=0.0, hi=5.0, nonzero=False, lo_open=False, hi_open=False, whole=True, ends=True))
    """
    if text in DOMAINS:
        return DOMAINS[text]
    word, _, rest = (text or "").strip().partition(" ")
    whole = word == WHOLE
    inner = rest.strip() if whole else text or ""
    reach = WHOLE_REACH if whole else REACH
    if whole and not inner:
        return Domain(-reach, reach, whole=True)
    if DOTS.search(inner):
        return None
    if match := RANGE.fullmatch(inner):
        return _sound(_number(match[1]), _number(match[2]), False, False, whole, ends=whole)
    match = INEQUALITY.fullmatch(inner)
    if match is None or match["name"] != name or not (match["above"] or match["sign"]):
        return None
    lo, hi = (None if match[end] is None else _number(match[end]) for end in ("lo", "hi"))
    if math.nan in (lo, hi):
        return None
    opens = {"lo": match["above"] == "<", "hi": match["sign"] == "<"}
    if (match["sign"] or "").startswith(">"):
        if match["above"]:
            return None
        lo, hi, opens = hi, None, {"lo": match["sign"] == ">", "hi": False}
    return _sound(
        min(-reach, (hi or 0.0) - reach) if lo is None else lo,
        max(reach, (lo or 0.0) + reach) if hi is None else hi,
        opens["lo"] or lo is None,
        opens["hi"] or hi is None,
        whole,
        ends=True,
    )


def said(name: str, domain: Domain) -> str:
    """Return a domain as an author writes it, which reads as the same domain.

    >>> said("x", read("x", "0 < x <= 1")), said("n", read("n", "whole")), said("x", read("x", "x >= 2"))
    ('0 < x <= 1', 'whole', 'x >= 2')
    """
    word = next((word for word, one in DOMAINS.items() if one == domain), "")
    reach = WHOLE_REACH if domain.whole else REACH
    whole = f"{WHOLE} " if domain.whole else ""
    lo, hi = _written(domain.lo), _written(domain.hi)
    if word or domain == Domain(-reach, reach, whole=True):
        return word or WHOLE
    if domain.ends == domain.whole and not (domain.lo_open or domain.hi_open):
        return f"{whole}{lo}..{hi}"
    below, above = "<" if domain.lo_open else "<=", "<" if domain.hi_open else "<="
    if domain.hi_open and domain.hi == max(reach, domain.lo + reach):
        return f"{whole}{name} {below.replace('<', '>')} {lo}"
    if domain.lo_open and domain.lo == min(-reach, domain.hi - reach):
        return f"{whole}{name} {above} {hi}"
    return f"{whole}{lo} {below} {name} {above} {hi}"


def _written(number: float) -> str:
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _sound(lo: float, hi: float, lo_open: bool, hi_open: bool, whole: bool, ends: bool) -> Domain | None:
    """Return a domain with more than one number in it, None where it has not."""
    if not (lo < hi and max(abs(lo), abs(hi)) <= LARGEST):  # nor where one is no number
        return None
    found = Domain(lo, hi, lo_open=lo_open, hi_open=hi_open, whole=whole, ends=ends)
    if whole:
        first = math.floor(lo) + 1 if lo_open else math.ceil(lo)
        last = math.ceil(hi) - 1 if hi_open else math.floor(hi)
        return found if first < last else None
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
