"""The counterexample a student gets is the simplest there is, found without chance and within a budget of calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import find, settings
from hypothesis import strategies as st

from grader.assignment.domains import DOMAINS
from grader.assignment.formulas import Formulas
from grader.exercise_kinds import simplest
from grader.exercise_kinds.wording import effort
from grader.model import Domain, Input
from grader.oracle.expressions import parse

REAL, POSITIVE = DOMAINS["real"], DOMAINS["positive"]


def formulas(value: str, **domains: Domain) -> Formulas:
    return Formulas(tuple(domains), tuple(domains.values()), parse(value, tuple(domains)))


SQUARE = formulas("x ** 2", x=REAL)
PRODUCT = formulas("x * y", x=REAL, y=REAL)


def wrong_where(test: Callable[[Input], bool], asked: list[int]) -> simplest.Wrong[str]:
    def wrong(inputs: Sequence[Input]) -> list[str | None]:
        asked.append(len(inputs))
        return ["wrong" if test(one) else None for one in inputs]

    return wrong


@pytest.mark.parametrize(
    ("of", "test", "args", "d_out"),
    [
        (SQUARE, lambda one: True, (2.0,), 1.0),
        (SQUARE, lambda one: one.d_out != 1, (2.0,), 2.0),
        (SQUARE, lambda one: one.d_out not in (0, 1, 2, 3), (2.0,), -1.0),
        (SQUARE, lambda one: one.args[0] < 0, (-2.0,), 1.0),
        (SQUARE, lambda one: one.args[0] == 0, (0.0,), 1.0),
        (SQUARE, lambda one: one.args[0] > 30, (100.0,), 1.0),
        (SQUARE, lambda one: one.args[0] % 1 != 0, (0.5,), 1.0),
        (PRODUCT, lambda one: one.args[0] != one.args[1], (2.0, 3.0), 1.0),
        (PRODUCT, lambda one: one.args[0] == one.args[1], (2.0, 2.0), 1.0),
        (PRODUCT, lambda one: one.args[0] * one.args[1] < 0, (2.0, -2.0), 1.0),
        (formulas("log(x)", x=POSITIVE), lambda one: one.args[0] < 0.2, (0.1,), 1.0),
    ],
)
def test_the_simplest_input_is_found(
    of: Formulas, test: Callable[[Input], bool], args: tuple[float, ...], d_out: float
) -> None:
    missed = [Input((377.7,) * len(args), 2.3)]
    found = simplest.simplest(of, True, missed, wrong_where(test, []))
    assert found == (Input(args, d_out), "wrong")


def test_what_no_simple_number_shows_is_shrunk_from_what_went_wrong() -> None:
    asked: list[int] = []
    wrong = wrong_where(lambda one: 200 < one.args[0] < 900 and one.d_out > 1.5, asked)
    found = simplest.simplest(SQUARE, True, [Input((377.7,), 2.31)], wrong)
    assert found == (Input((400.0,), 2.0), "wrong")
    assert sum(asked) < 800


def test_nothing_is_shown_that_does_not_go_wrong_again() -> None:
    assert simplest.simplest(SQUARE, True, [Input((377.7,), 2.3)], wrong_where(lambda one: False, [])) is None


def test_inputs_lie_in_the_domain_and_where_the_formula_has_a_value() -> None:
    seen: list[Input] = []

    def wrong(inputs: Sequence[Input]) -> list[str | None]:
        seen.extend(inputs)
        return [None] * len(inputs)

    simplest.simplest(formulas("log(x - 1)", x=Domain(0.0, 7.0)), True, [Input((3.3,), 1.0)], wrong)
    assert seen
    assert all(1.0 < one.args[0] <= 7.0 for one in seen)


NUMBERS = st.sampled_from(simplest.NUMBERS)


@pytest.mark.parametrize("threshold", [0.3, 1.2, 4.5, 19.0])
def test_hypothesis_finds_nothing_simpler(threshold: float) -> None:
    """The listed order is not taken on trust: a shrinker of another make looks for a simpler input, and finds none."""

    def bad(x: float, d: float) -> bool:
        return abs(x) > threshold and d != 1.0

    found = simplest.simplest(SQUARE, True, [], wrong_where(lambda one: bad(one.args[0], one.d_out), []))
    assert found is not None
    here = effort(found[0].args, found[0].d_out)
    pairs = st.tuples(NUMBERS, st.sampled_from(simplest.D_OUTS))
    theirs = find(pairs, lambda one: bad(*one), settings=settings(derandomize=True, database=None))
    assert here <= effort((theirs[0],), theirs[1])


def test_a_curve_leaves_out_what_has_no_value() -> None:
    plot = simplest.curve(
        formulas("log(x)", x=POSITIVE),
        Input((2.0,), 1.0),
        "value of Log",
        lambda inputs: [None if one.args[0] > 2 else 1.0 for one in inputs],
        lambda answer: answer.value,
    )
    assert plot is not None
    assert all(x > 0 for x in plot.at)
    assert len(plot.at) == len(plot.returned) == len(plot.expected)
    assert {y for x, y in zip(plot.at, plot.returned) if x > 2} == {None}
    assert simplest.curve(PRODUCT, Input((2.0, 3.0), 1.0), "", lambda inputs: [], lambda answer: None) is None
