"""A class in one archive, as platforms hand it out: a zip is read member by member, a tar once and as a whole."""

from __future__ import annotations

import functools
import io
import os
import tempfile
import weakref
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec

from grader.errors import UsageError
from grader.submissions import tars
from grader.submissions.archives import is_a_tar, members, unzipped
from grader.submissions.entries import Entry, Unreadable, cap, is_junk, too_large, wanted
from grader.submissions.tars import Caps

MEMBERS_CAP = 2_000_000
OWN_CAP = 512 * 1024 * 1024
GIB = 1024 * 1024 * 1024
PLATFORMS_OWN = ("submission_metadata.yml",)
"""Files of a platform's own, which may be far larger than homework."""

A_CLASS = Caps(64 * GIB, 16 * GIB, MEMBERS_CAP, PLATFORMS_OWN, every_name=True)
"""For the archive that somebody names: it may be as large as a class is."""

PERHAPS = Caps(whole=PLATFORMS_OWN, every_name=True)
"""For one that lies alone, and may be a student's: no larger than theirs may be."""


class ClassArchive(ABC):
    """Files by name, each read when it is asked for, and the folders that are in it by themselves."""

    names: Sequence[str]
    folders: Sequence[str]

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return one member's bytes, of the platform's own. Raises UsageError where it is far too large or damaged."""

    @abstractmethod
    def entries(self, names: Sequence[str], below: PurePosixPath) -> list[Entry]:
        """Return some members as the files of a submission, named from the folder `below` on. Raises Unreadable."""


class ClassZip(ClassArchive):
    """A zip of any size, opened anew by every process that reads from it: they would move each other's place in it."""

    def __init__(self, source: Path | bytes, shown: str) -> None:
        """Look into the zip. `shown` is what it is called. Raises UsageError where it is none."""
        self._source, self._shown = source, shown
        self._opened: dict[int, zipfile.ZipFile] = {}
        try:
            infos = self._archive().infolist()
            first = min((info.header_offset for info in infos), default=0)
        except Exception:  # what a damaged one comes to differs from one Python to the next
            raise UsageError(f"{shown}: is not a zip that can be opened; download it again") from None
        if first:
            raise UsageError(f"{shown}: has something before the zip, which nobody would read; download it again")
        self.names = [info.filename for info in infos if not info.is_dir()]
        self.folders = [info.filename for info in infos if info.is_dir()]
        if len(infos) > MEMBERS_CAP:
            raise UsageError(f"{shown}: holds over {MEMBERS_CAP} files; is it the right one?")

    def read(self, name: str) -> bytes:
        """Return one member's bytes."""
        try:
            return unzipped(self._archive(), self._archive().getinfo(name), OWN_CAP)
        except Unreadable as problem:
            raise UsageError(f"{self._shown}: {problem}; is it the platform's? Download it again") from None

    def entries(self, names: Sequence[str], below: PurePosixPath) -> list[Entry]:
        """Return some members as the files of a submission."""
        archive = self._archive()
        found = members(archive, [archive.getinfo(name) for name in names])
        return [Entry(one.path.relative_to(below), one.read) for one in found]

    def _archive(self) -> zipfile.ZipFile:
        if os.getpid() not in self._opened:
            source = io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source
            self._opened = {os.getpid(): zipfile.ZipFile(source)}
        return self._opened[os.getpid()]


class Kept(msgspec.Struct, frozen=True):
    """Where a file's bytes are kept."""

    at: int
    size: int


class ClassTar(ClassArchive):
    """A tar, which has no directory: what may be homework is read once and kept in a file without a name."""

    def __init__(self, source: Path | bytes, shown: str, caps: Caps) -> None:
        """Read the tar. `shown` is what it is called. Raises UsageError where it is none, is damaged, or too large."""
        self._shown, self._members = shown, dict[str, "Kept | Unreadable"]()
        folders: list[str] = []
        try:
            with (
                io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file,
                tempfile.TemporaryFile() as kept,
            ):
                for place, content in tars.tar_members(file, caps):
                    if content is None:
                        folders.append(str(place))
                    elif isinstance(content, Unreadable):
                        self._members[str(place)] = content
                    else:
                        self._members[str(place)] = Kept(kept.tell(), len(content))
                        kept.write(content)
                kept.flush()
                self._fd = os.dup(kept.fileno())
                weakref.finalize(self, os.close, self._fd)
        except Unreadable as problem:
            raise UsageError(f"{shown}: {problem}; or download it again, or unpack it and name the folder") from None
        except OSError as error:
            raise UsageError(f"{shown}: cannot be read or kept: {error.strerror or error}") from None
        self.names, self.folders = list(self._members), folders

    def read(self, name: str) -> bytes:
        """Return one member's bytes."""
        found = self._members[name]
        if isinstance(found, Unreadable):
            raise UsageError(f"{self._shown}: {name} in it is no plain file; download it again")
        return os.pread(self._fd, found.size, found.at)  # every process has the same place in the file

    def entries(self, names: Sequence[str], below: PurePosixPath) -> list[Entry]:
        """Return some members as the files of a submission."""
        found = []
        for name in names:
            kept, place = self._members[name], PurePosixPath(name)
            if isinstance(kept, Unreadable):
                raise kept
            if wanted(place.name) and not any(map(is_junk, place.parts)):
                found.append(Entry(place.relative_to(below), functools.partial(self._bounded, name)))
        return found

    def _bounded(self, name: str) -> bytes:
        found = self.read(name)
        return found if len(found) <= cap(name) else too_large(name)


def opened(source: Path | bytes, shown: str, caps: Caps) -> ClassArchive:
    """Open a class's archive. What it is, its first bytes say. Raises UsageError where it cannot be."""
    try:
        start = source[:6] if isinstance(source, bytes) else _start(source)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror or error}") from None
    return ClassTar(source, shown, caps) if is_a_tar(shown, start) else ClassZip(source, shown)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(6)
