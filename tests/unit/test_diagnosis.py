"""Is the name the right one? Hundreds of planted mistakes, each name held against what it claims.

Nothing said is believed: a name is true if what it says, worked out by hand-written formulas on points of the test's
own, is what the wrong backward returns there.
"""

from __future__ import annotations

import functools
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pytest

from grader.assignment.formulas import DOMAINS, Formulas, Misconception
from grader.diagnosis import naming
from grader.model import Corpus, Diagnosis, Domain, Input
from grader.oracle.expressions import parse
from grader.oracle.inputs import draw
from grader.reports.text import named
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.function import Evaluation
from tests.conftest import ROOT
from tests.mistakes import (
    CLAIMS,
    FORMULAS,
    GARBAGE,
    NEARLY,
    STRANGE_VALUES,
    VALUE_CLAIMS,
    YES_OR_NO,
    Backward,
    Formula,
    Function,
    planted,
    planted_values,
)

SEEDS = ("a", "b", "c", "d", "e")
TRIED = (*SEEDS[:1], *(pytest.param(seed, marks=pytest.mark.ci) for seed in SEEDS[1:]))
INPUTS = 50
FEWEST = 4
PLANTED = planted()
BY_TEXT = {formula.text: formula for formula in FORMULAS}

REGION = re.compile(r"it is right only where (\S+)( is)? (>|<|=|≠|above about|below about) (\S+?)(; elsewhere (.*))?$")


def said(found: Sequence[Diagnosis]) -> tuple[str, ...]:
    """Return names as students read them; each has a sentence of why."""
    assert all(one.why.endswith(".") for one in found)
    return tuple(map(named, found))


Point = tuple[float, tuple[float, ...]]
"""d, and where."""


@functools.cache
def formulas_of(formula: Formula) -> Formulas:
    return Formulas(formula.arguments, formula.domains, parse(formula.text, formula.arguments))


def rows_of(formula: Formula, corpus: Corpus, backward: Backward) -> tuple[Evaluation, ...] | None:
    """What a student's class would answer, or None where it raises: an exception is told as one, and not named."""
    try:
        return tuple(
            Evaluation(formula.f(*one.args), tuple(float(g) for g in backward(one.d_out, *one.args)))
            for one in corpus.inputs
        )
    except (ArithmeticError, ValueError):
        return None


@functools.cache
def grid(formula: Formula) -> tuple[Point, ...]:
    """Points of the test's own, of every size and sign the domain has."""
    return tuple(_grid(formula))


def _grid(formula: Formula) -> Iterator[Point]:
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
        if not (domain.nonzero and 0.0 in point) and len(set(point)) == len(point):
            yield source.choice((-1, 1)) * source.uniform(0.3, 3), point


def is_true(name: str, formula: Formula, backward: Backward) -> bool:
    """Work out whether a name says what the backward does."""
    points = grid(formula)
    every = range(len(formula.g))
    claims: dict[int, str] = {}
    for part in re.split(r"; (?=for \w+: )", name):
        few = re.match(r"for ([\w, ]+): ", part)
        slots = [formula.arguments.index(one) for one in few[1].split(", ")] if few else list(every)
        claims |= dict.fromkeys(slots, part[few.end() :] if few else part)
    exact = "gradient exactly"
    return all(agrees(claims.get(i, exact), formula, backward, i, points) for i in every)


def agrees(claim: str, formula: Formula, backward: Backward, i: int, points: Sequence[Point]) -> bool:
    region = REGION.match(claim)
    if region:
        inside = [one for one in points if holds(region, formula, one)]
        outside = [one for one in points if not holds(region, formula, one) and not near(region, formula, one)]
        right = agrees(
            "gradient exactly", formula, backward, i, [one for one in inside if not near(region, formula, one)]
        )
        return right and (not region[6] or agrees(region[6], formula, backward, i, outside))
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
        step = re.search(r"step of (\S+)", claim)
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


@functools.cache
def corpora(seed: str, count: int = INPUTS) -> dict[str, Corpus]:
    return {
        one.text: draw(one.domains, formulas_of(one).value, count, f"{one.text}:{seed}")
        for one in (*FORMULAS, *YES_OR_NO)
    }


