"""Find what is to be checked: the assignment, from where someone stands upwards, and their files.

An assignment is a handout's own file, or a config, whose questions are prepared once and kept beside it under
`.grader`. A copy is as good as what it was made of: the config, the exercises, and the grader's own code.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

import grader
from grader import __version__
from grader.assignment.forms import near
from grader.errors import UsageError
from grader.reports import files
from grader.selfcheck import prepared
from grader.selfcheck.prepared import FILE, AssignmentBundle, EncodedExercise

CONFIG = "config.yaml"
KEPT = ".grader"


class Found(msgspec.Struct, frozen=True):
    """An assignment, and the folder it was found in; its config, where it is no handout."""

    root: Path
    assignment: AssignmentBundle
    config: Path | None = None


class Place(msgspec.Struct, frozen=True):
    """An assignment, and where a student's files for it are.

    `config`: these may be other people's files, and this is the assignment that says how to contain them. None in a
    handout, and where only the assignment's author writes.
    """

    assignment: AssignmentBundle
    home: Path
    config: Path | None = None


Making = Callable[[Path], AssignmentBundle]
"""Prepares the assignment of a config in a way of its own, such as with a student's parameters."""


def place(
    here: Path, submission: Path | None = None, config: Path | None = None, making: Making | None = None
) -> Place:
    """Return what is to be checked for someone who stands in `here`. Raises UsageError, JudgeError.

    The assignment is the one above the submission that is named, else the one above `here`.
    """
    if submission is None:
        found = assignment(here, config, making)
        return _placed(found, home(here, found), named=False)
    theirs = here / submission
    if not theirs.exists():
        raise UsageError(f"{submission}: no such folder")
    above = [] if config else [folder for folder in (theirs.resolve(), here) if _nearest(folder)]
    return _placed(assignment(above[0] if above else here, config, making), theirs, named=True)


def _placed(found: Found, home: Path, named: bool) -> Place:
    """Return where the files are, and whether they may be other people's.

    Beside a config they may, but in the folders where only its author writes: a class may lie anywhere. A folder that
    is named may be anybody's.
    """
    own = {(found.root / folder).resolve() for folder in found.assignment.own}
    is_own = not named and home.resolve() in own
    return Place(found.assignment, home, None if is_own else found.config)


def chosen(assignment: AssignmentBundle, ids: Sequence[str]) -> tuple[EncodedExercise, ...]:
    """Return the exercises of some ids, all where none is named, in the assignment's order. Raises UsageError."""
    known = [one.id for one in assignment.exercises]
    for name in ids:
        if name not in known:
            raise UsageError(f"no exercise has the id {name!r}{near(name, known)}; there are {', '.join(known)}")
    return tuple(one for one in assignment.exercises if not ids or one.id in ids)


def assignment(start: Path, config: Path | None = None, making: Making | None = None) -> Found:
    """Return the nearest assignment from `start` upwards, or that of a config. Raises UsageError, JudgeError."""
    path = config or _nearest(start)
    if path is None:
        raise UsageError(f"no assignment here or above; go into the folder of your handout ({FILE} is in it)")
    if not path.is_file():
        raise UsageError(f"{path}: no such assignment")
    if path.suffix == Path(FILE).suffix:
        if making is not None:
            raise UsageError("--student: this handout has its student's parameters already; leave it out")
        return _handed_out(path)
    return _kept(path) if making is None else Found(path.resolve().parent, making(path), path)


def _nearest(start: Path) -> Path | None:
    found = (folder / name for folder in (start, *start.parents) for name in (FILE, CONFIG))
    return next((path for path in found if path.is_file()), None)


def home(start: Path, found: Found) -> Path:
    """Return the nearest folder from `start` up to the assignment's that holds homework. Raises UsageError."""
    package = found.assignment.package
    names = {f"{name.replace('.', '/')}{ending}" for name in found.assignment.targets for ending in (".py", ".ipynb")}
    top = found.root if start.is_relative_to(found.root) else start
    for folder in (start, *start.parents):
        if package and (folder / package).is_dir():
            return folder
        if any((folder / name).exists() for name in names):
            return folder.parent if folder.name == package else folder
        if folder == top:
            break
    wanted = f"{package}/" if package else min(names, default="the homework")
    raise UsageError(
        f"no homework here: {wanted} should be in this folder; go there, or name the folder with --submission"
    )


def _handed_out(path: Path) -> Found:
    return Found(path.parent.resolve(), prepared.decode(path.read_bytes(), path.name))


def _kept(config: Path) -> Found:
    """Return a config's assignment as it was prepared earlier, or prepare it now and keep it where that can be."""
    root = config.resolve().parent
    copy = root / KEPT / f"{config.stem}{Path(FILE).suffix}"
    with contextlib.suppress(OSError, UsageError):
        kept = prepared.decode(copy.read_bytes(), copy.name)
        if kept.stamp == _stamp(config, kept.entries):
            return Found(root, kept, config)
    from grader.selfcheck import making  # reads YAML

    entries = making.entries_of(config)
    made = making.from_config(config, entries, _stamp(config, entries))
    with contextlib.suppress(OSError):
        _keep(copy, prepared.encode(made))
    return Found(root, made, config)


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    (path.parent / ".gitignore").write_text("*\n")
    files.write(path, content)


def _stamp(config: Path, entries: tuple[str, ...]) -> str:
    """Digest what an assignment is prepared from: the content of its files, and which version of the grader this is."""
    import hashlib  # a handout does without

    found = hashlib.sha256(f"{__version__} {_own_files(str(Path(grader.__file__).parent))}".encode())
    for path in (config, *_files(config.resolve().parent, entries)):
        found.update(f"\n{path.name}\n".encode() + path.read_bytes())
    return found.hexdigest()


def _files(root: Path, entries: tuple[str, ...]) -> Iterator[Path]:
    for entry in entries:
        path = root / entry
        yield from sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def _own_files(folder: str) -> list[tuple[str, int, int]]:
    """Return name, size and time of each of the grader's own sources: reading them would take most of the start."""
    found = []
    for one in os.scandir(folder):
        if one.is_dir() and one.name not in ("__pycache__", "packs"):
            found += _own_files(one.path)
        elif one.name.endswith(".py"):
            about = one.stat()
            found.append((one.name, about.st_size, about.st_mtime_ns))
    return sorted(found)
