"""Name the mistake in one of a scalar's operators, by the values that it makes of its two operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.judging.tolerance import GRAPH_MATCH_RTOL
from grader.model import Diagnosis

FEWEST_VALUES = 3
"""Pairs of operands that a name must explain; two of them can be chance."""


class OperatorMistake(msgspec.Struct, frozen=True):
    """What is said of a method, why it is wrong, and what the method then returns for its operands, left and right."""

    name: str
    why: str
    value: Callable[[float, float], float]


KNOWN: dict[str, tuple[OperatorMistake, ...]] = {
    "__sub__": (
        OperatorMistake(
            "__sub__ returns other - self",
            "Python calls x.__sub__(y) for x - y, so what stands on the left is self, and other is taken from it.",
            lambda left, right: right - left,
        ),
    ),
    "__rsub__": (
        OperatorMistake(
            "__rsub__ returns self - other, as __sub__ does",
            "Python calls x.__rsub__(2.0) for 2.0 - x: there other stands on the left, so self is taken from other.",
            lambda left, right: right - left,
        ),
    ),
    "__truediv__": (
        OperatorMistake(
            "__truediv__ returns other / self",
            "Python calls x.__truediv__(y) for x / y, so what stands on the left is self, and it is divided by other.",
            lambda left, right: right / left,
        ),
    ),
    "__rtruediv__": (
        OperatorMistake(
            "__rtruediv__ returns self / other, as __truediv__ does",
            "Python calls x.__rtruediv__(2.0) for 2.0 / x: there other stands on the left, and is divided by self.",
            lambda left, right: right / left,
        ),
    ),
    "__lt__": (
        OperatorMistake(
            "__lt__ compares the wrong way round: it returns self > other",
            "Python calls x.__lt__(y) for x < y, which must be 1.0 where self is the smaller of the two.",
            lambda left, right: float(left > right),
        ),
        OperatorMistake(
            "__lt__ returns self <= other",
            "Of two equal numbers neither is the smaller, so x < y must be 0.0 where x and y are the same.",
            lambda left, right: float(left <= right),
        ),
    ),
    "__gt__": (
        OperatorMistake(
            "__gt__ compares the wrong way round: it returns self < other",
            "Python calls x.__gt__(y) for x > y, which must be 1.0 where self is the larger of the two.",
            lambda left, right: float(left < right),
        ),
        OperatorMistake(
            "__gt__ returns self >= other",
            "Of two equal numbers neither is the larger, so x > y must be 0.0 where x and y are the same.",
            lambda left, right: float(left >= right),
        ),
    ),
}
"""Method -> its known mistakes. `left` and `right` are the operands as written: in `2.0 - x`, 2.0 is `left`."""


COMPARES = {"__lt__": "LT", "__gt__": "GT"}
"""What a method asks, with self on the left. With a number on the left Python turns the question round."""


def named(method: str, came: Sequence[tuple[float, float, float]]) -> tuple[Diagnosis, ...]:
    """Return the mistake of a method that explains every (left, right, value) that came.

    >>> [one.name for one in named("__sub__", [(3.0, 2.0, -1.0), (5.0, 2.0, -3.0), (1.0, 4.0, 3.0)])]
    ['__sub__ returns other - self']
    """
    if len(came) < FEWEST_VALUES:
        return ()
    return tuple(
        Diagnosis(one.name, one.why)
        for one in KNOWN.get(method, ())
        if all(
            abs(value - one.value(left, right)) <= GRAPH_MATCH_RTOL * max(1.0, abs(value))
            for left, right, value in came
        )
    )
