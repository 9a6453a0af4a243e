"""Functions of different submissions that equal each other but for comments and locals: a fact, and nobody's charge."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from grader.reports import files

FILE = "same.jsonl"

NOT_WHOLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

Digests = Mapping[str, str]
"""Function, as `module.name` -> what tells it from those that differ, in hexadecimal."""


class Kept(msgspec.Struct, frozen=True):
    """What is known of one submission: a line of the file."""

    submission: str
    functions: dict[str, str]


class Same(msgspec.Struct, frozen=True):
    """A function that several submissions have alike."""

    function: str
    students: tuple[str, ...]


class Report:
    """What a report folder holds, read anew each time it is gone through: of a large class it is too much to hold."""

    def __init__(self, out: Path) -> None:
        self._path = out / FILE

    def __iter__(self) -> Iterator[Kept]:
        """Yield the submissions; nothing where there is no file, and none after a line that is not whole."""
        with contextlib.suppress(OSError, *NOT_WHOLE), self._path.open("rb") as lines:
            for line in lines:
                yield _LINES.decode(line)


_LINES = msgspec.json.Decoder(Kept)


def keep(out: Path, found: Iterable[tuple[str, Digests]], of: Collection[str], order: Mapping[str, int]) -> None:
    """Put what is found `of` some, as it comes, among what was known of the others of the class, and forget the rest.

    `order` says who is in the class, and where: it is that of `found` and of the file. Raises OSError.
    """
    _forget_drafts(out)
    new = (Kept(name, dict(functions)) for name, functions in found)
    old = (one for one in Report(out) if one.submission in order and one.submission not in of)
    lines = heapq.merge(new, old, key=lambda one: order[one.submission])
    files.write_all(out / FILE, (msgspec.json.encode(one) + b"\n" for one in lines))


def forget(out: Path) -> None:
    """Take away the file, and what a run that was killed had of it."""
    (out / FILE).unlink(missing_ok=True)
    _forget_drafts(out)


def _forget_drafts(out: Path) -> None:
    for draft in out.glob(f".{FILE}.*"):
        draft.unlink(missing_ok=True)


def groups(kept: Iterable[Kept]) -> list[Same]:
    """Return the functions that two or more submissions share, what most share first. `kept` is gone through twice.

    >>> groups([Kept("u1", {"engine.f": "aa"}), Kept("u2", {"engine.f": "aa"}), Kept("u3", {"engine.f": "bb"})])
    [Same(function='engine.f', students=('u1', 'u2'))]
    """
    once: set[int] = set()
    again: set[int] = set()
    for one in kept:
        for told in map(hash, one.functions.items()):  # of a large class even the texts are too much to hold
            (again if told in once else once).add(told)
    several: dict[tuple[str, str], list[str]] = {}
    for one in kept:
        for function in one.functions.items():
            if hash(function) in again:
                several.setdefault(function, []).append(one.submission)
    found = [Same(function, tuple(sorted(names))) for (function, _), names in several.items() if len(names) > 1]
    return sorted(found, key=lambda one: (-len(one.students), one.function, one.students))
