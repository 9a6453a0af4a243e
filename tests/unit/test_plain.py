"""Values are followed, whatever their type makes of comparisons; what is no number is described, not run."""

from __future__ import annotations

import math
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.worker.plain import gradients, number


class Always(float):
    def __eq__(self, other: object) -> bool:
        return True

    def __mul__(self, other: Any) -> float:
        return 42.0

    def __float__(self) -> float:
        return 42.0

    __hash__ = float.__hash__


class Liar:
    __class__ = float  # type: ignore[assignment]

    def __float__(self) -> float:
        return 42.0

    def __repr__(self) -> str:
        raise SystemExit


@pytest.mark.parametrize(
    "value",
    [3.0, 3, np.float64(3), np.float32(3), np.int64(3), np.array(3.0), Fraction(3), Decimal(3), Always(3.0)],
)
def test_a_number_of_any_kind_is_its_value(value: Any) -> None:
    plain = number(value)
    assert type(plain) is float
    assert plain == 3.0


def test_true_is_one() -> None:
    assert number(True) == 1.0


@pytest.mark.parametrize(
    ("value", "odd"),
    [
        (None, NonNumeric("None", "None")),
        ("abc", NonNumeric("str", "'abc'")),
        (1 + 2j, NonNumeric("complex", "(1+2j)")),
        (10**400, NonNumeric("int", "an integer too large for a float")),
        ((1.0,), NonNumeric("tuple", "")),
        (np.array([1.0, 2.0]), NonNumeric("ndarray", "")),
        ("x" * 10**6, NonNumeric("str", repr("x" * 60))),
    ],
)
def test_what_is_no_number_is_described_without_running_it(value: Any, odd: NonNumeric) -> None:
    assert number(value) == odd


def test_a_type_that_lies_about_its_class_is_not_believed() -> None:
    assert number(Liar()) == NonNumeric("Liar", "")


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("value", "arity", "expected"),
    [
        (2.0, 1, (2.0,)),
        ((2.0,), 1, (2.0,)),
        ([2.0], 1, (2.0,)),
        (np.array([2.0]), 1, (2.0,)),
        ((2.0, 3), 2, (2.0, 3.0)),
        ([2.0, 3.0], 2, (2.0, 3.0)),
        (Pair(2.0, 3.0), 2, (2.0, 3.0)),
        (np.array([2.0, 3.0]), 2, (2.0, 3.0)),
        (0.0, 2, (0.0, 0.0)),
        (2.0, 2, NonNumeric("one number", "2.0")),
        ((1.0, 2.0, 3.0), 2, NonNumeric("tuple of 3")),
        ((), 1, NonNumeric("tuple of 0")),
        (None, 2, NonNumeric("None", "None")),
        ((1.0, "a"), 2, (1.0, NonNumeric("str", "'a'"))),
    ],
)
def test_gradients_come_in_many_shapes(value: Any, arity: int, expected: Any) -> None:
    assert gradients(value, arity) == expected


def test_infinities_and_nan_stay_what_they_are() -> None:
    assert number(math.inf) == math.inf
    assert math.isnan(number(math.nan))  # type: ignore[arg-type]
