"""Choose what a zygote can see on disk: the box's own code and an allow-list of packages, by name."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import grader

BOX = "/box"


def box_parts(packages: Sequence[str]) -> dict[str, Path]:
    """Return what belongs on the box's import path, as relative name -> where it is now.

    Packages that are not installed are left out; the zygote reports them as missing.
    """
    ours = Path(grader.__file__).parent
    parts = {"grader/__init__.py": ours / "__init__.py", "grader/sandbox": ours / "sandbox"}
    for package in dict.fromkeys(("msgspec", *(name.partition(".")[0] for name in packages))):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None or spec.origin in ("built-in", "frozen"):
            continue
        origin = Path(spec.origin)
        if "site-packages" not in origin.parts and "dist-packages" not in origin.parts:
            continue
        place = origin.parent if spec.submodule_search_locations else origin
        parts[place.name] = place
        libraries = place.with_name(f"{package}.libs")  # where wheels put the shared libraries they bring
        if libraries.is_dir():
            parts[libraries.name] = libraries
    return parts


def stage(parts: dict[str, Path], folder: Path) -> None:
    """Lay `parts` out under `folder` as links: an import path for a zygote without bubblewrap."""
    for name, place in parts.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(place)


def bubblewrap(parts: dict[str, Path], empty_dir: str, as_root: bool) -> list[str] | None:
    """Return the command prefix that puts a zygote into bubblewrap, or None where it is not installed."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    command = [program, *_namespaces(as_root), "--die-with-parent", "--new-session"]
    command += ["--tmpfs", "/", "--proc", "/proc"]
    for library in _system_folders():
        command += ["--ro-bind", str(library), str(library)]
    for link in ("/lib", "/lib64", "/bin"):
        if Path(link).is_symlink():
            command += ["--symlink", str(Path(link).readlink()), link]
        elif Path(link).is_dir():
            command += ["--ro-bind", link, link]
    for name, place in parts.items():
        command += ["--ro-bind", str(place), f"{BOX}/{name}"]
    return [*command, "--dir", empty_dir, "--chdir", "/", "--remount-ro", "/"]


def _namespaces(as_root: bool) -> list[str]:
    """As root a user namespace would hold one uid only, and every worker needs one of its own."""
    if not as_root:
        return ["--unshare-all", "--cap-drop", "ALL"]
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_CHROOT", "CAP_KILL")
    flags = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL"]
    return flags + [part for capability in kept for part in ("--cap-add", capability)]


def _system_folders() -> list[Path]:
    """The interpreter's own folders, and no site-packages: a virtual environment's base, /usr, the loader's cache."""
    wanted = [Path("/usr"), Path(sys.base_prefix), Path(sysconfig.get_path("stdlib")).parent]
    wanted.append(Path(sys.executable).resolve().parent)
    wanted.append(Path("/etc/ld.so.cache"))
    kept: list[Path] = []
    for folder in wanted:
        if folder.exists() and not any(folder.is_relative_to(other) for other in kept):
            kept.append(folder)
    return kept
