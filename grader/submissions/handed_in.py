"""The submissions of a class on disk: folders, single files, notebooks and zips, with junk beside them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from grader.errors import UsageError
from grader.model import Submission
from grader.submissions import archives
from grader.submissions.entries import Entry, cannot_be_read, is_homework, is_junk, placeholder_of, real_name
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.names import Named, Rostered, named, nobody


class HandedIn(Intake):
    """The submissions of a folder, each named by its file; or one alone."""

    def __init__(self, folder: Path, layout: Layout, attempt: int = 1, rostered: Rostered = nobody) -> None:
        """Find who handed in under `folder`. Raises UsageError where there is nothing to grade."""
        if not folder.exists():
            raise UsageError(f"{folder}: no such folder of submissions")
        if folder.is_file():
            self._folder, self._files, names = str(folder.parent), [folder.name], [_stem(folder.name)]
        else:
            self._folder = str(folder)
            self._files, dotted = _entries_of(folder)
            names = [one if one in dotted else _stem(one) for one in self._files]
        if not names:
            raise UsageError(
                f"{folder}: holds no submission (a folder, a .py file, a notebook or a .zip for each student)"
            )
        super().__init__(layout, named(names, self._files, rostered), attempt)

    def _entries(self, index: int) -> list[Entry]:
        return archives.entries(f"{self._folder}/{self._files[index]}")


class Alone(Intake):
    """One submission, under a name that is given."""

    def __init__(self, identity: str, path: Path, layout: Layout, attempt: int = 1) -> None:
        super().__init__(layout, Named([identity]), attempt)
        self._path = path

    def _entries(self, _: int) -> list[Entry]:
        return archives.entries(self._path)


def read(identity: str, path: Path, layout: Layout, attempt: int = 1) -> Submission:
    """Read one submission: a folder, a .py file or a zip. One that cannot be read says so in its `problem`."""
    return Alone(identity, path, layout, attempt)[0]


def find(folder: Path, layout: Layout) -> list[Submission]:
    """Read every submission under `folder`, by id. Raises UsageError where there is none to grade."""
    return list(HandedIn(folder, layout))


def _entries_of(folder: Path) -> tuple[list[str], set[str]]:
    """Return the names of all that is handed in under `folder`, in order, and those of folders with a dot in them."""
    names: list[str] = []
    dotted: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_junk(entry.name):
                    continue
                if _is_folder(entry):
                    names.append(entry.name)
                    if "." in entry.name:
                        dotted.add(entry.name)
                elif entry.is_symlink() or (entry.is_file() and is_homework(entry.name)):
                    names.append(entry.name)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}") from None
    return _without_asides(sorted(names), dotted), dotted


def _without_asides(names: list[str], dotted: set[str]) -> list[str]:
    """Leave out what cannot be read of whoever handed in something else: u1.pdf beside u1.py."""
    asides = {name for name in names if cannot_be_read(name) and name not in dotted}
    if not asides:
        return names
    others = {name if name in dotted else _stem(name) for name in names if name not in asides}
    return [name for name in names if name not in asides or _stem(name) not in others]


def _stem(name: str) -> str:
    """Return whose a file is by its name, without any of its endings: s1 for s1.py.txt, s1.tar.gz, .s1.py.icloud."""
    if "." not in name:
        return name
    name = real_name(placeholder_of(name) or name)
    stem = PurePosixPath(name).stem
    return stem.removesuffix(".tar") if cannot_be_read(name) else stem


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False
