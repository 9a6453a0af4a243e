"""What this machine can contain, found by letting a worker try to break out."""

from __future__ import annotations

import contextlib
import sys

import msgspec

from grader.errors import JudgeError
from grader.sandbox import advice
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor

DESCRIPTIONS = {
    1: "bubblewrap around a locked-down worker",
    2: "a locked-down worker with a user of its own, no bubblewrap",
    3: "a locked-down worker under your own user",
    4: "no system-call filter: other people's code is refused",
}


class Containment(msgspec.Struct, frozen=True):
    """The tier that was found, the layers that took hold, and what got through."""

    tier: int
    layers: tuple[str, ...]
    breaches: tuple[str, ...]
    problem: str = ""

    def describe(self) -> str:
        """Return the tier in words."""
        return self.problem or DESCRIPTIONS[self.tier]

    def meets(self, required: int) -> bool:
        """Say whether the tier is as good as the one that is required, or better: the lower, the better."""
        return self.tier <= required

    def too_weak(self, required: int, so: str, who: str = "this machine") -> str:
        """Return the sentence on a tier that does not meet what is required; nothing where it does.

        `so` is what was not done for it, and what to do now; `who` was tried.
        """
        if self.meets(required):
            return ""
        return (
            f"{who} offers containment tier {self.tier} ({self.describe()}); the assignment requires tier {required} "
            f"or better (lower), so {so}"
        )

    def advice(self) -> str:
        """Return the command that would raise the tier on this machine, or nothing at the top."""
        return advice.raising(self.tier, advice.facts())

    def missing(self) -> tuple[str, ...]:
        """Return the layers that did not take hold, each with what it adds."""
        return tuple(f"{name}: {what}" for name, what in advice.LAYERS.items() if name not in self.layers)


def contained(box: Box, supervisor: Supervisor | None = None) -> Containment:
    """Start a worker, let it try, and name the tier. Never raises for a machine that cannot contain.

    A `supervisor` of this box that has more to do keeps its zygote for that.
    """
    if not sys.platform.startswith("linux"):
        return Containment(4, (), (), problem=f"no containment on {sys.platform}: other people's code is refused")
    try:
        with Supervisor(box) if supervisor is None else contextlib.nullcontext(supervisor) as trying:
            layers, breaches = trying.probe()
    except (JudgeError, OSError) as error:
        return Containment(4, (), (), problem=f"the sandbox does not start here ({error})")
    return Containment(_tier(layers, breaches), layers, breaches)


def held(box: Box, found: Containment) -> Box:
    """Return the box that holds every zygote to what the probe found."""
    return msgspec.structs.replace(box, bubblewrap="always" if "bubblewrap" in found.layers else "never")


def _tier(layers: tuple[str, ...], breaches: tuple[str, ...]) -> int:
    if breaches or "seccomp" not in layers:
        return 4
    if "bubblewrap" in layers:
        return 1
    return 2 if "chroot" in layers and "uid" in layers else 3
