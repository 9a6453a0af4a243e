"""Staff's page of each student of a class, by all processes together, once everybody is graded."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from grader.batch import local, pages
from grader.errors import JudgeError
from grader.grading import likeness
from grader.grading.covering import Onlooker
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.reports import files, same, stored, work
from grader.reports.work import Work
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor
from grader.submissions.intake import Intake

FEW = 8
"""How many pages a process writes before it reports."""

Found = dict[str, same.Digests]
"""Submission -> what its functions are like."""


def write(prepared: Plan, box: Box, handed_in: Intake, out: Path, jobs: int) -> None:
    """Write staff's page of every submission that has none of its result, by all processes together.

    What each function of it is like is found out at the same time. Raises JudgeError for what is our fault.
    """
    ids = handed_in.ids
    order = {name: i for i, name in enumerate(ids)}
    _forget_strangers(out, order)
    known = {one.submission for one in same.Report(out)}  # not of pages that were written before an interrupt
    left = [i for i, name in enumerate(ids) if name not in known or not pages.staff_path_of(out, name).exists()]
    found = _written(prepared, box, handed_in, out, jobs, left) if left else ()
    same.keep(out, found, {ids[i] for i in left}, order)


def forget(out: Path) -> None:
    """Take away every page for staff and all code that is kept, of who is no longer handed in as well."""
    for folder in (out, out / stored.LEFT):
        for name in ("staff", "code"):
            if (folder / name).exists():
                shutil.rmtree(folder / name)
    same.forget(out)


def _forget_strangers(out: Path, names: Collection[str]) -> None:
    """Delete the pages and the code of submissions without a result, as after somebody deleted that by hand."""
    for path in (*(out / "staff").glob("*.html"), *(out / "code").glob("*.json")):
        if path.stem not in names:
            path.unlink(missing_ok=True)


def _written(
    prepared: Plan, box: Box, handed_in: Intake, out: Path, jobs: int, left: Sequence[int]
) -> Iterator[tuple[str, same.Digests]]:
    """Write the pages of the submissions at some places, and yield what their functions are like, in this order."""
    from grader.batch import staff_page  # jinja2 and Pygments are slow to import, and many runs need neither

    people = pages.whose(prepared.assignment, handed_in)

    def start(supervisor: Supervisor) -> Callable[[int], Found]:
        onlooker = Onlooker(prepared, supervisor)

        def write(first: int) -> Found:
            found: Found = {}
            for i in left[first : first + FEW]:
                submission = handed_in[i]
                result = stored.read(stored.path_of(out, submission.id))
                if result is None:  # it is still to be graded
                    continue
                kept = _looked_at(onlooker, submission, result, out)
                staff_page.write(pages.staff_path_of(out, submission.id), result, kept, people.get(submission.id, ()))
                sources = {module: source for module, (_, source) in submission.modules.items()}
                found[submission.id] = likeness.digests(sources, prepared.solutions)
            return found

        return write

    waiting, early = 0, {}
    for did in local.spread(start, range(0, len(left), FEW), box, jobs):
        if did.fault:
            raise JudgeError(f"staff's pages: {did.fault}; every result is kept")
        early[did.index] = did.made or {}
        while waiting in early:
            yield from early.pop(waiting).items()
            waiting += FEW


def _looked_at(onlooker: Onlooker, submission: Submission, result: Result, out: Path) -> Work | None:
    """Return the code that was kept, and keep beside it which lines ran into what was wrong."""
    kept = work.read(out, submission.id, result.digest)
    if kept is None or not any(check.outcome.counterexample for one in result.exercises for check in one.checks):
        return kept
    try:
        kept = work.with_lines(kept, onlooker.covered(submission, result))
    except JudgeError as error:  # it is graded all the same, and the page says what it does not show
        kept = work.with_lines(kept, {}, f"which lines ran could not be found out: {error}")
    files.write(work.path_of(out, submission.id), work.encode(kept))
    return kept
