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
HANDED_OUT = ("assignment_", "submissions")
"""How the names of platforms' archives begin."""


def opened(
    path: Path, layout: Layout, attempt: int = 1, rostered: Rostered = nobody, reports: Path | None = None
) -> Intake:
    """Return the class at `path`. Raises UsageError where there is nothing to grade.

    Of folders and files whose names clash, those that are `rostered` keep theirs. The folder that `reports` go to is
    no submission. An archive of one student's own files is a class of one.

    >>> from grader.batch import cohort
    >>> from grader.grading import config
    >>> found = opened(Path("examples/cohort/submissions"), cohort.layout(config.load(Path("config.yaml"))))
    >>> found[0].id, sorted(found[0].modules)
    ('u1001', ['lecture8'])
    """
    if path.is_dir():
        return _in_folder(Folder(path), layout, attempt, rostered, _name_in(path, reports))
    if is_archive(path.name) and path.is_file():
        try:
            found = _in_archive(packed(path), layout, rostered)
        except UsageError:
            if path.stem.startswith(HANDED_OUT):
                raise
            found = None  # one student's archive, which is theirs to have broken
        if found is not None:
            return found
    return HandedIn(path, layout, attempt, rostered)


def _in_folder(listing: Listing, layout: Layout, attempt: int, rostered: Rostered, reports: str) -> Intake:
    """Return the class that a folder is, or the one that lies in it alone."""
    found = _platforms_class(listing, layout)
    if found is not None:
        return found
    way = _way(listing, layout, reports, rostered)
    if way:
        return _at_the_end(listing, way, layout, rostered, reports)
    plain = HandedIn(listing, layout, attempt, rostered, reports)
    alone = _alone(listing, reports, rostered)
    inside = class_inside.inside(alone, layout) if alone else None
    if alone and inside and inside.verdict == "perhaps a class":
        plain.found_by((), [f"{alone.shown} looks like a class of {inside.count}; if it is one, name it as the class"])
    return plain


def _in_archive(listing: Listing, layout: Layout, rostered: Rostered) -> Intake | None:
    """Return the class that an archive holds; None where it is one student's."""
    found = _platforms_class(listing, layout)
    if found is not None:
        return found
    way = _way(listing, layout, "", rostered)
    if way:
        return _at_the_end(listing, way, layout, rostered, "")
    inside = class_inside.inside(listing, layout)
    return HandedIn(listing, layout, rostered=rostered) if inside.homes > 1 or inside.verdict == "class" else None


def _at_the_end(listing: Listing, way: Sequence[Listing], layout: Layout, rostered: Rostered, reports: str) -> Intake:
    """Return the class at the end of a way, with what was passed on it."""
    found = _platforms_class(way[-1], layout) or HandedIn(way[-1], layout, rostered=rostered)
    passed = [one for here in (listing, *way[:-1]) for one in told_apart(here, reports).ignored]
    passed += [Ignored(one, f"the class is in {way[0].shown}") for one in _beside(listing, way[0], reports)]
    found.found_by(passed, [f"the class was found in {way[-1].shown}"])
    return found


def _beside(listing: Listing, taken: Listing, reports: str) -> list[str]:
    return [one for one in told_apart(listing, reports).names if f"{listing.shown}/{one}" != taken.shown]


def _way(listing: Listing, layout: Layout, reports: str, rostered: Rostered, deepest: int = DEEPEST) -> list[Listing]:
    """Return the listings between one and the class that lies in it, that class's last; none where there is none.

    Beside others only what is named as Gradescope names it is an export: what lies in a folder its student decides.
    """
    exports = [name for name in listing.top if EXPORT.fullmatch(name) and listing.holds(name, (export.METADATA,))]
    if len(exports) > 1:
        raise UsageError(
            f"{listing.shown}: holds {len(exports)} of Gradescope's exports ({', '.join(exports[:3])}); grade one at a "
            "time, each into a folder of its own (--out)"
        )
    inner = listing.below(exports[0]) if exports else _alone(listing, reports, rostered)
    if inner is None:
        return []
    if exports or _is_class(inner, layout):
        return [inner]
    further = _way(inner, layout, "", rostered, deepest - 1) if deepest else []
    return [inner, *further] if further else []


def _alone(listing: Listing, reports: str, rostered: Rostered) -> Listing | None:
    """Return what the one folder or archive in a listing holds, where there is nothing else that may be handed in.

    What is called as a student is theirs, whatever they put into it: it is no class.
    """
    names = told_apart(listing, reports).names
    if len(names) != 1 or not (listing.top[names[0]] or is_archive(names[0])):
        return None
    if named(listing, names[0]) in rostered():
        return None
    try:
        return listing.below(names[0])
    except UsageError:  # one student's, which is theirs to have broken
        return None


def _is_class(listing: Listing, layout: Layout) -> bool:
    return _platforms_class(listing, layout) is not None or class_inside.inside(listing, layout).verdict == "class"


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