class Study(msgspec.Struct, frozen=True):
    """How the names of many mistakes fared: counts, and a line for each that is not plainly right."""

    counts: Counter[str]
    lines: list[str]

    def add(self, formula: Formula, words: Sequence[str], names: Sequence[str], true: Sequence[bool]) -> None:
        """Count one. Of two names that are both said one is to be true, and neither is first."""
        fits = len(names) == 1 and all(one in f"{names[0]} " for one in words)
        how = "none" if not names else "wrong" if not any(true) else "first" if fits else "tied"
        self.counts[how] += 1
        if how != "first":
            self.lines.append(f"{how}: {formula.text}: {' '.join(words)} -> {list(names)}")


@functools.cache
def study(seed: str, count: int = INPUTS) -> Study:
    """Name every planted mistake in a gradient on one set of inputs."""
    drawn, found = corpora(seed, count), Study(Counter(), [])
    for one in PLANTED:
        corpus = drawn[one.formula.text]
        rows = rows_of(one.formula, corpus, one.backward)
        if rows is not None and shows(corpus, rows):
            names = said(naming.gradients(formulas_of(one.formula), corpus, rows))
            found.add(one.formula, one.words, names, [is_true(name, one.formula, one.backward) for name in names])
    return found


@functools.cache
def study_of_values(seed: str, count: int = INPUTS) -> Study:
    """Name every planted mistake in a value on one set of inputs."""
    drawn, found = corpora(seed, count), Study(Counter(), [])
    for one in planted_values():
        corpus = drawn[one.formula.text]
        try:
            given = [float(one.forward(*asked.args)) for asked in corpus.inputs]
        except (ArithmeticError, ValueError):
            continue
        bad = sum(differ(got, answer.value, max(1.0, abs(answer.value))) for got, answer in zip(given, corpus.answers))
        if bad >= FEWEST:
            names = said(naming.values(formulas_of(one.formula), corpus, given))
            found.add(one.formula, one.words, names, [is_true_of(name, one.formula, one.forward) for name in names])
    return found


def shows(corpus: Corpus, rows: Sequence[Evaluation]) -> bool:
    """Say whether it is a mistake in this formula at all: enough rows are clearly wrong."""
    bad = 0
    for asked, answer, row in zip(corpus.inputs, corpus.answers, rows):
        assert isinstance(row.backward, tuple)
        scale = abs(asked.d_out) * max(1.0, abs(answer.value))
        bad += asked.d_out != 0 and any(
            lo == hi and differ(got, asked.d_out * lo, scale) for got, (lo, hi) in zip(row.backward, answer.partials)
        )
    return bad >= FEWEST


def differ(got: object, wanted: float, scale: float) -> bool:
    assert isinstance(got, float)
    return not abs(got - wanted) <= 1e-6 * abs(wanted) + 1e-9 * scale


def is_true_of(name: str, formula: Formula, forward: Function) -> bool:
    """Work out whether a name says what the forward does: as a gradient with d_out = 1, of one slot."""
    number = re.search(r"value is (\S+) times|value is off by a constant: (\S+)$", name)
    words = max((one for one in VALUE_CLAIMS if one in name), key=len, default=None)
    region = REGION.match(name)
    assert number or words or region, f"nobody wrote down what this claims: {name}"
    told = 0
    points = [*grid(formula), *((1.0, (v, v)) for v in (1.0, 2.5, -7.0) if len(formula.g) == 2)]
    for one in points:
        _, point = one
        try:
            wanted, got = formula.f(*point), forward(*point)
            if number:
                wanted = float(number[1]) * wanted if number[1] else wanted + float(number[2])
            elif region and (near(region, formula, one) or not holds(region, formula, one)):
                beyond = max((one for one in VALUE_CLAIMS if one in (region[6] or "")), key=len, default=None)
                if near(region, formula, one) or beyond is None:
                    continue
                wanted = VALUE_CLAIMS[beyond](formula, point)
            elif words and not region:
                wanted = VALUE_CLAIMS[words](formula, point)
        except (ArithmeticError, ValueError):
            continue
        told += 1
        if not abs(got - wanted) <= 1e-5 * abs(wanted) + 1e-9 * max(1.0, abs(formula.f(*point))):
            return False
    return told >= 5


def total(studies: Sequence[Study]) -> Counter[str]:
    return sum((one.counts for one in studies), Counter())


@pytest.mark.slow
@pytest.mark.parametrize("seed", TRIED)
def test_no_planted_mistake_gets_a_wrong_name_and_nearly_all_a_right_one(seed: str) -> None:
    found = study(seed)
    counts, every = found.counts, found.counts.total()
    assert counts["wrong"] == 0, found.lines
    assert every >= 2000
    assert counts["first"] >= 0.94 * every, found.lines
    assert counts["none"] <= 0.01 * every, found.lines


