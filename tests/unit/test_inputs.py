"""Inputs are drawn the same way everywhere, and cover what a domain has."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment.domains import DOMAINS
from grader.model import Corpus, Domain, Input
from grader.oracle.breakpoints import breakpoints
from grader.oracle.expressions import Expression, parse
from grader.oracle.inputs import EDGES, SEED_POINTS, draw

GOLDEN = [
    ((2.0, 3.0), 2.0),
    ((3.0, 2.0), 2.4),
    ((1.0, 2.0), 1.0),
    ((-2.0, 3.0), 2.1),
    ((1.73, 3.646), -1.5),
    ((4.8708169584284455, -20.623761002317554), 2563.0),
]


def test_a_seed_gives_these_inputs_on_every_version() -> None:
    corpus = draw((DOMAINS["real"], DOMAINS["real"]), parse("x * y", ["x", "y"]), 50, "a seed")
    first = [(one.args, one.d_out) for one in corpus.inputs[:4]]
    assert first == GOLDEN[:4]
    assert [one.args for one in corpus.inputs[30:32]] == [args for args, _ in GOLDEN[4:]]


@pytest.mark.parametrize("name", DOMAINS)
@given(seed=st.text(max_size=5))
@settings(max_examples=20)
def test_every_input_lies_in_its_domain(name: str, seed: str) -> None:
    domain = DOMAINS[name]
    corpus = draw((domain, domain), None, 100, seed)
    assert len(corpus.inputs) == len({one.args for one in corpus.inputs}) == 100
    for one in corpus.inputs:
        assert all(domain.lo <= x <= domain.hi and not (domain.nonzero and x == 0) for x in one.args)


@given(seed=st.text(max_size=5))
@settings(max_examples=20)
def test_every_magnitude_and_sign_is_there(seed: str) -> None:
    values = [one.args[0] for one in draw((DOMAINS["real"],), parse("x", ["x"]), 100, seed).inputs]
    for low, high in itertools.pairwise(EDGES):
        for sign in (1, -1):
            assert any(low <= sign * x <= high for x in values)


@given(seed=st.text(max_size=5))
@settings(max_examples=20)
def test_d_out_is_never_only_one(seed: str) -> None:
    sent = [one.d_out for one in draw((DOMAINS["real"],), parse("x", ["x"]), 50, seed).inputs]
    assert sent[0] == 2.0
    assert {0.0, 1.0, -1.0} <= set(sent)
    assert any(abs(d) > 100 for d in sent)
    assert any(d < 0 for d in sent)


def test_a_comparison_keeps_its_ties_and_leaves_the_nearly_tied_out() -> None:
    corpus = draw((DOMAINS["real"],) * 2, parse("x == y", ["x", "y"]), 100, "s")
    assert any(one.args[0] == one.args[1] for one in corpus.inputs)
    assert all(answer.gap == 0 or answer.gap >= 1e-2 for answer in corpus.answers)


def test_points_without_a_usable_value_are_left_out() -> None:
    corpus = draw((DOMAINS["real"],), parse("exp(x)", ["x"]), 100, "s")
    assert all(one.args[0] < 231 for one in corpus.inputs)


def test_a_domain_that_is_too_small_says_so() -> None:
    with pytest.raises(ValueError, match=r"only \d+ of 50 inputs can be drawn"):
        draw((Domain(1e-9, 2e-9),), parse("log(x - 1)", ["x"]), 50, "s")


@pytest.mark.parametrize("domain", [Domain(5.0, 6.0), Domain(-0.001, 0.001), Domain(2e4, 3e4), Domain(-3.0, -2.0)])
def test_narrow_and_far_ranges_supply_inputs(domain: Domain) -> None:
    assert len(draw((domain,), parse("x", ["x"]), 50, "s").inputs) == 50


BORDERS = {
    "a clip at 7 for one at 6": ("min(max(x, 0), 6)", "where(x < 7, max(x, 0), 6)"),
    "a clip that is not one": ("min(max(x, 0), 6)", "max(x, 0)"),
    "x < 3.5 for x < 3": ("where(x < 3, x, 2 * x)", "where(x < 3.5, x, 2 * x)"),
    "x <= 3 for x < 3": ("where(x < 3, x, 2 * x)", "where(x <= 3, x, 2 * x)"),
    "x < 2.9 for x < 3": ("where(x < 3, x, 2 * x)", "where(x < 2.9, x, 2 * x)"),
    "a border of two arguments": ("where(x > 2 * y, y, x)", "where(x > 2.2 * y, y, x)"),
    "the same, further down": ("where(x > 2 * y, y, x)", "where(x > 2 * y - 0.5, y, x)"),
    "a border at a root": ("where(x * x > 2, x, 1)", "where(x * x > 2.25, x, 1)"),
    "a strip": ("where(abs(x - 2.15) < 0.15, 1, x)", "where(abs(x - 2.15) < 0.25, 1, x)"),
    "far out": ("max(x, 1000)", "where(x > 1100, x, 1000)"),
    "a product": ("max(x * y, 1)", "where(x * y > 1.1, x * y, 1)"),
}


def of(text: str) -> tuple[tuple[Domain, ...], Expression]:
    names = ["x", "y"] if "y" in text else ["x"]
    return (DOMAINS["real"],) * len(names), parse(text, names)


@pytest.mark.parametrize("name", BORDERS)
def test_a_wrong_border_shows_under_every_seed(name: str) -> None:
    right, wrong = BORDERS[name]
    domains, expression = of(right)
    mistaken = parse(wrong, expression.arguments)
    for seed in range(40):
        corpus = draw(domains, expression, 50, f"border {seed}")
        assert any(mistaken.value(one.args) != expression.value(one.args) for one in corpus.inputs), seed


@pytest.mark.parametrize("name", BORDERS)
def test_inputs_beside_a_border_are_decided_clearly_or_tied(name: str) -> None:
    domains, expression = of(BORDERS[name][0])
    for seed in range(10):
        for one in draw(domains, expression, 50, f"border {seed}").inputs[SEED_POINTS:]:
            for difference in expression.differences(one.args).values():
                assert difference == 0.0 or abs(difference) >= 1e-6, one


@pytest.mark.parametrize("name", BORDERS)
def test_no_two_seeds_share_what_lies_beside_a_border(name: str) -> None:
    domains, expression = of(BORDERS[name][0])
    one, other = (beside(draw(domains, expression, 50, seed), expression) for seed in ("one", "another"))
    assert one
    assert not one & other


def beside(corpus: Corpus, expression: Expression) -> set[tuple[float, ...]]:
    """Return the points near a border, not those on it."""
    near = [one.args for one in corpus.inputs[SEED_POINTS:]]
    return {at for at in near if all(d != 0.0 for d in expression.differences(at).values())}


@pytest.mark.parametrize("short", [lambda x: float(f"{x:.4g}"), lambda x: round(x, 4), lambda x: float(f"{x:.8g}")])
@pytest.mark.parametrize("name", DOMAINS)
def test_a_square_right_at_short_numbers_only_shows_under_every_seed(
    name: str, short: Callable[[float], float]
) -> None:
    for seed in range(40):
        corpus = draw((DOMAINS[name],), parse("x ** 2", ["x"]), 50, f"digits {seed}")
        off = [one for one in corpus.inputs if abs(short(one.args[0]) - one.args[0]) > 1e-9 * abs(one.args[0])]
        assert any(one.d_out for one in off), seed
        assert len(off) <= 25


def test_breakpoints_are_found_wherever_branches_change_and_written_short() -> None:
    grid = [float(x) for x in range(-20, 21, 2)]
    assert breakpoints(parse("min(max(x, 0), 6)", ["x"]), (1.0,), 0, grid) == (0.0, 6.0)
    assert breakpoints(parse("where(x > 2 * y, x, y)", ["x", "y"]), (1.0, 1.5), 0, grid) == (3.0,)
    assert breakpoints(parse("where(x > 2 * y, x, y)", ["x", "y"]), (1.0, 1.5), 1, grid) == (0.5,)
    assert breakpoints(parse("relu(sin(x))", ["x"]), (1.0,), 0, [1.0, 4.0]) == pytest.approx((math.pi,))
    assert breakpoints(parse("abs(x - 2.15) < 0.15", ["x"]), (1.0,), 0, grid) == pytest.approx((2.0, 2.15, 2.3))
    assert breakpoints(parse("x * x + 1", ["x"]), (1.0,), 0, grid) == ()
    assert breakpoints(parse("where(log(x) < 0, 1, 2)", ["x"]), (1.0,), 0, [-1.0, 0.5, 3.0]) == (1.0,)


def test_every_argument_is_large_somewhere_even_where_few_pairs_are_valued() -> None:
    domains = (DOMAINS["positive"],) * 2
    for seed in range(40):
        corpus = draw(domains, parse("log(x * y) + exp(x * y)", ["x", "y"]), 50, f"far {seed}")
        for argument in range(2):
            assert any(one.args[argument] > 1000 and one.d_out for one in corpus.inputs), seed


def test_what_the_author_gives_comes_first_and_once() -> None:
    given = (Input((6.5,), 3.0), Input((2.0,), -1.0))
    corpus = draw((DOMAINS["real"],), parse("min(x, 6)", ["x"]), 50, "s", given)
    assert corpus.inputs[:2] == given
    assert len({one.args for one in corpus.inputs}) == len(corpus.inputs) == len(corpus.answers) == 50
    assert corpus.answers[0].value == 6.0
