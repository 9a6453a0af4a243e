"""The pinned requirements, read: which lines of the lock hold in another place, and which of those are wanted there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from grader.errors import UsageError, missing_extra

NEEDED = ("msgspec", "pyyaml")
"""What grading itself imports. The command line's tables, bars and pages are not made in a bundle."""

PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.*))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Target(msgspec.Struct, frozen=True):
    """Where a bundle is to run: CPython of this version (`3.10`) on these systems, in the words of pip, best first.

    Ubuntu 22.04 has glibc 2.35; newer packages are built for 2.28 and no older one.
    """

    python: str
    machine: str = "x86_64"
    systems: tuple[str, ...] = ("manylinux2014", "manylinux_2_28")

    @property
    def platforms(self) -> tuple[str, ...]:
        """Return the platforms whose wheels will do."""
        return tuple(f"{one}_{self.machine}" for one in self.systems)

    def environment(self) -> dict[str, str]:
        """Return what the markers of a lock are to be held against (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }


class Pinned(msgspec.Struct, frozen=True):
    """One requirement of the lock, and the digests that a file of it may have."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def line(self) -> str:
        """Return it as pip reads it, without its marker: whoever wrote it here has looked."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{one}" for one in self.hashes)])


def read(lock: str, target: Target) -> dict[str, Pinned]:
    """Return, by name, what a lock pins for `target`. Raises UsageError for a line that pins nothing."""
    try:
        from packaging.markers import Marker  # an extra, and needed only where bundles are made
    except ModuleNotFoundError:
        raise missing_extra("`grader bundle gradescope`", "bundle") from None
    environment: dict[str, str] = target.environment()
    return {one.name: one for one, marker in _pins(lock) if marker is None or Marker(marker).evaluate(environment)}


def one(lock: str, name: str) -> Pinned:
    """Return what a lock pins under a name, wherever that is wanted. Raises UsageError."""
    found = next((pin for pin, _ in _pins(lock) if pin.name == normal(name)), None)
    if found is None:
        raise UsageError(f"the lock does not pin {name}")
    return found


def text_of(lock: Path) -> str:
    """Return a lock's text. Raises UsageError."""
    if not lock.is_file():
        raise UsageError(f"{lock}: no such lock; name the pinned requirements with --lock (requirements/run.lock)")
    try:
        return lock.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{lock}: is no text; name the pinned requirements with --lock") from None


def _pins(lock: str) -> Iterator[tuple[Pinned, str | None]]:
    """Yield each requirement of a lock with its marker. Raises UsageError for a line that pins nothing."""
    for line in lock.replace("\\\n", " ").splitlines():
        text = line.partition(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        pin = PIN.fullmatch(text.partition(" --hash")[0].strip())
        hashes = tuple(HASH.findall(text))
        if pin is None or not hashes:
            raise UsageError(f"the lock holds a line that pins nothing by hash: {text[:60]}; make it anew with hashes")
        yield Pinned(normal(pin["name"]), pin["version"], hashes), pin["marker"]


def wanted(pinned: dict[str, Pinned], imports: Iterable[str]) -> tuple[Pinned, ...]:
    """Return what a bundle carries: what grading needs, and what submissions may import. Raises UsageError."""
    allowed = dict.fromkeys(name.partition(".")[0] for name in imports)
    for module in allowed:
        if normal(module) not in pinned:
            raise UsageError(
                f"allow_imports: {module} is not pinned in the lock, so a bundle cannot carry it; pin it there with "
                "its hashes, or take it out of allow_imports"
            )
    return tuple(pinned[name] for name in sorted({*NEEDED, *map(normal, allowed)}))


def normal(name: str) -> str:
    """Return a distribution's name in the one spelling that compares (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
