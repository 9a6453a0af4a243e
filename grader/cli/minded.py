"""What several commands say to staff, beside what they are asked for."""

from __future__ import annotations

from grader.assignment import seeds
from grader.cli.common import say
from grader.grading.config import Assignment


def mind_the_seed(assignment: Assignment, seed: str | None = None) -> None:
    """Say, where private inputs are drawn from it, that a seed can be guessed. `seed` is one given in its place."""
    concern = seeds.concern(assignment.corpus.seed if seed is None else seed) if assignment.corpus.private else ""
    if concern:
        say(concern)
