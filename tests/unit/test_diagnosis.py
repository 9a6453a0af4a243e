"""Is the name the right one? Hundreds of planted mistakes, each name held against what it claims.

Nothing said is believed: a name is true if what it says, worked out by hand-written formulas on points of the test's
own, is what the wrong backward returns there.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from grader import diagnosis
from grader.formulas import Formulas
from grader.inputs import draw
from grader.model import Corpus
from grader.oracle.expressions import parse
from grader.sandbox.kinds.function import Row
from tests.mistakes import CLAIMS, FORMULAS, GARBAGE, NEARLY, Backward, Formula, Planted, planted

SEEDS = ("a", "b", "c", "d", "e")
INPUTS = 50
PLANTED = planted()
BY_TEXT = {formula.text: formula for formula in FORMULAS}

Point = tuple[float, tuple[float, ...]]
"""d, and where."""


def formulas_of(formula: Formula) -> Formulas:
    return Formulas(formula.arguments, formula.domains, parse(formula.text, formula.arguments))


def rows_of(formula: Formula, corpus: Corpus, backward: Backward) -> tuple[Row, ...] | None:
    """What a student's class would answer, or None where it raises: an exception is told as one, and not named."""
    try:
        return tuple(
            Row(formula.f(*one.args), tuple(float(g) for g in backward(one.d_out, *one.args))) for one in corpus.inputs
        )
    except (ArithmeticError, ValueError):
        return None


def grid(formula: Formula) -> Iterator[Point]:
    """Points of the test's own, of every size and sign the domain has."""
    source = random.Random(formula.text)
    domain = formula.domains[0]
    for _ in range(60):
        point = tuple(
            min(
                max((1 if domain.lo >= 0 else source.choice((-1, 1))) * 10 ** source.uniform(-2, 3), domain.lo),
                domain.hi,
            )
            if source.random() < 0.5 or domain.lo < -1e3
            else source.uniform(domain.lo, domain.hi)
            for _ in formula.g
        )
        if not (domain.nonzero and 0.0 in point) and (len(point) < 2 or point[0] != point[1]):
            yield source.choice((-1, 1)) * source.uniform(0.3, 3), point


def is_true(name: str, formula: Formula, backward: Backward) -> bool:
    """Work out whether a name says what the backward does."""
    points = list(grid(formula))
    every = range(len(formula.g))
    claims: dict[int, str] = {}
    for part in re.split(r"; (?=for \w+: )", name):
        few = re.match(r"for ([\w, ]+): ", part)
        slots = [formula.arguments.index(one) for one in few[1].split(", ")] if few else list(every)
        claims |= dict.fromkeys(slots, part[few.end() :] if few else part)
    exact = "gradient exactly"
    return all(agrees(claims.get(i, exact), formula, backward, i, points) for i in every)


def agrees(claim: str, formula: Formula, backward: Backward, i: int, points: Sequence[Point]) -> bool:
    region = re.match(
        r"it is right only where (\S+)( is)? (>|<|=|≠|above about|below about) (\S+?)(; elsewhere (.*))?$", claim
    )
    if region:
        inside = [one for one in points if holds(region, formula, one)]
        outside = [one for one in points if not holds(region, formula, one) and not near(region, formula, one)]
        right = agrees(
            "gradient exactly", formula, backward, i, [one for one in inside if not near(region, formula, one)]
        )
        return right and (not region[6] or agrees(region[6] + ":", formula, backward, i, outside))
    predict = claimed(claim)
    assert predict is not None, f"nobody wrote down what this claims: {claim}"
    told = 0
    for d, point in points:
        try:
            got, wanted = backward(d, *point)[i], predict(formula, point, d, i)
            scale = abs(d) * max(1.0, abs(formula.f(*point)))
        except (ArithmeticError, ValueError):
            continue
        told += 1
        step = re.search(r"step of (\S+),", claim)
        noise = 1e-13 / float(step[1]) * (abs(point[i]) + 1) if step else 0.0
        if not abs(got - wanted) <= 1e-5 * abs(wanted) + (1e-9 + noise) * scale:
            return False
    return told >= 5


