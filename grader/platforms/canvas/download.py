"""Canvas's submissions zip as it comes, or the folder it unpacks to: every file at the top, named for its owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import msgspec

from grader.model import Submission
from grader.platforms.canvas import clashes, names
from grader.platforms.canvas.clashes import Settled
from grader.platforms.canvas.names import Name
from grader.submissions import archives
from grader.submissions.entries import Entry, Unreadable, is_junk, wanted
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.listings import Listing
from grader.submissions.names import named
from grader.submissions.people import Handed, Person
from grader.submissions.told_apart import Ignored, told_apart

Owned = dict[str, list[tuple[Name, str]]]
"""Everyone's files: what their names say, and their places."""

ENTERED = {
    "text": "it was typed into Canvas's text box, which keeps no file; hand in the file",
    "link": "a link was handed in, which the grader does not follow; hand in the file",
}


class Download(Intake):
    """A class as Canvas hands it out."""

    tells_who = True

    def __init__(self, listing: Listing, layout: Layout, files: Owned) -> None:
        """Take the files of each owner: what their names say, and where they are."""
        self._listing, self._files = listing, list(files.values())
        self._handed = [_handed(owner, [name for name, _ in found]) for owner, found in files.items()]
        known = {place for found in self._files for _, place in found}
        ignored = [Ignored(name) for name in sorted({*listing.top} - known)]
        super().__init__(layout, named([one.submission for one in self._handed], list(files)), ignored=ignored)

    def handed(self, index: int) -> Handed:
        """Return whose one is, and whether Canvas calls it late."""
        return msgspec.structs.replace(self._handed[index], submission=self.ids[index])

    def _entries(self, index: int) -> list[Entry]:
        kept = self._settled(index).kept
        if not kept:
            raise Unreadable(ENTERED[self._files[index][0][0].kind])
        entries = [self._entry(file, place) for file, place in kept.items() if wanted(file)]
        return archives.with_nested_archive(entries)

    def _read(self, index: int) -> Submission:
        found, notes = super()._read(index), self._settled(index).notes
        return msgspec.structs.replace(found, notes=(*found.notes, *notes)) if notes else found

    def _settled(self, index: int) -> Settled:
        files = [(name, place) for name, place in self._files[index] if name.kind == "file"]
        return clashes.settled(files, self._layout.modules)

    def _entry(self, file: str, place: str) -> Entry:
        return Entry(PurePosixPath(file), lambda: self._listing.entries(place)[0].read())


def recognised(listing: Listing, layout: Layout) -> Download | None:
    """Return the class, where most of what may be handed in has a name of Canvas's."""
    apart = told_apart(listing)
    files = _owned([name for name in listing.top if not listing.top[name] and not is_junk(name)])
    known = {place for found in files.values() for _, place in found}
    return Download(listing, layout, files) if len(known) > len({*apart.names} - known) else None


def _owned(listed: Iterable[str]) -> Owned:
    """Return everyone's files, of those that have a name of Canvas's."""
    found: Owned = {}
    for place in sorted(listed):
        name = names.read(place)
        if name is not None:
            found.setdefault(name.owner, []).append((name, place))
    return found


def _handed(owner: str, files: Iterable[Name]) -> Handed:
    known = list(files)
    first = known[0]
    people = () if first.anonymous else (Person(canvas=first.user),)
    return Handed(owner, people, marked_late=any(one.late for one in known), late=_late(known), source="canvas")


def _late(known: Sequence[Name]) -> int | None:
    """A file that is not marked was in time; of one that is, Canvas does not say how late it came."""
    return None if any(one.late for one in known) else 0