@pytest.mark.slow
@pytest.mark.parametrize("seed", TRIED)
def test_no_planted_value_gets_a_wrong_name_and_nearly_all_a_right_one(seed: str) -> None:
    found = study_of_values(seed)
    counts, every = found.counts, found.counts.total()
    assert counts["wrong"] == 0, found.lines
    assert every >= 600
    assert counts["first"] >= 0.85 * every, found.lines
    assert counts["none"] <= 0.04 * every, found.lines


@pytest.mark.slow
def test_few_inputs_cost_names_and_never_make_a_wrong_one() -> None:
    for one in (study("few", 20), study_of_values("few", 20)):
        assert one.counts["wrong"] == 0, one.lines
        assert one.counts["none"] >= 0.01 * one.counts.total()


@pytest.mark.ci
def test_the_documentation_has_the_counts() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for what, one in (("gradient", study), ("value", study_of_values)):
        counts = total([one(seed) for seed in SEEDS])
        row = [f"{counts[how]:,}" for how in ("first", "tied", "none", "wrong")]
        assert f"| {what} | {counts.total():,} | {' | '.join(row)} |" in table
    strange = total([study_of_strangers(seed) for seed in SEEDS])
    assert f"Of {strange.total():,} mistakes that are in no table" in table
    assert f"{strange['tied']} get a name" in table


@functools.cache
def study_of_strangers(seed: str) -> Study:
    """Ask for a name of mistakes that the table does not know; none is first."""
    drawn, found = corpora(seed), Study(Counter(), [])
    for formula, backward in strangers():
        rows = rows_of(formula, drawn[formula.text], backward)
        if rows is not None and shows(drawn[formula.text], rows):
            names = said(naming.gradients(formulas_of(formula), drawn[formula.text], rows))
            found.add(formula, ("no words",), names, [all(is_true(name, formula, backward) for name in names)])
    return found


@pytest.mark.parametrize("seed", TRIED)
def test_of_a_mistake_that_is_not_in_the_table_only_what_is_so_is_said(seed: str) -> None:
    found = study_of_strangers(seed)
    assert found.counts["wrong"] == found.counts["first"] == 0, found.lines
    assert found.counts.total() >= 400
    assert found.counts["tied"] <= 0.15 * found.counts.total(), found.lines


def strangers() -> Iterator[tuple[Formula, Backward]]:
    """Garbage, and every function's derivative under the name of another."""
    yield from ((BY_TEXT[text], backward) for text, backward in GARBAGE)
    for one in FORMULAS:
        for other in FORMULAS:
            if one is not other and len(one.g) == len(other.g):
                yield one, lambda d, *a, other=other: tuple(d * g(*a) for g in other.g)


@pytest.mark.parametrize("seed", TRIED)
def test_of_a_strange_value_only_what_is_so_is_said(seed: str) -> None:
    drawn = corpora(seed)
    for text, forward in STRANGE_VALUES:
        formula = BY_TEXT[text]
        try:
            given = [float(forward(*one.args)) for one in drawn[text].inputs]
        except ArithmeticError:
            continue
        names = said(naming.values(formulas_of(formula), drawn[text], given))
        assert all(is_true_of(name, formula, forward) for name in names), (text, names)


@pytest.mark.parametrize("seed", TRIED)
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.text)
def test_what_is_right_gets_no_name(formula: Formula, seed: str) -> None:
    corpus, formulas = corpora(seed)[formula.text], formulas_of(formula)
    rows = rows_of(formula, corpus, lambda d, *a: tuple(d * g(*a) for g in formula.g))
    assert rows is not None
    assert naming.gradients(formulas, corpus, rows) == ()
    assert naming.values(formulas, corpus, [row.forward for row in rows]) == ()


@pytest.mark.parametrize("seed", TRIED)
def test_an_eps_gets_no_name(seed: str) -> None:
    drawn = corpora(seed)
    for text, backward in NEARLY:
        rows = rows_of(BY_TEXT[text], drawn[text], backward)
        assert rows is not None
        assert naming.gradients(formulas_of(BY_TEXT[text]), drawn[text], rows) == (), text


