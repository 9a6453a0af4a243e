"""Is the name the right one? Hundreds of planted mistakes, each name held against what it claims.

Nothing said is believed: a name is true if what it says, worked out by hand-written formulas on points of the test's
own, is what the wrong backward returns there.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pytest

from grader.assignment.domains import DOMAINS
from grader.assignment.formulas import Formulas, Misconception
from grader.diagnosis import naming
from grader.model import Corpus, Diagnosis, Domain, Input
from grader.oracle.expressions import parse
from grader.oracle.inputs import draw
from grader.reports.text import named
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.function import Evaluation
from tests.claims import is_true, is_true_of
from tests.conftest import ROOT
from tests.mistakes import (
    FORMULAS,
    GARBAGE,
    NEARLY,
    STRANGE_VALUES,
    YES_OR_NO,
    Backward,
    Formula,
    planted,
    planted_values,
)

SEEDS = ("a", "b", "c", "d", "e")
TRIED = (*SEEDS[:1], *(pytest.param(seed, marks=pytest.mark.ci) for seed in SEEDS[1:]))
INPUTS = 50
FEWEST = 4
PLANTED = planted()
BY_TEXT = {formula.text: formula for formula in FORMULAS}


def said(found: Sequence[Diagnosis]) -> tuple[str, ...]:
    """Return names as students read them; each has a sentence of why."""
    assert all(one.why.endswith(".") for one in found)
    return tuple(map(named, found))


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
        "for x: the sign is flipped; for y, d_out was forgotten",
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
