"""The submissions of a class, by id: folders, single files, notebooks and zips, with junk beside them."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import overload

import msgspec

from grader.errors import UsageError
from grader.model import Submission
from grader.submissions import archives, homes
from grader.submissions.entries import ARCHIVES, SOURCES, Unreadable, clean_id, is_junk, suffix
from grader.submissions.homes import Layout


class HandedIn(Sequence[Submission]):
    """The submissions of a folder, by id. Each is read when it is asked for and none is kept, so that a class of any
    size is never in memory; only the names are.
    """

    def __init__(self, folder: Path, layout: Layout, attempt: int = 1) -> None:
        """Find who handed in under `folder`. Raises UsageError where there is nothing to grade."""
        self._folder, self._layout, self._attempt = folder, layout, attempt
        if not folder.exists():
            raise UsageError(f"{folder}: no such folder of submissions")
        if folder.is_file():
            self._folder, self._files, names = folder.parent, [folder.name], [folder.stem]
        else:
            self._files, dotted = _entries_of(folder)
            names = [one if one in dotted else _stem(one) for one in self._files]
        if not names:
            raise UsageError(
                f"{folder}: holds no submission (a folder, a .py file, a notebook or a .zip for each student)"
            )
        self.ids: Sequence[str] = list(_identified(names, self._files))

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> Submission: ...

    @overload
    def __getitem__(self, index: slice) -> list[Submission]: ...

    def __getitem__(self, index: int | slice) -> Submission | list[Submission]:
        """Read a submission. One that cannot be read says so in its `problem`."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        read = _read(self.ids[index], self._folder / self._files[index], self._layout)
        return msgspec.structs.replace(read, attempt=self._attempt) if self._attempt != 1 else read


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


def _identified(names: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    """Yield an id of its own for every submission: two names that clean up alike must not share a result."""
    cleaned = [name if name == (clean := clean_id(name)) else clean for name in names]  # one string, where it is one
    hashes = sorted(hash(one.casefold()) for one in cleaned)  # far smaller than the names again, or a count of each
    suspect = {one for one, following in itertools.pairwise(hashes) if one == following}
    counts = Counter(key for one in cleaned if hash(key := one.casefold()) in suspect)
    import hashlib  # one's own desk does without

    for identity, file in zip(cleaned, files):
        if counts[identity.casefold()] > 1:
            yield f"{identity}~{hashlib.sha256(os.fsencode(file)).hexdigest()[:6]}"
        else:
            yield identity


def _read(identity: str, path: Path, layout: Layout) -> Submission:
    try:
        return homes.submission(identity, archives.entries(path), layout)
    except Unreadable as problem:
        return Submission(identity, problem=str(problem))
    except Exception as error:  # whatever a hostile archive does to a decoder costs its own submission only
        said = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return Submission(identity, problem=f"the submission could not be read: {said}")
