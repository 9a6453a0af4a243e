"""Moodle's "Download all submissions" as it comes: folders for each person, or every file at the top.

Moodle names what it hands out by the person's full name, the participant's number in this assignment, and the kind of
submission: `Ada Example_123_assignsubmission_file_`. Someone who handed in files and typed a text has two such folders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import msgspec

from grader.submissions import archives
from grader.submissions.entries import Entry, Unreadable, wanted
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.listings import Listing
from grader.submissions.names import named
from grader.submissions.people import Handed, Person
from grader.submissions.told_apart import Ignored, told_apart

FOLDER = re.compile(r"(?P<name>.*)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?")
FILE = re.compile(r"(?P<name>.*?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_(?P<file>.+)")
TYPED = "it was typed into Moodle's text box, which keeps no file; hand in the file"
FILES = "file"
BLIND = "Participant"
"""What Moodle calls everybody where marking is blind."""

Owned = dict[str, list[tuple[str, str, str]]]
"""Of each person, by what their submission is called: kind, place, and the file's own name, blank for a folder."""


class MoodleDownload(Intake):
    """A class as Moodle hands it out."""

    tells_who = True

    def __init__(self, listing: Listing, layout: Layout, owned: Owned, handed: dict[str, Handed]) -> None:
        """Take what is everyone's, and who they are."""
        self._listing, self._owned, self._handed = listing, list(owned.values()), list(handed.values())
        known = {place for found in self._owned for _, place, _ in found}
        ignored = [Ignored(name) for name in sorted({*listing.top} - known)]
        super().__init__(layout, named(list(owned), list(owned)), ignored=ignored)

    def handed(self, index: int) -> Handed:
        """Return whose one is."""
        return msgspec.structs.replace(self._handed[index], submission=self.ids[index])

    def _entries(self, index: int) -> list[Entry]:
        found = self._owned[index]
        if not any(kind == FILES for kind, _, _ in found):
            raise Unreadable(TYPED)
        entries: list[Entry] = []
        for kind, place, file in found:
            if kind == FILES and file and wanted(file):
                entries.append(self._entry(place, file))
            elif kind == FILES and not file:
                entries += self._listing.entries(place)
        return archives.with_nested_archive(entries)

    def _entry(self, place: str, file: str) -> Entry:
        return Entry(PurePosixPath(file), lambda: self._listing.entries(place)[0].read())


def recognised(listing: Listing, layout: Layout) -> MoodleDownload | None:
    """Return the class, where most of what may be handed in has a name of Moodle's."""
    owned, handed = _owned(listing, listing.top)
    known = {place for found in owned.values() for _, place, _ in found}
    others = {*told_apart(listing).names} - known
    return MoodleDownload(listing, layout, owned, handed) if len(known) > len(others) else None


def _owned(listing: Listing, names: Iterable[str]) -> tuple[Owned, dict[str, Handed]]:
    """Return what is whose, of what has a name of Moodle's, and what is known of each person."""
    owned: Owned = {}
    handed: dict[str, Handed] = {}
    for place in sorted(names):
        found = FOLDER.fullmatch(place) if listing.top[place] else FILE.fullmatch(place)
        if found is None:
            continue
        name, number = found["name"].replace("_", " ").strip(), found["number"]  # Moodle puts none into a name
        called = f"{name}_{number}" if name else number
        owned.setdefault(called, []).append((found["kind"], place, found.groupdict().get("file") or ""))
        person = Person(name="" if name == BLIND else name, moodle=number)
        handed[called] = Handed(called, (person,), source="moodle", number=number)
    return owned, handed
