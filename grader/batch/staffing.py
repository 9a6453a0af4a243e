"""Staff's page of each student of a class, by all processes together, once everybody is graded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

from grader.batch import local, pages
from grader.course import marks
from grader.errors import JudgeError
from grader.grading import covering, likeness
from grader.grading.planning import Plan
from grader.model import ExerciseResult, Submission
from grader.reports import files, same, stored, work
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor
from grader.submissions.intake import Intake

FEW = 8
"""How many pages a process writes before it reports."""


def write(prepared: Plan, box: Box, handed_in: Intake, out: Path, jobs: int) -> None:
    """Write staff's page of every submission that has none of its result, by all processes together.

    What each function of it is like is found out at the same time.
    """
    ids = handed_in.ids
    _forget_strangers(out, {*ids})
    left = [i for i, name in enumerate(ids) if not pages.staff_path_of(out, name).exists()]
    from grader.batch import staff_page  # jinja2 and Pygments are slow to import, and many runs need neither

    handed = [handed_in.handed(i) for i in range(len(handed_in))]
    people = marks.who(prepared.assignment, handed)

    def start(supervisor: Supervisor) -> Callable[[int], dict[str, dict[str, str]]]:
        def write(first: int) -> dict[str, dict[str, str]]:
            found = {}
            for i in left[first : first + FEW]:
                submission = handed_in[i]
                _look_on(prepared, supervisor, submission, out)
                if staff_page.write(out, ids[i], people.get(ids[i], ())):
                    sources = {module: source for module, (_, source) in submission.modules.items()}
                    found[ids[i]] = likeness.digests(sources, prepared.solutions)
            return found

        return write

    found: dict[str, dict[str, str]] = {}
    for did in local.spread(start, range(0, len(left), FEW), box, jobs) if left else ():
        if did.fault:
            raise JudgeError(f"staff's pages: {did.fault}; every result is kept")
        found.update(did.made or {})
    same.keep(out, found, {*ids})


def _forget_strangers(out: Path, names: Collection[str]) -> None:
    """Take away the page and the code of whoever has no result here, as where somebody deleted it by hand."""
    for path in (*(out / "staff").glob("*.html"), *(out / "work").glob("*.json")):
        if path.stem not in names:
            path.unlink(missing_ok=True)


def _look_on(prepared: Plan, supervisor: Supervisor, submission: Submission, out: Path) -> None:
    """Keep, beside the code, which lines ran into what was wrong."""
    result = stored.read(stored.path_of(out, submission.id))
    kept = None if result is None else work.read(out, submission.id, result.digest)
    if result is None or kept is None or not any(_shows(one) for one in result.exercises):
        return
    with contextlib.suppress(JudgeError):  # it is graded; who cannot be looked at once more has no line marked
        ran = covering.covered(prepared, supervisor, submission, result)
        files.write(work.path_of(out, submission.id), work.encode(work.with_lines(kept, ran)))


def _shows(one: ExerciseResult) -> bool:
    return any(check.outcome.counterexample is not None for check in one.checks)
