"""The submissions of a class on disk: folders, single files, notebooks and zips, with junk beside them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from grader.errors import UsageError
from grader.model import Submission
from grader.submissions import archives
from grader.submissions.entries import ARCHIVES, SOURCES, Entry, is_junk, suffix
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake, distinct


class HandedIn(Intake):
    """The submissions of a folder, each named by its file; or one alone."""

    def __init__(self, folder: Path, layout: Layout, attempt: int = 1) -> None:
        """Find who handed in under `folder`. Raises UsageError where there is nothing to grade."""
        if not folder.exists():
            raise UsageError(f"{folder}: no such folder of submissions")
        if folder.is_file():
            self._folder, self._files, names = str(folder.parent), [folder.name], [folder.stem]
        else:
            self._folder = str(folder)
            self._files, dotted = _entries_of(folder)
            names = [one if one in dotted else _stem(one) for one in self._files]
        if not names:
            raise UsageError(
                f"{folder}: holds no submission (a folder, a .py file, a notebook or a .zip for each student)"
            )
        super().__init__(layout, list(distinct(names, self._files)), attempt)

    def _entries(self, index: int) -> list[Entry]:
        return archives.entries(f"{self._folder}/{self._files[index]}")


class Alone(Intake):
    """One submission, under a name that is given."""

    def __init__(self, identity: str, path: Path, layout: Layout, attempt: int = 1) -> None:
        super().__init__(layout, [identity], attempt)
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
                elif entry.is_symlink() or (entry.is_file() and suffix(entry.name) in (*SOURCES, *ARCHIVES)):
                    names.append(entry.name)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}") from None
    names.sort()
    return names, dotted


def _stem(name: str) -> str:
    return PurePosixPath(name).stem if "." in name else name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False
