"""Sixty mistakes that beginners make: each is told in its own words, and the docs show what is said."""

from __future__ import annotations

import pytest

from tests import beginners

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told() -> beginners.Told:
    return beginners.all_told()


def test_each_mistake_is_told_in_its_own_words(told: beginners.Told) -> None:
    pairs = [pair for found in told.values() for pair in found]
    assert len(pairs) == 60
    assert [(slip.what, said) for slip, said in pairs if slip.words not in said] == []


def test_the_docs_have_the_table(told: beginners.Told) -> None:
    assert beginners.page(told) == beginners.PAGE.read_text("utf-8"), "look at it, then `python -m tests.beginners`"