def claimed(claim: str) -> Callable[[Formula, tuple[float, ...], float, int], float] | None:
    if claim == "gradient exactly":
        return lambda o, a, d, i: d * o.g[i](*a)
    number = re.search(r"is (\S+) times|constant: (\S+)$|multiplied by d_out: (\S+)$", claim)
    if number:
        by = float(number[1] or number[2] or number[3])
        if number[1]:
            return (
                (lambda o, a, d, i: by * o.g[i](*a))
                if "what is left" in claim
                else lambda o, a, d, i: by * d * o.g[i](*a)
            )
        return (lambda o, a, d, i: d * o.g[i](*a) + by) if number[2] else lambda o, a, d, i: d * (o.g[i](*a) + by)
    words = max((one for one in CLAIMS if one in claim + " "), key=len, default=None)
    return CLAIMS[words] if words else None


def of(region: re.Match[str], formula: Formula, one: Point) -> tuple[float, float]:
    d, point = one
    names = {**dict(zip(formula.arguments, point)), "d_out": d}
    left = abs(names[region[1].strip("|")]) if "|" in region[1] else names[region[1]]
    return left, names[region[4]] if region[4] in names else float(region[4])


def holds(region: re.Match[str], formula: Formula, one: Point) -> bool:
    left, right = of(region, formula, one)
    return {">": left > right, "<": left < right, "=": left == right, "≠": left != right}.get(
        region[3], left > right if "above" in region[3] else left < right
    )


def near(region: re.Match[str], formula: Formula, one: Point) -> bool:
    """A border is said to about where it is: between the last row that is wrong and the first that is right."""
    left, right = of(region, formula, one)
    return "about" in region[3] and abs(left - right) <= 0.7 * abs(right)


def corpora(seed: str) -> dict[str, Corpus]:
    return {one.text: draw(one.domains, formulas_of(one).value, INPUTS, f"{one.text}:{seed}") for one in FORMULAS}


def study(seed: str) -> tuple[Counter[str], dict[str, list[str]]]:
    """Name every planted mistake on one set of inputs, and say how each name fared."""
    drawn = corpora(seed)
    counts: Counter[str] = Counter()
    said: dict[str, list[str]] = {}
    for one in PLANTED:
        corpus = drawn[one.formula.text]
        rows = rows_of(one.formula, corpus, one.backward)
        if rows is None or not shows(one, corpus, rows):
            continue
        names = diagnosis.gradients(formulas_of(one.formula), corpus, rows)
        how = verdict(one, names)
        counts[how] += 1
        said.setdefault(how, []).append(f"{one.formula.text}: {one.words} -> {names}")
    return counts, said


def shows(one: Planted, corpus: Corpus, rows: Sequence[Row]) -> bool:
    """Say whether it is a mistake in this formula at all: at least 4 rows are clearly wrong."""
    bad = 0
    for asked, answer, row in zip(corpus.inputs, corpus.answers, rows):
        wanted = [asked.d_out * lo for lo, hi in answer.partials if lo == hi]
        assert isinstance(row.backward, tuple)
        if len(wanted) == len(row.backward) and asked.d_out:
            bad += any(
                not abs(float(got) - want) <= 1e-6 * abs(want) + 1e-9 * abs(asked.d_out) * max(1, abs(answer.value))  # type: ignore[arg-type]
                for got, want in zip(row.backward, wanted)
            )
    return bad >= 4


def verdict(one: Planted, names: Sequence[str]) -> str:
    if not names:
        return "none"
    if not all(is_true(name, one.formula, one.backward) for name in names):
        return "wrong"
    return "first" if all(words in names[0] + " " for words in one.words) else "tied"
