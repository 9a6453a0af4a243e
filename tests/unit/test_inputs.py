"""Inputs are drawn the same way everywhere, and cover what a domain has."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formulas import DOMAINS
from grader.inputs import EDGES, draw
from grader.model import Domain
from grader.oracle.expressions import parse

GOLDEN = [
    ((2.0, 3.0), 2.0),
    ((3.0, 2.0), 2.4),
    ((1.0, 2.0), 1.0),
    ((-2.0, 3.0), 2.1),
    ((0.1548, -0.4175), -0.7),
    ((3.357, 2.012), -2716.0),
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
