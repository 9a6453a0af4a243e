"""A class in one zip, as platforms hand it out: of any size, opened where it lies and read member by member."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from grader.errors import UsageError
from grader.submissions.archives import members
from grader.submissions.entries import Entry

MEMBERS_CAP = 2_000_000
OWN_CAP = 512 * 1024 * 1024


class ClassZip:
    """The zip, opened anew by every process that reads from it: they would move each other's place in the file."""

    def __init__(self, path: Path) -> None:
        """Look into the zip at `path`. Raises UsageError where it is none."""
        self._path = path
        self._opened: dict[int, zipfile.ZipFile] = {}
        try:
            self.names: Sequence[str] = [info.filename for info in self._archive().infolist() if not info.is_dir()]
        except Exception:  # what a damaged one comes to differs from one Python to the next
            raise UsageError(f"{path}: is not a zip that can be opened; download it again") from None
        if len(self.names) > MEMBERS_CAP:
            raise UsageError(f"{path}: holds over {MEMBERS_CAP} files; is it the right one?")

    def read(self, name: str) -> bytes:
        """Return one member's bytes, of the platform's own. Raises UsageError where it is far too large or damaged."""
        if self._archive().getinfo(name).file_size > OWN_CAP:
            raise UsageError(f"{self._path}: {name} in it is over {OWN_CAP >> 20} MiB; is it the platform's?")
        try:
            return self._archive().read(name)
        except Exception:  # as above
            raise UsageError(f"{self._path}: {name} in it is damaged; download it again") from None

    def entries(self, names: Sequence[str], below: PurePosixPath) -> list[Entry]:
        """Return some members as the files of a submission, named from the folder `below` on. Raises Unreadable."""
        archive = self._archive()
        found = members(archive, [archive.getinfo(name) for name in names])
        return [Entry(one.path.relative_to(below), one.read) for one in found]

    def _archive(self) -> zipfile.ZipFile:
        if os.getpid() not in self._opened:
            self._opened = {os.getpid(): zipfile.ZipFile(self._path)}
        return self._opened[os.getpid()]
