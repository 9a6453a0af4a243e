"""What a plan knows of parameters that are drawn per student: each set of numbers once, whoever has it."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.assignment.exercise import Exercise

Numbers = dict[str, tuple[int, ...]]
"""Exercise id -> the numbers of its parameters, in their order."""

Key = tuple[str, tuple[int, ...]]
"""An exercise's id, and its numbers."""


class Piece(msgspec.Struct, frozen=True):
    """An exercise as it is asked with some numbers: its questions, and why it cannot be asked, blank where it can.

    `plain` is the exercise as others see it; both are the same but for how much is told.
    """

    exercise: Exercise
    plain: Exercise
    public: Any = None
    private: Any = None
    fault: str = ""


class PerStudent(msgspec.Struct, frozen=True):
    """Whose parameters are which, and all that is worked out for them.

    `numbers` are those of each submission, and `unknown` says of the others why nobody knows theirs. `pieces` and
    `units` fill up as they are wanted: what a unit provides depends on few numbers, mostly on none, and is built once
    for those. `matter` are the exercises whose numbers are in what a unit provides, by the unit's place: those of
    `Plan.units`, then those of `Plan.together`. `seed` is what inputs are drawn from. `fingerprint` tells one secret
    from another, and nothing of it.
    """

    numbers: dict[str, Numbers]
    unknown: dict[str, str]
    seed: str | None
    fingerprint: str
    matter: tuple[frozenset[str], ...] = ()
    pieces: dict[Key, Piece] = {}
    units: dict[tuple[int, frozenset[Key]], Any] = {}
