"""What one question about a function asks in all, and what of the answer is which.

Beside an exercise's own inputs it has some of them again: as they are, with another d_out, and with every forward
before every backward. Nothing in the question says which is which. What they show is worked out here, outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from grader.model import Input
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.function import Evaluation

SCALE = -2.0
"""Another d_out is this times the first: no sign and no size stays as it was."""

FIRST_PLAIN = 6
"""So many of an exercise's own inputs come first: where all of them fail, they are the simplest to work with."""

UNASKED = Evaluation(NonNumeric("nothing"), None)
"""In place of a row that a worker did not come to. It is never right."""

Asked = tuple[tuple[float, ...], float]
T = TypeVar("T")


class Frame(msgspec.Struct, frozen=True):
    """Where in a question each thing asked is: (index of the exercise's input, times what its d_out).

    `plain`, `again`, `scaled` and `together` are places in `asked`; the last is a run.
    """

    asked: tuple[tuple[int, float], ...]
    plain: tuple[int, ...]
    again: tuple[int, ...] = ()
    scaled: tuple[int, ...] = ()
    together: tuple[int, ...] = ()

    def run(self) -> tuple[int, int]:
        """Return where the run of those asked together begins, and where it has ended."""
        return (self.together[0], self.together[-1] + 1) if self.together else (0, 0)

    def inputs(self, inputs: Sequence[Input]) -> tuple[Asked, ...]:
        """Return what is asked, in order, of these inputs."""
        return tuple((inputs[i].args, inputs[i].d_out * factor) for i, factor in self.asked)

    def rows(self, rows: Sequence[Evaluation]) -> tuple[Evaluation, ...]:
        """Return the row of each of the exercise's inputs."""
        if len(self.asked) == len(self.plain):
            return tuple(rows)
        return _at(self.plain, rows)

    def contract(self, rows: Sequence[Evaluation]) -> tuple[tuple[Evaluation, ...], ...]:
        """Return what came again, with another d_out, and together."""
        return _at(self.again, rows), _at(self.scaled, rows), _at(self.together, rows)


def _at(places: Sequence[int], rows: Sequence[Evaluation]) -> tuple[Evaluation, ...]:
    return tuple(rows[i] if i < len(rows) else UNASKED for i in places)


def plain(count: int) -> Frame:
    """Return the frame of that many inputs and nothing besides."""
    return Frame(tuple((i, 1.0) for i in range(count)), tuple(range(count)))


def with_contract(count: int, repeated: int, seed: str) -> Frame:
    """Return a frame that asks the first `repeated` of its inputs three times more, strewn among the others."""
    import random  # a self-check draws nothing

    source = random.Random(f"{seed}:frame")
    first = min(FIRST_PLAIN, count)
    run = [("together", i, 1.0) for i in range(repeated)]
    groups = [[("plain", i, 1.0)] for i in range(first, count)]
    strewn = [[("again", i, 1.0)] for i in range(repeated)] + [[("scaled", i, SCALE)] for i in range(repeated)] + [run]
    for group in strewn:
        groups.insert(int(source.random() * (len(groups) + 1)), group)
    steps = [("plain", i, 1.0) for i in range(first)] + [step for group in groups for step in group]
    places: dict[str, dict[int, int]] = {"plain": {}, "again": {}, "scaled": {}, "together": {}}
    for place, (what, i, _) in enumerate(steps):
        places[what][i] = place
    found = {what: tuple(at[i] for i in sorted(at)) for what, at in places.items()}
    return Frame(tuple((i, factor) for _, i, factor in steps), **found)
