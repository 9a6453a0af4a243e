"""Open a class, whichever way it comes: folders on disk, or what Gradescope or Canvas hand out."""

from __future__ import annotations

from pathlib import Path

from grader.errors import UsageError
from grader.platforms.canvas import download
from grader.platforms.gradescope import export
from grader.submissions.handed_in import HandedIn
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.names import Rostered, nobody


def opened(path: Path, layout: Layout, attempt: int = 1, rostered: Rostered = nobody) -> Intake:
    """Return the class at `path`. Raises UsageError where there is nothing to grade.

    Of folders and files whose names clash, those that are `rostered` keep theirs.

    A zip of one student's own files is a class of one.

    >>> from grader.batch import cohort
    >>> from grader.grading import config
    >>> found = opened(Path("examples/cohort/submissions"), cohort.layout(config.load(Path("config.yaml"))))
    >>> found[0].id, sorted(found[0].modules)
    ('u1001', ['lecture8'])
    """
    if path.exists() and (path.is_dir() or path.suffix.lower() == ".zip"):
        try:
            found = export.recognised(path, layout) or download.recognised(path, layout)
        except UsageError:
            if path.is_dir() or _says_it_is_a_class(path):
                raise
            found = None  # one student's zip, which is theirs to have broken
        if found is not None:
            return found
    return HandedIn(path, layout, attempt, rostered)


def _says_it_is_a_class(path: Path) -> bool:
    return path.stem.startswith(("assignment_", "submissions"))