def answered(text: str, backward: Callable[..., object], corpus: Corpus | None = None) -> tuple[str, ...]:
    """The names for a backward in one formula; what is no tuple is what came of a branch without a return."""
    formula = BY_TEXT[text]
    asked = corpora("s")[text] if corpus is None else corpus
    rows = tuple(Evaluation(formula.f(*one.args), backward(one.d_out, *one.args)) for one in asked.inputs)  # type: ignore[arg-type]
    return said(naming.gradients(formulas_of(formula), asked, rows))


def test_arguments_that_are_wrong_in_different_ways_are_named_one_by_one() -> None:
    assert answered("x * y ** 2", lambda d, x, y: (-d * y * y, 2.0 * x * y)) == (
        "for x: the sign is flipped; for y: d_out was forgotten",
    )


def test_the_argument_whose_derivative_was_returned_twice_is_told() -> None:
    assert answered("x * y ** 2", lambda d, x, y: (d * y * y, d * y * y)) == ("both gradients are the derivative by x",)


def test_a_branch_is_told_with_what_happens_beyond_it() -> None:
    cube = "x ** 3"
    assert answered(cube, lambda d, x: (3 * x * x * (d if x > 0 else -d),)) == (
        "it is right only where x > 0; elsewhere the sign is flipped",
    )
    assert answered(cube, lambda d, x: (3 * x * x * d,) if x < 0 else None) == ("it is right only where x < 0",)
    assert answered("x - 2 * y", lambda d, x, y: (d, -2 * d) if x > y else (0.0, d * y)) == (
        "it is right only where x > y",
    )
    assert answered(cube, lambda d, x: (3 * x * x * d if abs(x) < 10 else 1.0 * d,)) == (
        "it is right only where |x| is below about 10; elsewhere backward returns d_out alone",
    )


def test_a_formula_that_only_tends_to_the_right_one_has_no_border() -> None:
    """1 - 2 exp(-2|x|) is tanh far out, to any number of digits; nobody wrote a branch."""
    far = "tanh(x)"
    formula = BY_TEXT[far]
    asked = draw((DOMAINS["real"],), formulas_of(formula).value, 200, "s")
    assert answered(far, lambda d, x: (d * 4 * math.exp(-2 * abs(x)),), asked) == ()
    asked = draw((Domain(-30, 30),), parse("log(1 + exp(x))", ["x"]), 200, "s")
    assert answered("log(1 + exp(x))", lambda d, x: (d * max(0.0, 1 - math.exp(-x)),), asked) == ()


def test_two_names_that_differ_elsewhere_are_both_said_and_of_three_none() -> None:
    line = BY_TEXT["3 * x + 2"]

    def with_seeds(*seeds: float) -> Corpus:
        inputs = tuple(Input((float(i),), d_out) for i, d_out in enumerate(seeds))
        return Corpus(inputs, tuple(formulas_of(line).value.answer(one.args) for one in inputs))

    def cut(d: float, _x: float) -> tuple[float, ...]:
        return (3.0 * int(d),)

    assert answered(line.text, cut, with_seeds(1.7, 2.6, 3.8, 1.6, 2.9)) == (
        "d_out is cut off to a whole number",
        "d_out is rounded down to a whole number",
    )
    assert answered(line.text, cut, with_seeds(1.2, 2.4, 3.3, 1.4, 2.1)) == ()


def test_the_exercises_own_mistakes_come_first() -> None:
    formula = BY_TEXT["x ** 3"]
    own = Misconception((parse("3 * x ** 2", ["x", "d_out"]),), "as the exercise says", "and why")
    formulas = msgspec.structs.replace(formulas_of(formula), misconceptions=(own,))
    corpus = corpora("s")[formula.text]
    rows = rows_of(formula, corpus, lambda d, x: (3 * x * x,))
    assert rows is not None
    assert naming.gradients(formulas, corpus, rows) == (Diagnosis("as the exercise says", "and why"),)


def test_a_mistake_in_fewer_rows_than_four_gets_no_name() -> None:
    asked = corpora("s")["x ** 3"]
    few = {one.args for one in asked.inputs[:3]}
    assert answered("x ** 3", lambda d, x: (3 * x * x * (-d if (x,) in few else d),)) == ()


def test_values_that_are_no_numbers_get_no_name_of_numbers() -> None:
    formula = BY_TEXT["x ** 3"]
    corpus = corpora("s")[formula.text]
    for given in ([math.nan] * INPUTS, [math.inf] * INPUTS, [None] * INPUTS, [NonNumeric("str")] * INPUTS):
        assert naming.values(formulas_of(formula), corpus, given) == ()
