"""Read how a class writes: files of forms, in parts, each part in one or several ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

WRITTEN = Path(__file__).with_name("written")
ROOT = Path(__file__).parents[2]
PART, OTHERWISE, FROM = "== ", "--", "<- "
UNMARKED, NOT_ASKED = " (unmarked)", " (not asked)"
"""Stand behind the name of what costs nothing, and of what the assignment does not even look for."""


class Part(msgspec.Struct, frozen=True):
    """A part of a file, a function or a few, and the ways it is written. With one way only, the course gave it."""

    name: str
    ways: tuple[str, ...]

    @property
    def given(self) -> bool:
        """Say whether everybody has it alike."""
        return len(self.ways) == 1


class Planted(msgspec.Struct, frozen=True):
    """Something amiss: the file and the part it stands in, what it is, and the ways it is written.

    It `costs` marks, or the assignment has it `named` alone, or does not ask for it.
    """

    module: str
    part: str
    what: str
    ways: tuple[str, ...]
    costs: bool = True
    named: bool = True

    @property
    def told(self) -> str:
        """Return where it is and what it is."""
        return f"{self.module}.{self.part}: {self.what}"


def parts(pack: str, file: str) -> tuple[Part, ...]:
    """Return the parts of one of a pack's files, in order."""
    return tuple(Part(name, ways) for name, ways in _read(WRITTEN / pack / f"{file}.txt"))


def planted(pack: str, file: str) -> tuple[Planted, ...]:
    """Return what is planted in a pack, by a file whose parts are called `module.part: what`."""
    found = []
    for name, ways in _read(WRITTEN / pack / f"{file}.txt"):
        where, _, what = name.partition(": ")
        module, _, part = where.rpartition(".")
        costs, named = not what.endswith((UNMARKED, NOT_ASKED)), not what.endswith(NOT_ASKED)
        found.append(Planted(module, part, what.removesuffix(UNMARKED).removesuffix(NOT_ASKED), ways, costs, named))
    return tuple(found)


def _read(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in f"\n{path.read_text('utf-8')}".split(f"\n{PART}")[1:]:
        name, _, body = text.partition("\n")
        yield name, tuple(_way(way.strip("\n")) for way in body.split(f"\n{OTHERWISE}\n"))


def _way(text: str) -> str:
    """Return a way to write a part, or the first lines of a file that it names: `<- FILE until LINE`."""
    if not text.startswith(FROM):
        return text
    name, _, last = text.removeprefix(FROM).partition(" until ")
    return (ROOT / name).read_text("utf-8").partition(f"\n{last}")[0].strip("\n")
