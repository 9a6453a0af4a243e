"""What lies at the top of a class, in a folder or in an archive: the same questions, whichever it is."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from pathlib import Path, PurePosixPath

from grader.errors import UsageError
from grader.submissions import archives, class_archive
from grader.submissions.class_archive import A_CLASS, OWN_CAP, PERHAPS, ClassArchive
from grader.submissions.entries import Entry, Unreadable, bounded
from grader.submissions.tars import Caps


class Listing(ABC):
    """A folder of a class. `shown` is what to call it; `top` says of every name in it whether it is a folder.

    `special` are the names of pipes, sockets and devices, which are never opened.
    """

    shown: str
    top: Mapping[str, bool]
    special: Collection[str] = ()

    @abstractmethod
    def entries(self, name: str) -> list[Entry]:
        """Return the files that one name stands for: those in a folder, or itself. Raises Unreadable, OSError."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return the bytes of a file of the platform's own. Raises UsageError."""

    @abstractmethod
    def holds(self, name: str, names: Sequence[str]) -> bool:
        """Say whether all of these names are in a folder."""

    @abstractmethod
    def below(self, name: str) -> Listing:
        """Return what a folder or an archive holds. Raises UsageError."""

    def submission(self, name: str) -> list[Entry]:
        """Return the files that one name stands for as a submission's: a lone archive is opened.

        Raises Unreadable, OSError.
        """
        return archives.with_nested_archive(self.entries(name))


class Folder(Listing):
    """A folder on disk."""

    def __init__(self, path: Path) -> None:
        """List it. Raises UsageError where that cannot be done."""
        self.shown, self._path = str(path), os.fspath(path)
        try:
            with os.scandir(path) as listed:
                entries = sorted(listed, key=attrgetter("name"))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
        self.top = {entry.name: _is_folder(entry) for entry in entries}
        self.special = {one.name for one in entries if not (self.top[one.name] or one.is_symlink() or one.is_file())}

    def entries(self, name: str) -> list[Entry]:
        """Return the files that one name stands for."""
        path = f"{self._path}/{name}"
        if os.path.islink(path):  # noqa: PTH114 - as below
            raise Unreadable("the submission is a link to somewhere else; hand in the files themselves")
        if self.top[name]:
            return archives.folder_entries(path)
        return [Entry(PurePosixPath(name), lambda: bounded(path))]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of the platform's own."""
        path = Path(self._path, name)
        try:
            if path.stat().st_size > OWN_CAP:
                raise UsageError(f"{path}: is over {OWN_CAP >> 20} MiB; is it the platform's?")
            return path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None

    def holds(self, name: str, names: Sequence[str]) -> bool:
        """Say whether all of these names are in a folder."""
        return all(os.path.lexists(f"{self._path}/{name}/{one}") for one in names)

    def below(self, name: str) -> Listing:
        """Return what a folder or an archive in it holds."""
        path = Path(self._path, name)
        return Folder(path) if self.top[name] else packed(path, PERHAPS)


class Packed(Listing):
    """A folder in an archive."""

    def __init__(self, archive: ClassArchive, shown: str, root: PurePosixPath) -> None:
        """Take what lies in the folder `root` of an archive."""
        self.shown, self._archive, self._root = shown, archive, root
        depth = len(root.parts)
        self._members: dict[str, list[str]] = {}
        self.top = {}
        for place in archive.names:
            parts = PurePosixPath(place.replace("\\", "/")).parts
            if parts[:depth] == root.parts and len(parts) > depth:
                name = parts[depth]
                self._members.setdefault(name, []).append(place)
                self.top[name] = self.top.get(name, False) or len(parts) > depth + 1
        for place in archive.folders:  # an empty one is somebody's too
            parts = PurePosixPath(place.replace("\\", "/")).parts
            if parts[:depth] == root.parts and len(parts) > depth:
                self.top[parts[depth]] = True
                self._members.setdefault(parts[depth], [])

    def entries(self, name: str) -> list[Entry]:
        """Return the files that one name stands for."""
        return self._archive.entries(self._members[name], self._root / name if self.top[name] else self._root)

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of the platform's own."""
        return self._archive.read(self._members[name][0])

    def holds(self, name: str, names: Sequence[str]) -> bool:
        """Say whether all of these names are in a folder."""
        depth = len(self._root.parts) + 1
        there = {parts[depth] for one in self._members[name] if len(parts := PurePosixPath(one).parts) > depth}
        return there.issuperset(names)

    def below(self, name: str) -> Listing:
        """Return what a folder or an archive in it holds."""
        shown = f"{self.shown}/{name}"
        if self.top[name]:
            return Packed(self._archive, shown, self._root / name)
        return Packed(class_archive.opened(self.read(name), shown, PERHAPS), shown, PurePosixPath())


def packed(path: Path, caps: Caps = A_CLASS) -> Packed:
    """Return what an archive on disk holds, which may be as large as `caps` say. Raises UsageError."""
    return Packed(class_archive.opened(path, str(path), caps), str(path), PurePosixPath())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Say whether an entry is a folder, or a link to nothing that is a file: it stands for somebody's work too."""
    try:
        return entry.is_dir() or (entry.is_symlink() and not entry.is_file())
    except OSError:  # a link that leads round in a circle
        return True
