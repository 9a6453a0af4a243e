"""Find the student's own helper modules: beside what is graded, in folders below, and in the folder above.

Their names are dotted from the package on: `utils` is utils.py or utils/__init__.py, `utils.ops` utils/ops.py, with an
`__init__` or without one. `__init__` is the package's own. What lies directly beside the homework comes along; a
module further away only where a source that is read names every part of its name, so that of a whole repository no
more is read than is needed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from grader.submissions.choices import INIT
from grader.submissions.entries import UNLIKELY, Entry, Unreadable
from grader.submissions.sources import Source, called, is_notebook, source

COUNT_CAP = 60
SIZE_CAP = 1024 * 1024
"""Bytes of all helpers together."""

WORD = re.compile(r"\w+")


class Helper(msgspec.Struct, frozen=True):
    """A helper module: its dotted name, part by part, and its file. `beside`: it lies beside the homework."""

    parts: tuple[str, ...]
    entry: Entry
    beside: bool = False

    @property
    def name(self) -> str:
        """Return the name it is imported by, from the package on."""
        return ".".join(self.parts)


def helpers(
    entries: Sequence[Entry],
    home: PurePosixPath,
    package: str,
    modules: Sequence[str],
    sources: Mapping[str, Source],
    notes: list[str],
) -> dict[str, Source]:
    """Return the helper modules of a homework by dotted name, and add to `notes` what was left out.

    `home` is the folder that the homework is in, `modules` are the assignment's own, and `sources` what was read of
    them. Raises Unreadable, OSError.
    """
    read = {path for path, _ in sources.values()}
    others = [one for one in entries if str(one.path) not in read]
    found = _all(others, home, package, [name.casefold() for name in modules])
    if not found:
        return {}
    chosen = _Chosen(notes)
    if len(found) > COUNT_CAP:  # what is named comes first
        found = chosen.named(found, sources.values())
    chosen.take(one for one in found if one.beside)
    folders = {part for name in sources for part in name.split(".")[:-1]}  # a file in one may import from it
    further = [one for one in found if not one.beside]
    if further:
        chosen.named(further, [*sources.values(), *chosen.taken.values()], folders)
    if chosen.left_out:
        were = "was" if chosen.left_out == 1 else "were"
        notes.append(f"{chosen.left_out} of its other modules {were} left out: {COUNT_CAP} are read, of 1 MiB in all")
    return chosen.taken


class _Chosen:
    """The helpers that are read, within the caps."""

    def __init__(self, notes: list[str]) -> None:
        self.taken: dict[str, Source] = {}
        self.left_out = 0
        self._size = 0
        self._notes = notes

    def take(self, found: Iterable[Helper]) -> list[Source]:
        """Read helpers, in their order, and return what was read."""
        read = []
        for one in found:
            if len(self.taken) >= COUNT_CAP or self._size > SIZE_CAP:
                self.left_out += 1
                continue
            notes: list[str] = []
            try:
                this = source(one.entry, notes)
            except Unreadable as problem:  # it costs what needs it
                self._notes.append(f"{called(one.entry)} was left out: {problem}")
                continue
            self._size += len(this[1])
            if self._size > SIZE_CAP:
                self.left_out += 1
                continue
            self.taken[one.name] = this
            self._notes += notes
            read.append(this)
        return read

    def named(self, found: list[Helper], sources: Iterable[Source], known: Iterable[str] = ()) -> list[Helper]:
        """Take what the sources name, and what is named there in turn; return the helpers that nothing names.

        `known` are words that are named whatever the sources say.
        """
        words = set(known)
        fresh = list(sources)
        while fresh:
            words.update(*(WORD.findall(text.decode("utf-8", "replace")) for _, text in fresh))
            wanted = [one for one in found if words.issuperset(one.parts)]
            found = [one for one in found if not words.issuperset(one.parts)]
            fresh = self.take(wanted)
        return found


def _all(entries: Sequence[Entry], home: PurePosixPath, package: str, modules: Sequence[str]) -> list[Helper]:
    """Return everything that may be a helper, nearest first. Of two with a name the nearer counts."""
    if not entries:  # most classes hand in one file
        return []
    below: dict[tuple[str, ...], Helper] = {}
    above: dict[tuple[str, ...], Helper] = {}
    depth, outer = len(home.parts), home.parts[:-1]
    for entry in sorted(entries, key=lambda one: (len(one.path.parts), str(one.path))):
        parts = entry.path.parts
        if is_notebook(entry):
            continue
        if parts[:depth] == home.parts:
            _put(below, parts[depth:], entry, package, modules)
        elif home.parts and parts[: depth - 1] == outer:
            _put(above, parts[depth - 1 :], entry, package, modules)
    taken = {parts[0] for parts in below} | sys.stdlib_module_names | {INIT}  # a `random` up there is not in the way
    outside = [Helper(one.parts, one.entry) for parts, one in above.items() if parts[0] not in taken]
    found = [*below.values(), *outside]
    files = {one.parts for one in found if one.entry.path.stem != INIT}
    return [one for one in found if not any(one.parts[:i] in files for i in range(1, len(one.parts)))]


def _put(
    found: dict[tuple[str, ...], Helper],
    path: tuple[str, ...],
    entry: Entry,
    package: str,
    modules: Sequence[str],
) -> None:
    """Add a file by its module's name, where it has one and may be a helper; an earlier one of its name stays."""
    *folders, file = path
    stem = file[: -len(".py")]
    inside = folders[1:] if folders[:1] == [package] else folders  # the homework may lie above the rest of its package
    parts = tuple(inside) if inside and stem == INIT else (*inside, stem)
    name, top = ".".join(parts).casefold(), parts[0].casefold()
    beside_modules = len(parts) > 1 and any(
        one.startswith(f"{top}.") for one in modules
    )  # ops.helper by ops.arithmetic
    if (
        name in modules
        or (top in modules and not beside_modules)
        or not all(map(str.isidentifier, parts))
        or not UNLIKELY.isdisjoint(inside)
    ):
        return
    earlier = found.get(parts)
    if earlier is None or (stem == INIT and earlier.entry.path.stem != INIT):  # as Python has it
        found[parts] = Helper(parts, entry, beside=not folders)
