"""Canvas's submissions zip as it comes, or the folder it unpacks to: every file at the top, named for its owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from grader.platforms.canvas import names
from grader.platforms.canvas.names import Name
from grader.submissions import archives
from grader.submissions.class_zip import ClassZip
from grader.submissions.entries import Entry, Unreadable, bounded, is_junk, wanted
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.names import named
from grader.submissions.people import Handed, Person

ENTERED = {
    "text": "it was typed into Canvas's text box, which keeps no file; hand in the file",
    "link": "a link was handed in, which the grader does not follow; hand in the file",
}


class Download(Intake):
    """A class as Canvas hands it out."""

    tells_who = True

    def __init__(self, path: Path, layout: Layout, files: dict[str, list[tuple[Name, str]]], zipped: ClassZip | None):
        """Take the files of each owner: what their names say, and where they are."""
        self._path, self._zip, self._files = path, zipped, list(files.values())
        self._handed = [_handed(owner, [name for name, _ in found]) for owner, found in files.items()]
        super().__init__(layout, named([one.submission for one in self._handed], list(files)))

    def handed(self, index: int) -> Handed:
        """Return whose one is, and whether Canvas calls it late."""
        return msgspec.structs.replace(self._handed[index], submission=self.ids[index])

    def _entries(self, index: int) -> list[Entry]:
        found = sorted(self._files[index], key=lambda one: one[0].attachment)
        kept = {name.file: place for name, place in found if name.kind == "file"}  # of two alike the later counts
        if not kept:
            raise Unreadable(ENTERED[found[0][0].kind])
        entries = [self._entry(file, place) for file, place in kept.items() if wanted(file)]
        return archives.with_nested_zip(entries)

    def _entry(self, file: str, place: str) -> Entry:
        if self._zip is None:
            return Entry(PurePosixPath(file), lambda: bounded(str(self._path / place)))
        (member,) = self._zip.entries([place], PurePosixPath(place).parent)
        return Entry(PurePosixPath(file), member.read)


def recognised(path: Path, layout: Layout) -> Download | None:
    """Return the class, where every file has a name of Canvas's."""
    if path.is_dir():
        listed = [one.name for one in path.iterdir() if not is_junk(one.name)]
        files = _owned(listed) if not any((path / one).is_dir() for one in listed) else None
        return Download(path, layout, files, None) if files else None
    zipped = ClassZip(path)
    owned = _owned([name for name in zipped.names if not is_junk(name.partition("/")[0])])
    return Download(path, layout, owned, zipped) if owned else None


def _owned(listed: Sequence[str]) -> dict[str, list[tuple[Name, str]]] | None:
    """Return everyone's files; None where one is not of Canvas's naming, or there is none."""
    found: dict[str, list[tuple[Name, str]]] = {}
    for place in sorted(listed):
        name = names.read(place) if "/" not in place else None
        if name is None:
            return None
        found.setdefault(name.owner, []).append((name, place))
    return found or None


def _handed(owner: str, files: Iterable[Name]) -> Handed:
    known = list(files)
    first = known[0]
    people = () if first.anonymous else (Person(canvas=first.user),)
    return Handed(owner, people, marked_late=any(one.late for one in known), late=_late(known), source="canvas")


def _late(known: Sequence[Name]) -> int | None:
    """A file that is not marked was in time; of one that is, Canvas does not say how late it came."""
    return None if any(one.late for one in known) else 0
