"""A class in one archive, as platforms hand it out: a zip is read member by member, a tar once and as a whole."""

from __future__ import annotations

import io
import os
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from grader.errors import UsageError
from grader.submissions import tars
from grader.submissions.archives import members
from grader.submissions.entries import Entry, Unreadable, is_junk, is_tar, wanted

MEMBERS_CAP = 2_000_000
OWN_CAP = 512 * 1024 * 1024
GIB = 1024 * 1024 * 1024


class ClassArchive(ABC):
    """Files by name, each read when it is asked for."""

    names: Sequence[str]

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
            self.names = [info.filename for info in self._archive().infolist() if not info.is_dir()]
        except Exception:  # what a damaged one comes to differs from one Python to the next
            raise UsageError(f"{shown}: is not a zip that can be opened; download it again") from None
        if len(self.names) > MEMBERS_CAP:
            raise UsageError(f"{shown}: holds over {MEMBERS_CAP} files; is it the right one?")

    def read(self, name: str) -> bytes:
        """Return one member's bytes."""
        if self._archive().getinfo(name).file_size > OWN_CAP:
            raise UsageError(f"{self._shown}: {name} in it is over {OWN_CAP >> 20} MiB; is it the platform's?")
        try:
            return self._archive().read(name)
        except Exception:  # as above
            raise UsageError(f"{self._shown}: {name} in it is damaged; download it again") from None

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


class ClassTar(ClassArchive):
    """A tar, which has no directory: all of it that may be homework is in memory."""

    def __init__(self, raw: bytes, shown: str, whole: Sequence[str] = ()) -> None:
        """Read the tar. `shown` is what it is called; files called `whole`, the platform's own, may be of any size.

        Raises UsageError where it is none, or far too large.
        """
        self._shown = shown
        caps = tars.Caps(8 * GIB, GIB, MEMBERS_CAP, tuple(whole), every_name=True)
        try:
            self._members = {str(place): content for place, content in tars.tar_members(raw, caps)}
        except Unreadable as problem:
            raise UsageError(f"{shown}: {problem}; or unpack it, and name the folder") from None
        self.names = list(self._members)

    def read(self, name: str) -> bytes:
        """Return one member's bytes."""
        content = self._members[name]
        if isinstance(content, Unreadable):
            raise UsageError(f"{self._shown}: {name} in it is no plain file; download it again")
        return content

    def entries(self, names: Sequence[str], below: PurePosixPath) -> list[Entry]:
        """Return some members as the files of a submission."""
        here = {PurePosixPath(name): self._members[name] for name in names}
        return [tars.entry(place.relative_to(below), found) for place, found in here.items() if _is_wanted(place)]


def _is_wanted(place: PurePosixPath) -> bool:
    return wanted(place.name) and not any(map(is_junk, place.parts))


def opened(source: Path | bytes, name: str, shown: str, whole: Sequence[str]) -> ClassArchive:
    """Open a class's archive called `name`; `whole` as for a tar. Raises UsageError where it cannot be."""
    if not is_tar(name):
        return ClassZip(source, shown)
    try:
        return ClassTar(source if isinstance(source, bytes) else source.read_bytes(), shown, whole)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror or error}") from None
