"""The submissions of a class as a folder or an archive holds them: folders, files, notebooks and archives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.model import Submission
from grader.submissions import archives, choices
from grader.submissions.entries import Entry, is_homework
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.listings import Folder, Listing
from grader.submissions.names import Named, Rostered, named, nobody
from grader.submissions.told_apart import Ignored, told_apart
from grader.submissions.told_apart import named as called


class HandedIn(Intake):
    """The submissions of a folder or an archive, each named by its file; or one alone."""

    def __init__(
        self,
        folder: Path | Listing,
        layout: Layout,
        attempt: int = 1,
        rostered: Rostered = nobody,
        reports: str = "",
    ) -> None:
        """Find who handed in under `folder`; in it, `reports` is the folder that reports go to.

        Raises UsageError where there is nothing to grade.
        """
        if isinstance(folder, Path) and not folder.is_dir():
            if not folder.exists():
                raise UsageError(f"{folder}: no such folder of submissions")
            if not is_homework(folder.name):
                raise UsageError(f"{folder}: is no submission (a folder, a .py file, a notebook or an archive)")
            self._listing: Listing = Folder(folder.parent)
            self._files, ignored = [folder.name], tuple[Ignored, ...]()
        else:
            self._listing = Folder(folder) if isinstance(folder, Path) else folder
            apart = told_apart(self._listing, reports)
            self._files, ignored = list(apart.names), apart.ignored
        if not self._files:
            raise UsageError(
                f"{self._listing.shown}: holds no submission (a folder, a .py file, a notebook or an archive for each "
                "student)"
            )
        names = [called(self._listing, one) for one in self._files]
        super().__init__(layout, named(names, self._files, rostered), attempt, ignored)
        self.concerns = (*self.concerns, *_copies(names, rostered))

    def _entries(self, index: int) -> list[Entry]:
        return self._listing.submission(self._files[index])


def _copies(names: Sequence[str], rostered: Rostered) -> Iterator[str]:
    """Say which names look like copies of others, where no roster says whose they are."""
    there = {*names}
    copies = {name: original for name in names if (original := choices.copied(name)) in there}
    if not copies or rostered():
        return
    first = next(iter(copies))
    more = f", and {len(copies) - 1} more like it" if len(copies) > 1 else ""
    yield f"{first!r} looks like a copy of {copies[first]!r}{more}; without a roster, each is a student of its own"


class Alone(Intake):
    """One submission, under a name that is given."""

    def __init__(self, identity: str, path: Path, layout: Layout, attempt: int = 1) -> None:
        super().__init__(layout, Named([identity]), attempt)
        self._path = path

    def _entries(self, _: int) -> list[Entry]:
        return archives.entries(self._path)


def read(identity: str, path: Path, layout: Layout, attempt: int = 1) -> Submission:
    """Read one submission: a folder, a .py file or an archive. One that cannot be read says so in its `problem`."""
    return Alone(identity, path, layout, attempt)[0]


def find(folder: Path, layout: Layout) -> list[Submission]:
    """Read every submission under `folder`, by id. Raises UsageError where there is none to grade."""
    return list(HandedIn(folder, layout))
