"""How well a check tells apart: on planted classes whose correlation is known."""

from __future__ import annotations

import random
import statistics

import pytest

from grader.reports import overview, rows
from grader.reports.items import FEWEST, Sums
from tests.browser.planted import CLASS, FORGOTTEN, RIGHT, graded, rows_of


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_correlation(seed: int) -> None:
    rng = random.Random(seed)
    xs = [rng.choice([0.0, 0.5, 1.0]) for _ in range(60)]
    ys = [x * rng.random() * 20 + rng.random() for x in xs]
    sums = Sums()
    for x, y in zip(xs, ys):
        sums.add(x, y)
    found = sums.item("backward")
    assert found.apart == pytest.approx(statistics.correlation(xs, ys), abs=1e-6)
    assert found.right == pytest.approx(statistics.fmean(xs))
    assert not found.weak


def test_a_check_that_the_strong_lose_is_one_to_look_at() -> None:
    sums = Sums()
    for i in range(20):
        sums.add(float(i < 10), float(i))
    assert sums.item("x").weak


@pytest.mark.parametrize("values", [[(1.0, 3.0)] * 40, [(0.0, float(i)) for i in range(40)], [(1.0, 1.0)] * 3, []])
def test_where_all_are_alike_or_few_nothing_is_said(values: list[tuple[float, float]]) -> None:
    sums = Sums()
    for x, y in values:
        sums.add(x, y)
    assert sums.item("x").apart is None


def test_each_scored_check_is_held_against_all_other_exercises() -> None:
    class_ = [graded(f"u{i}", RIGHT if i % 2 else FORGOTTEN, RIGHT if i % 2 else FORGOTTEN, RIGHT) for i in range(20)]
    found = overview.of(rows_of(class_), overview.heads(class_[0]))
    assert [(one.name, one.right, one.apart) for one in found.shares[0].checks] == [("backward", 0.5, 1.0)]
    assert [one.apart for one in found.shares[2].checks] == [None]
    assert found.told_nothing == ((found.shares[2].head.title, True),)
    few = overview.of(rows_of(class_[: FEWEST - 1]), overview.heads(class_[0]))
    assert few.shares[0].checks[0].apart is None


def test_a_withheld_score_counts_in_no_check() -> None:
    withheld = [one for one in CLASS if rows.of(one).withheld]
    assert withheld
    found = overview.of(rows_of(withheld), overview.heads(withheld[0]))
    assert [check.right for one in found.shares for check in one.checks] == [0.0] * len(found.shares)
