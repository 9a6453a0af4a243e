"""What would raise the tier on this machine: the exact command, from what is there and what is switched off."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

INSTALLERS: dict[str, str] = {
    "apt-get": "apt-get install bubblewrap",
    "dnf": "dnf install bubblewrap",
    "zypper": "zypper install bubblewrap",
    "pacman": "pacman -S bubblewrap",
    "apk": "apk add bubblewrap",
}
"""Package manager -> how it installs bubblewrap."""

SWITCHES: dict[str, tuple[int, int]] = {
    "kernel.unprivileged_userns_clone": (0, 1),
    "user.max_user_namespaces": (0, 15000),
    "kernel.apparmor_restrict_unprivileged_userns": (1, 0),
}
"""Kernel setting -> (the value that blocks user namespaces, one that allows them)."""

LAYERS: dict[str, str] = {
    "bubblewrap": "namespaces of its own: no network, no other processes, no files but the interpreter's",
    "arguments": "no command line, which every user could read and a submission could write",
    "chroot": "an empty root folder (as root)",
    "uid": "a user of its own for every worker (as root)",
    "landlock": "no file, network or signal rights (Linux 5.13 and newer, where it is switched on)",
    "seccomp": "some thirty system calls, each with the arguments that a computation gives, and no others",
}
"""Layer -> what it adds; without seccomp there is no containment, and the others stand behind it."""


class Facts(msgspec.Struct, frozen=True):
    """What decides about advice: the user, bubblewrap, the package managers there are, kernel settings that are."""

    root: bool
    bubblewrap: bool
    installers: tuple[str, ...] = ()
    settings: Mapping[str, int] = {}


def facts() -> Facts:
    """Look around."""
    found = {}
    for name in SWITCHES:
        try:
            found[name] = int(Path("/proc/sys", *name.split(".")).read_text())
        except (OSError, ValueError):
            continue
    installers = tuple(name for name in INSTALLERS if shutil.which(name))
    return Facts(os.geteuid() == 0, shutil.which("bwrap") is not None, installers, found)


def raising(tier: int, here: Facts) -> str:
    """Return what would raise the tier, or nothing at the top."""
    if tier <= 1:
        return ""
    if tier >= 4:
        return "run on Linux 5.3 or newer (x86_64 or aarch64), for instance in a container (docs/container.md)"
    root = "" if here.root else "sudo "
    other = "" if tier == 2 else ", or run as root in a container (docs/container.md), which is tier 2"
    if not here.bubblewrap:
        command = next((INSTALLERS[name] for name in here.installers), INSTALLERS["apt-get"])
        return f"{root}{command}{other}"
    blocked = [f"{name}={SWITCHES[name][1]}" for name, value in here.settings.items() if value == SWITCHES[name][0]]
    if blocked and not here.root:  # root's bubblewrap needs no user namespace
        return f"{root}sysctl -w {' '.join(blocked)}{other}"
    return (
        "bubblewrap is installed and may not make namespaces: a container without CAP_SYS_ADMIN does not let it "
        f"(docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined would){other}"
    )
