"""A grading that has not come to its end: how far it came, so that nothing of an earlier one is taken for its own.

While a class is graded, `unfinished.jsonl` lists what is done, a line each. Its first line says of how many. The file
goes when all are done, so one that is still there is of a run that was interrupted, or that is under way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from grader.reports import files

NAME = "unfinished.jsonl"


class _Head(msgspec.Struct, frozen=True):
    of: int


class Unfinished(msgspec.Struct, frozen=True):
    """What is done of a grading, by name, and of how many."""

    done: frozenset[str]
    of: int

    def __str__(self) -> str:
        """Return how far it came: `38 of 2,000`."""
        return f"{len(self.done):,} of {self.of:,}"


def read(folder: Path) -> Unfinished | None:
    """Return how far the grading under `folder` came; None where it came to its end, or there is none."""
    try:
        head, *lines = (folder / NAME).read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        of = msgspec.json.decode(head, type=_Head).of
    except msgspec.MsgspecError:
        return Unfinished(frozenset(), 0)
    return Unfinished(frozenset(_names(lines[:-1])), of)  # behind the last line's end something may have been cut off


def _names(lines: Iterable[bytes]) -> Iterable[str]:
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=str)
        except msgspec.MsgspecError:  # the disk was full, or a write was cut off and another came behind it
            continue


def said(folder: Path) -> str:
    """Return what to tell whoever reads reports of an unfinished grading; blank where it is whole."""
    found = read(folder)
    return "" if found is None else f"the grading is not finished: {found} are graded"


def warning(folder: Path) -> str:
    """Return the same with what to do about it."""
    told = said(folder)
    return told and f"{told}; `grader grade` with the same folder goes on"


class Journal:
    """Keeps what is done, as it is done. Each line is out of our hands at once: a kill loses none."""

    def __init__(self, folder: Path, of: int, done: Collection[str] = ()) -> None:
        """Start with what is `done` already. Raises OSError."""
        self._path = folder / NAME
        lines = [msgspec.json.encode(_Head(of)), *map(msgspec.json.encode, sorted(done))]
        files.write(self._path, b"\n".join(lines) + b"\n")
        self._file: BinaryIO = self._path.open("ab", buffering=0)

    def add(self, name: str) -> None:
        """Note that one is done. Raises OSError."""
        self._file.write(msgspec.json.encode(name) + b"\n")

    def finish(self) -> None:
        """Note that all are."""
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
