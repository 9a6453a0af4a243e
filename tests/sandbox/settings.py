"""Where the attacks are tried: on every tier, as root and as an ordinary user, on a machine and in a container."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

STEP_INTO = Path(__file__).with_name("step_into.py")
ORDINARY = 1000


class Setting(msgspec.Struct, frozen=True):
    """One place and one user, and the tier that must be found there with these layers left off."""

    name: str
    tier: int
    ordinary: bool = False
    container: bool = False
    rootless: bool = False
    skip: tuple[str, ...] = ()

    def command(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs `command` there. Only root can go elsewhere."""
        steps = ["--rootless"] * self.rootless + ["--container"] * self.container
        if self.ordinary and os.geteuid() == 0:
            steps += ["--user", str(ORDINARY)]
        return [sys.executable, str(STEP_INTO), *steps, *command] if steps else list(command)

    def reachable(self) -> bool:
        """Say whether one can go there from here."""
        return os.geteuid() == 0 or (self.ordinary and not self.container and not self.rootless)


SETTINGS = (
    Setting("root, tier 1", 1),
    Setting("root, tier 2", 2, skip=("bubblewrap",)),
    Setting("root, tier 3", 3, skip=("bubblewrap", "chroot", "uid")),
    Setting("user, tier 1", 1, ordinary=True),
    Setting("user, tier 3", 3, ordinary=True, skip=("bubblewrap",)),
    Setting("container root, tier 2", 2, container=True),
    Setting("container root, tier 3", 3, container=True, skip=("chroot", "uid")),
    Setting("container user, tier 3", 3, ordinary=True, container=True),
    Setting("rootless container, tier 2", 2, container=True, rootless=True),
)
"""Tier 2 takes root, and tier 1 takes namespaces, which a container does not give: these are all there are. A rootless
container is one that an ordinary user started, as podman's are: its root knows 65,536 users and no others."""
