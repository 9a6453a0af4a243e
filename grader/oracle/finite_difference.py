"""Central differences with an error bound, of a function that can only be called.

Steps are powers of two, the quotient uses the points actually reached, and the rounding bound covers a function that
cancels inside.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import msgspec

UNIT = 2.0**-53
FIRST_STEP = 6.055e-6
"""The cube root of the unit roundoff: where truncation and rounding meet."""

SMALLEST = 1e-300
"""Below this a step relative to x is no longer a normal number."""

KINK_SHARE = 0.05

Batch = Callable[[Sequence[tuple[float, ...]]], Sequence[float | None]]
"""Values at many points in one call; None where the function has no finite value."""


class Level(msgspec.Struct, frozen=True):
    """One step size: the central and one-sided quotients, and the bound on their rounding."""

    central: float
    right: float
    left: float
    rounding: float
    width: float
    flat: bool

    @property
    def gap(self) -> float:
        """Return the distance between the one-sided slopes."""
        return abs(self.right - self.left)

    def kinked(self, size: float) -> bool:
        """Say whether the one-sided slopes differ by more than curvature and rounding explain."""
        return self.gap > KINK_SHARE * size + 4 * self.rounding


def central_difference(f: Batch, point: tuple[float, ...], argument: int) -> tuple[float, float] | None:
    """Return (derivative, error bound), the best of a few steps; None where `f` has too few finite values.

    At a kink the bound spans the one-sided slopes. Rounding inside `f` far beyond a few units of its value
    is not covered.
    """
    steps = sorted(set(_steps(point[argument])), reverse=True)
    levels = [level for step in steps if (level := _level(f, point, argument, step)) is not None]
    found = [(_error(level, coarser), level.central) for coarser, level in itertools.pairwise(levels)]
    if not found:
        return None
    bound, value = min(found)
    return value, bound


def _error(level: Level, coarser: Level) -> float:
    """Bound the error by how far the quotient moved: truncation falls with the square of the step."""
    moved = abs(level.central - coarser.central)
    ratio = coarser.width / level.width
    spread = level.gap / 2 if level.kinked(abs(level.central)) else 0.0
    return moved / max(1.0, min(8.0, ratio * ratio - 1)) + level.rounding + spread


def _steps(at: float) -> Iterator[float]:
    """Yield step sizes: around the best for a smooth function, then down for a sharp one, near 0 relative to x."""
    x = abs(at)
    if not math.isfinite(x):
        return
    first = 2.0 ** math.floor(math.log2(FIRST_STEP * max(1.0, x)))
    yield first
    yield from (first / 8**k for k in range(1, 3))
    yield from (first * 8**k for k in range(1, 3))
    if SMALLEST < x < 0.05:
        relative = 2.0 ** math.floor(math.log2(FIRST_STEP * x))
        yield from (relative * 8**k for k in (0, 1, 2))


def _level(f: Batch, point: tuple[float, ...], argument: int, step: float) -> Level | None:
    x = point[argument]
    above, below = x + step, x - step
    points = [(*point[:argument], at, *point[argument + 1 :]) for at in (above, x, below)]
    up, here, down = f(points)
    if up is None or here is None or down is None or not all(map(math.isfinite, (up, here, down))):
        return None
    width = above - below
    if width <= 0 or above == x or below == x:
        return None
    level = Level(
        central=(up - down) / width,
        right=(up - here) / (above - x),
        left=(here - down) / (x - below),
        rounding=8 * UNIT * (abs(up) + abs(down) + 2) / width,
        width=width,
        flat=up == here == down,
    )
    finite = map(math.isfinite, (level.central, level.right, level.left, level.rounding))
    return level if all(finite) else None  # a quotient that overflowed measures nothing
