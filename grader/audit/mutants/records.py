"""What an audit finds: for every piece of code the mistakes planted in it, for every exercise what it is good for."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

Fate = Literal["caught", "missed", "equivalent"]
"""What became of a planted mistake: lost points where it should, lost none, or is no mistake, for a reason given."""


class Verdicts(msgspec.Struct, frozen=True):
    """What one submission got from some exercises under one seed: exercise -> check -> verdict.

    `lost` says for an exercise how the first check with points was lost. `points`: exercise -> (earned, possible).
    """

    of: dict[str, dict[str, str]]
    diagnosis: tuple[str, ...] = ()
    lost: dict[str, str] = {}
    points: dict[str, tuple[Fraction, Fraction]] = {}


class Mistake(msgspec.Struct, frozen=True):
    """One planted mistake and its fate. `by`: the checks that caught it, under every seed; `because`: the reason given.

    `lost`: those that it lost under every seed, whether or not they are there to catch it.

    `named`: "right", "none" or "other", where the mistake has a name that its diagnosis should give. `line`: where it
    is in the reference's file, 0 where lines were added. `gets`: what a submission with one that was missed gets.
    """

    name: str
    fate: Fate
    by: tuple[str, ...] = ()
    because: str = ""
    named: str = ""
    line: int = 0
    gets: str = ""
    lost: tuple[str, ...] = ()


class CodeAudit(msgspec.Struct, frozen=True):
    """One function or class of the reference, the exercises that have it under test, and what was planted in it.

    `inputs`: the fewest public inputs that catch everything, of the numbers tried; None where that was not asked.
    `styles`: right code in other styles, with what it lost, if anything.
    """

    module: str
    name: str
    exercises: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    styles: dict[str, tuple[str, ...]]
    inputs: int | None = None

    def count(self, fate: Fate) -> int:
        """Return how many mistakes met this fate."""
        return sum(one.fate == fate for one in self.mistakes)


class ExerciseAudit(msgspec.Struct, frozen=True):
    """One exercise: the seeds under which its reference lost points, what the template earned, its checks' worth.

    `safe`: checks with points that no planted mistake loses. `milliseconds`: what each check costs, on the reference.
    `because`: how the reference lost points, under the first of those seeds.
    """

    id: str
    reference_lost: tuple[str, ...]
    template_earned: tuple[str, ...]
    safe: tuple[str, ...]
    milliseconds: dict[str, float]
    because: str = ""


class Audit(msgspec.Struct, frozen=True):
    """The whole of it. `problems` is empty where every exercise is proved, and says in words what is not.

    `drawn` are audits of the exercises with parameters at other numbers, which `numbers` says.
    """

    assignment: str
    seeds: int
    reference_seeds: int
    codes: tuple[CodeAudit, ...]
    exercises: tuple[ExerciseAudit, ...]
    problems: tuple[str, ...]
    numbers: str = ""
    drawn: tuple[Audit, ...] = ()

    @property
    def proved(self) -> bool:
        """Say whether every exercise is proved, at all the numbers that were tried."""
        return not self.problems and all(one.proved for one in self.drawn)
