"""What came back at the points of an exercise with checks of its own, however it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec


class Returned(msgspec.Struct, frozen=True):
    """What came back at one point where something is sent back: the value, and the gradients, one per argument."""

    value: float
    gradients: tuple[float, ...]

    @property
    def gradient(self) -> float:
        """Return the gradient by the first argument, which mostly is the only one."""
        return self.gradients[0]


class Answers(Protocol):
    """All answers of one half. `points` are places among all points that were asked, one input's after the other's."""

    def __len__(self) -> int:
        """Return how many points were answered."""

    def given(self, points: Sequence[int]) -> Sequence[Any] | None:
        """Return what the author's function is given for some points; None where anything of it is no number."""

    def shown(self, points: Sequence[int]) -> str:
        """Return what came back at some points, in words."""

    def snippet(self, points: Sequence[int]) -> str:
        """Return the calls at some points, to paste and run."""
