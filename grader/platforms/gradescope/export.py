"""Gradescope's "Download submissions" as it comes: an archive or the folder it unpacks to, groups and all."""

from __future__ import annotations

import re

import msgspec

from grader.platforms.gradescope import people
from grader.platforms.gradescope.metadata import moment
from grader.platforms.gradescope.people import Submitted
from grader.submissions.entries import Entry
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.listings import Listing
from grader.submissions.names import named
from grader.submissions.people import Handed
from grader.submissions.told_apart import Ignored

METADATA = "submission_metadata.yml"
FOLDER = re.compile(r"submission_\d+")
SHOWN_OF_GROUP = 3


class Export(Intake):
    """A class as Gradescope exports it."""

    tells_who = True

    def __init__(self, listing: Listing, layout: Layout) -> None:
        """Read who handed in what. Raises UsageError where the metadata are not Gradescope's."""
        self._listing = listing
        entries = people.read(listing.read(METADATA), f"{listing.shown}: {METADATA}")
        self._there = {name for name in listing.top if FOLDER.fullmatch(name)}
        entries |= {one: Submitted(one.partition("_")[2]) for one in self._there if one not in entries}
        self._folders = sorted(entries)
        self._handed = [_handed(entries[folder]) for folder in self._folders]
        ignored = [Ignored(name) for name in sorted({*listing.top} - {*entries, METADATA})]
        super().__init__(layout, named([one.submission for one in self._handed], self._folders), ignored=ignored)

    def handed(self, index: int) -> Handed:
        """Return who handed one in, and when."""
        return msgspec.structs.replace(self._handed[index], submission=self.ids[index])

    def _entries(self, index: int) -> list[Entry]:
        folder = self._folders[index]
        return self._listing.submission(folder) if folder in self._there else []


def recognised(listing: Listing, layout: Layout) -> Export | None:
    """Return the class, where this is an export of Gradescope's."""
    return Export(listing, layout) if listing.top.get(METADATA) is False else None


def _handed(one: Submitted) -> Handed:
    """Name a submission by its people's ids, the way they are looked up, or by Gradescope's number."""
    ids = [person.sid or person.email.partition("@")[0] for person in one.people]
    known = [name for name in ids if name][:SHOWN_OF_GROUP]
    at = moment(one.at)
    return Handed(
        "+".join(known) if known else f"submission_{one.number}",
        one.people,
        at.isoformat() if at else "",
        attempt=one.earlier + 1,
        source="gradescope",
        number=one.number,
    )
