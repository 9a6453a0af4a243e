"""What came back at the points of an exercise with checks of its own, however it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from grader.model import Input
from grader.oracle.expressions import Expression

NO_NUMBER = "a value that is no number came back"


def points(at: Sequence[Sequence[Expression]], inputs: Sequence[Input]) -> tuple[tuple[tuple[float, ...], float], ...]:
    """Return every point of an input after the other, as (arguments, d_out). A point's last formula is its `d_out`."""
    found = [[one.value((*given.args, given.d_out)) for one in point] for given in inputs for point in at]
    return tuple((tuple(args), d_out) for *args, d_out in found)


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

    @property
    def no_number(self) -> str:
        """Return what is wrong where `given` gives nothing."""

    def __len__(self) -> int:
        """Return how many points were answered."""

    def given(self, points: Sequence[int]) -> Sequence[Any] | None:
        """Return what the author's function is given for some points; None where anything of it is no number."""

    def shown(self, points: Sequence[int]) -> str:
        """Return what came back at some points, in words."""

    def snippet(self, points: Sequence[int]) -> str:
        """Return the calls at some points, to paste and run."""
