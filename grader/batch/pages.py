"""Pages in a report folder: one for the class, for staff, and one for each student who is given one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from grader.batch.rendering import page_of
from grader.course import marks
from grader.course.standings import Standing
from grader.errors import UsageError
from grader.grading.config import Assignment
from grader.model import Result
from grader.reports import audience, files, overview, rows, same, stored, unfinished, work
from grader.reports.overview import Head
from grader.reports.rows import Rows
from grader.submissions.intake import Intake
from grader.submissions.people import Person

INDEX = "index.html"


def path_of(out: Path, submission: str) -> Path:
    """Return where a student's page lies, beside the rest of what they are given."""
    return out / "feedback" / f"{submission}.html"


def staff_path_of(out: Path, submission: str) -> Path:
    """Return where the page of a student lies that is for staff."""
    return out / "staff" / f"{submission}.html"


def any_in(out: Path) -> bool:
    """Say whether there is any student's page under `out`."""
    return next((out / "feedback").glob("*.html"), None) is not None


def write(out: Path, result: Result, published: bool = False) -> None:
    """Write one student's page: what they may know before the results are `published`, or after."""
    files.write(path_of(out, result.submission), page_of(audience.for_student(result, published)))


def whose(assignment: Assignment, handed_in: Intake) -> dict[str, tuple[Person, ...]]:
    """Return whose each submission is; nothing where neither a roster nor the platform tells."""
    if not (assignment.roster or handed_in.tells_who):
        return {}
    return marks.who(assignment, [handed_in.handed(i) for i in range(len(handed_in))])


def write_index(
    out: Path,
    title: str,
    done: Rows,
    who: Mapping[str, Sequence[Person]] | None = None,
    standings: Sequence[Standing] | None = None,
) -> None:
    """Write the class's page, with links to the students' pages that are there.

    `who` says whose each submission is; `standings` are the marks of a course, shown beside the automatic scores.
    """
    from grader.batch import class_page  # jinja2 is slow to import

    marked = None if standings is None else {one.submission: one for one in standings if one.submission}
    absent = [one for one in standings or () if not one.submission]
    known = class_page.Known(who or {}, absent, unfinished.said(out), same.groups(same.Report(out)))
    first = next((row.submission for row in done), "")
    shown = heads(out, first, done.exercises)
    text = class_page.html(title, done, shown, lambda name: link(out, name), marked, known)
    files.write_all(out / INDEX, (piece.encode() for piece in text))


def write_later(
    out: Path,
    published: bool,
    titles: Mapping[str, str],
    progress: Callable[[], object],
    who: Mapping[str, Sequence[Person]] | None = None,
) -> Rows:
    """Write every student's page, staff's of each, and the class's from the results under `out`, one at a time.

    `titles` say how assignments are headed, by name, and `who` whose each submission is. Raises UsageError where a
    result is not whole, there is none, or they are not all of the same exercises.
    """
    from grader.batch import staff_page  # jinja2 and Pygments are slow to import

    done, assignment = Rows((), ()), ""
    for i, result in enumerate(stored.each(out)):
        ids = tuple(one.id for one in result.exercises)
        if not i:
            done, assignment = Rows(ids, stored.names(out)), result.assignment
        if ids != done.exercises:
            raise UsageError(
                f"{out}: the result of {result.submission!r} is of other exercises than the first; "
                "grade all of them again with --fresh, or into another folder"
            )
        write(out, result, published)
        kept = work.read(out, result.submission, result.digest)
        staff_page.write(staff_path_of(out, result.submission), result, kept, (who or {}).get(result.submission, ()))
        done.put(i, rows.of(result))
        progress()
    if not done:
        raise UsageError(f"{out}: holds no results; name a folder that `grader grade` wrote")
    write_index(out, titles.get(assignment, assignment), done, who)
    return done


def link(out: Path, submission: str) -> str:
    """Return where the class's page leads for a student: to staff's page, or else to what the student is given."""
    for path in (staff_path_of(out, submission), path_of(out, submission)):
        if path.exists():
            return f"{path.parent.name}/{quote(path.name, errors='surrogateescape')}"
    return ""


def heads(out: Path, submission: str, exercises: Sequence[str]) -> tuple[Head, ...]:
    """Return how the exercises are headed, from any result; by their ids where there is none to read."""
    result = stored.read(stored.path_of(out, submission)) if submission else None
    if result is None or len(result.exercises) != len(exercises):
        return tuple(Head(one, one, overview.NOTHING) for one in exercises)
    return overview.heads(result)
