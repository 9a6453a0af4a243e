"""Gradescope's "Download submissions" as it comes: one zip or the folder it unpacks to, groups and all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec

from grader.errors import UsageError
from grader.platforms.gradescope import people
from grader.platforms.gradescope.metadata import moment
from grader.platforms.gradescope.people import Submitted
from grader.submissions import archives
from grader.submissions.class_zip import ClassZip
from grader.submissions.entries import Entry
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.names import named
from grader.submissions.people import Handed

METADATA = "submission_metadata.yml"
FOLDER = re.compile(r"submission_\d+")
METADATA_CAP = 512 * 1024 * 1024
SHOWN_OF_GROUP = 3


class Export(Intake):
    """A class as Gradescope exports it."""

    tells_who = True

    def __init__(self, path: Path, layout: Layout, metadata: str, zipped: ClassZip | None) -> None:
        """Read who handed in what. `metadata` is the place of its metadata in the zip, or on disk."""
        self._zip, self._root = zipped, PurePosixPath(metadata).parent
        raw = zipped.read(metadata) if zipped else _bounded(Path(metadata))
        entries = people.read(raw, f"{path.name}: {METADATA}")
        self._members = _by_folder(zipped.names, self._root) if zipped else {}
        there = self._members or [one.name for one in Path(self._root).iterdir()]
        entries |= {
            one: Submitted(one.partition("_")[2]) for one in there if FOLDER.fullmatch(one) and one not in entries
        }
        self._folders = sorted(entries)
        self._handed = [_handed(entries[folder]) for folder in self._folders]
        super().__init__(layout, named([one.submission for one in self._handed], self._folders))

    def handed(self, index: int) -> Handed:
        """Return who handed one in, and when."""
        return msgspec.structs.replace(self._handed[index], submission=self.ids[index])

    def _entries(self, index: int) -> list[Entry]:
        folder = self._folders[index]
        if self._zip is None:
            place = Path(self._root) / folder
            return archives.entries(place) if place.is_dir() else []
        found = self._zip.entries(self._members.get(folder, ()), self._root / folder)
        return archives.with_nested_zip(found)


def recognised(path: Path, layout: Layout) -> Export | None:
    """Return the class, where this is an export of Gradescope's."""
    if path.is_dir():
        found = [path / METADATA, *sorted(path.glob(f"*/{METADATA}"))]
        there = [one for one in found if one.is_file()]
        return Export(path, layout, str(there[0]), None) if len(there) == 1 else None
    zipped = ClassZip(path)
    inside = [name for name in zipped.names if PurePosixPath(name).name == METADATA and name.count("/") <= 1]
    return Export(path, layout, inside[0], zipped) if len(inside) == 1 else None


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > METADATA_CAP:
        raise UsageError(f"{path}: is over {METADATA_CAP >> 20} MiB; is it Gradescope's?")
    return path.read_bytes()


def _by_folder(names: Sequence[str], root: PurePosixPath) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    depth = len(root.parts)
    for name in names:
        parts = PurePosixPath(name).parts
        if len(parts) > depth + 1 and parts[:depth] == root.parts:
            found.setdefault(parts[depth], []).append(name)
    return found


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
