"""Find where a formula changes its branch along one argument: at comparisons, min, max, relu and abs.

A mistake in a border shows only between the border that is meant and the one that was written, so inputs are wanted
on either side and close by. The borders are found from the formula itself, by scanning for a change of sign and
bisecting, which works for any formula in any number of arguments.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression

BISECTIONS = 60
ROUNDS = 2
"""The second scan starts from what the first has found: `abs(x - y) < 0.01` changes twice beside the kink of abs."""

SAME = 1e-9
"""Two places nearer than this are one."""

Differences = dict[int, float]


def breakpoints(
    expression: Expression, point: Sequence[float], argument: int, grid: Sequence[float]
) -> tuple[float, ...]:
    """Return where two sides meet as one argument moves over `grid`, the others as in `point`, those nearest 0 first.

    A meeting point that can be written with few digits is returned so, and meets exactly.
    """
    line = _Line(expression, point, argument)
    found: list[float] = []
    for _ in range(ROUNDS):
        met = list(found)
        for low, high in itertools.pairwise(sorted({*grid, *found})):
            met += line.between(low, high)
        found = _distinct(met)
    return tuple(sorted(found, key=abs))


def _distinct(values: Sequence[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > SAME * max(1.0, abs(value)):
            kept.append(value)
    return kept


class _Line:
    """The differences of a formula's branches along one argument."""

    def __init__(self, expression: Expression, point: Sequence[float], argument: int) -> None:
        self._expression = expression
        self._before, self._after = tuple(point[:argument]), tuple(point[argument + 1 :])
        self._known: dict[float, Differences] = {}

    def at(self, x: float) -> Differences:
        """Return the differences at one place; none where the formula is undefined."""
        if x not in self._known:
            try:
                self._known[x] = self._expression.differences((*self._before, x, *self._after))
            except Undefined:
                self._known[x] = {}
        return self._known[x]

    def between(self, low: float, high: float) -> Iterator[float]:
        """Yield where a difference is 0 or changes its sign in [low, high)."""
        left, right = self.at(low), self.at(high)
        for branch in left.keys() & right.keys():
            if left[branch] == 0.0 != right[branch]:
                yield low
            elif right[branch] == 0.0 != left[branch]:
                yield high
            elif (left[branch] < 0.0) != (right[branch] < 0.0):
                yield self._met(branch, low, high)

    def _met(self, branch: int, low: float, high: float) -> float:
        """Return where a difference changes its sign: at once where it is linear, else by bisecting."""
        left, right = self.at(low)[branch], self.at(high)[branch]
        straight = low - left * ((high - low) / (right - left))
        if self.at(straight).get(branch) == 0.0:
            return self._shortest(branch, straight)
        for _ in range(BISECTIONS):
            middle = low + (high - low) / 2
            difference = self.at(middle).get(branch)
            if difference is None or middle in (low, high):
                break
            if difference == 0.0:
                return self._shortest(branch, middle)
            low, high = (middle, high) if (difference < 0.0) == (left < 0.0) else (low, middle)
        return self._shortest(branch, high)

    def _shortest(self, branch: int, x: float) -> float:
        """Return the number of fewest digits beside `x` at which the difference is exactly 0, or `x`."""
        rounded = (float(f"{x:.{digits}g}") for digits in range(1, 13))
        return next((one for one in rounded if abs(one - x) <= SAME and self.at(one).get(branch) == 0.0), x)
