"""How a submission is contained, as records: limits, and what is there to import."""

from __future__ import annotations

from typing import Literal

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """CPU and wall limits in seconds, memory in bytes above an idle worker's, output in characters."""

    exercise_cpu: float = 2.0
    submission_cpu: float = 20.0
    wall_factor: float = 5.0
    memory: int = 256 * 1024 * 1024
    output: int = 64 * 1024


class Box(msgspec.Struct, frozen=True):
    """How to contain: limits, what is imported beforehand, and the layers to leave off (for proofs only).

    What is `on_mention` is imported only where a submission names one: a zygote without it starts and forks faster.
    """

    limits: Limits
    preload: tuple[str, ...] = ()
    on_mention: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    bubblewrap: Literal["where it works", "always", "never"] = "where it works"
    """What a probe found once must hold for every zygote after it: a tier is never lowered in silence."""
