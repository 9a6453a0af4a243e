"""Open a class, whichever way it comes: folders and archives of one's own, or what platforms hand out.

What lies around it is looked through: one more folder, an archive in an archive, what a system puts beside it. Each
name that is passed on the way is kept as ignored, and each step is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.platforms import moodle_download
from grader.platforms.canvas import download
from grader.platforms.gradescope import export
from grader.submissions import class_inside
from grader.submissions.entries import DEEPEST, is_archive
from grader.submissions.handed_in import HandedIn
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.listings import Folder, Listing, packed
from grader.submissions.names import Rostered, nobody
from grader.submissions.told_apart import Ignored, named, told_apart

EXPORT = re.compile(r"assignment_\d+_export.*")


def opened(
    path: Path,
    layout: Layout,
    attempt: int = 1,
    rostered: Rostered = nobody,
    reports: Path | None = None,
    students: Rostered = nobody,
) -> Intake:
    """Return the class at `path`. Raises UsageError where there is nothing to grade.

    Of folders and files whose names clash, those that are `rostered` keep theirs. The folder that `reports` go to is
    no submission. What is called as one of the `students` is theirs, whatever they put into it: it is no class.
    An archive of one student's own files is a class of one.

    >>> from grader.batch import cohort
    >>> from grader.grading import config
    >>> found = opened(Path("examples/cohort/submissions"), cohort.layout(config.load(Path("config.yaml"))))
    >>> found[0].id, sorted(found[0].modules)
    ('u1001', ['lecture8'])
    """
    search = _Search(layout, attempt, rostered, students)
    if path.is_dir():
        return search.in_folder(Folder(path), _name_in(path, reports))
    found = search.in_archive(packed(path)) if is_archive(path.name) and path.is_file() else None
    return HandedIn(path, layout, attempt, rostered) if found is None else found


class _Search:
    """Looks for a class in a folder or an archive, and through what lies around it."""

    def __init__(self, layout: Layout, attempt: int, rostered: Rostered, students: Rostered) -> None:
        self._layout, self._attempt, self._rostered, self._students = layout, attempt, rostered, students

    def in_folder(self, listing: Listing, reports: str) -> Intake:
        """Return the class that a folder is, or the one that lies in it alone."""
        found = _platforms_class(listing, self._layout)
        if found is not None:
            return found
        alone = self._inner(listing, reports)
        way = self._way(alone) if alone else []
        if way:
            return self._at_the_end(listing, way, reports)
        plain = HandedIn(listing, self._layout, self._attempt, self._rostered, reports)
        inside = class_inside.inside(alone, self._layout) if alone else None
        if alone and inside and inside.verdict == "perhaps a class":
            said = f"{alone.shown} looks like a class of {inside.count}; if it is one, name it as the class"
            plain.found_by((), [said])
        return plain

    def in_archive(self, listing: Listing) -> Intake | None:
        """Return the class that an archive holds; None where it is one student's."""
        found = _platforms_class(listing, self._layout)
        if found is not None:
            return found
        alone = self._inner(listing, "")
        way = self._way(alone) if alone else []
        if way:
            return self._at_the_end(listing, way, "")
        for here in (listing, alone):  # an archive that was named holds a class, if two may be in it
            inside = class_inside.inside(here, self._layout) if here else None
            if here and inside and (inside.homes > 1 or inside.verdict == "class"):
                return self._at_the_end(listing, [here] * (here is not listing), "")
        return None

    def _at_the_end(self, listing: Listing, way: Sequence[Listing], reports: str) -> Intake:
        """Return the class at the end of a way, with what was passed on it."""
        last = way[-1] if way else listing
        found = _platforms_class(last, self._layout) or HandedIn(last, self._layout, self._attempt, self._rostered)
        if way:
            passed = [one for here in (listing, *way[:-1]) for one in told_apart(here, reports).ignored]
            beside = [one for one in told_apart(listing, reports).names if f"{listing.shown}/{one}" != way[0].shown]
            passed += [Ignored(one, f"the class is in {way[0].shown}") for one in beside]
            found.found_by(passed, [f"the class was found in {last.shown}"])
        return found

    def _inner(self, listing: Listing, reports: str) -> Listing | None:
        """Return what an export of Gradescope's in a listing holds, or what lies in it alone.

        Beside others only what is named as Gradescope names it is an export: what lies in a folder its student decides.
        """
        exports = [name for name in listing.top if EXPORT.fullmatch(name) and listing.holds(name, (export.METADATA,))]
        if len(exports) > 1:
            raise UsageError(
                f"{listing.shown}: holds {len(exports)} of Gradescope's exports ({', '.join(exports[:3])}); grade one "
                "at a time, each into a folder of its own (--out)"
            )
        return listing.below(exports[0]) if exports else self._alone(listing, reports)

    def _way(self, listing: Listing, deepest: int = DEEPEST) -> list[Listing]:
        """Return a listing and those between it and the class in it, that class's last; none where there is none."""
        if self._is_class(listing):
            return [listing]
        further = self._inner(listing, "") if deepest else None
        way = self._way(further, deepest - 1) if further else []
        return [listing, *way] if way else []

    def _alone(self, listing: Listing, reports: str) -> Listing | None:
        """Return what the one folder or archive in a listing holds, where nothing else may be handed in."""
        names = told_apart(listing, reports).names
        if len(names) != 1 or not (listing.top[names[0]] or is_archive(names[0])):
            return None
        if _plain(named(listing, names[0])) in map(_plain, self._students()):
            return None
        try:
            return listing.below(names[0])
        except UsageError:  # one student's, which is theirs to have broken
            return None

    def _is_class(self, listing: Listing) -> bool:
        try:
            platforms = _platforms_class(listing, self._layout)
        except UsageError:  # what only looks like an export is no class
            return False
        return platforms is not None or class_inside.inside(listing, self._layout).verdict == "class"


def _plain(name: str) -> str:
    """Return a name without what differs between a folder and a list: case, and what stands between its words."""
    return " ".join(name.casefold().replace("_", " ").replace(",", " ").split())


def _platforms_class(listing: Listing, layout: Layout) -> Intake | None:
    """Return the class that a listing is, where it is as a platform hands it out."""
    return (
        export.recognised(listing, layout)
        or download.recognised(listing, layout)
        or moodle_download.recognised(listing, layout)
    )


def _name_in(folder: Path, reports: Path | None) -> str:
    """Return the name at the top of a folder that the reports have; blank where they lie elsewhere."""
    return reports.resolve().name if reports and reports.resolve().parent == folder.resolve() else ""
