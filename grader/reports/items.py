"""How hard a check is, and how well it tells who knows the rest from who does not: counted, a student at a time."""

from __future__ import annotations

import math

import msgspec

SIGNS = {"1": 1.0, "h": 0.5, "0": 0.0}
FEWEST = 10
"""Students from whom on it is said how well a check tells apart: among fewer it is chance."""

WEAK = 0.1
"""A check that tells apart less than this is one to look at."""


class Item(msgspec.Struct, frozen=True):
    """One check in a class: the share of its points that was earned, and how well it tells apart.

    `apart` is the correlation, from -1 to 1, between what it earned and the points for all other exercises; None where
    it says nothing: few students, or all alike.
    """

    name: str
    right: float
    apart: float | None

    @property
    def weak(self) -> bool:
        """Say whether somebody should look at it."""
        return self.apart is not None and self.apart < WEAK


class Sums:
    """What a correlation is made of."""

    def __init__(self) -> None:
        self._n, self._x, self._y, self._xx, self._yy, self._xy = 0, 0.0, 0.0, 0.0, 0.0, 0.0

    def add(self, x: float, y: float) -> None:
        """Count one student: what the check earned of its points, 0 to 1, and the points for the rest."""
        self._n += 1
        self._x += x
        self._y += y
        self._xx += x * x
        self._yy += y * y
        self._xy += x * y

    def item(self, name: str) -> Item:
        """Return what they come to.

        >>> sums = Sums()
        >>> for i in range(10):
        ...     sums.add(float(i > 4), 3.0 * (i > 4))
        >>> sums.item("forward")
        Item(name='forward', right=0.5, apart=1.0)
        """
        n = self._n
        spread = (n * self._xx - self._x**2) * (n * self._yy - self._y**2)
        apart = None
        if n >= FEWEST and spread > 1e-9 * max(self._xx * self._yy, 1.0):
            apart = round((n * self._xy - self._x * self._y) / math.sqrt(spread), 6)
        return Item(name, self._x / n if n else 0.0, apart)
