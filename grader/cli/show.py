"""`grader show`: show one result in full, for disputes."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.batch import belonging
from grader.cli import common
from grader.cli.common import OK, near_by
from grader.cli.marks import tell_of_grading
from grader.course import finding, marks, roster
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.reports import audience, feedback, files, marked, stored
from grader.reports.text import inert
from grader.submissions.people import Handed, called


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Show one student's stored result in full: every check's verdict, points and evidence, with the mark that "
        "`grader marks` or `grader decide` last wrote for them."
    )
    parser.epilog = "example: grader show ann@example.edu"
    parser.add_argument(
        "student", help="the submission's name as in the table, or an id, the name or e-mail of a student"
    )
    common.places(parser)
    parser.add_argument(
        "--for",
        dest="reader",
        choices=("staff", "student", "published"),
        default="staff",
        help="show what staff may read (default), a student now, or a student once hidden checks are published",
    )
    parser.add_argument("--json", action="store_true", help="print the stored JSON instead")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page, with graphs drawn, instead")


def _submission(text: str, out: Path, assignment: Assignment | None) -> str:
    """Return the submission that somebody is looked up by. Raises UsageError where it is nobody's, or several are."""
    names = stored.names(out)
    if text in names:
        return text
    if text in belonging.left(out):
        where = near_by(out / belonging.LEFT)
        raise UsageError(f"{text!r} is no longer handed in; `grader show {text} --out {where}` shows the last result")
    known = marks.kept(out)
    there = {one.submission for one in known}
    handed = [*known, *(Handed(name) for name in stored.all_names(out) if name not in there)]
    people = roster.read(assignment.roster) if assignment and assignment.roster else ()
    found = [one.submission for one in finding.submissions_of(text, handed, people, near_by(out))]
    graded = [one for one in found if one in names]
    if not graded:
        common.refuse_ungraded(out, found[0])
    if len(graded) > 1:
        raise UsageError(f"{text!r} handed in {', '.join(graded)}; name one")
    return graded[0]


def _with_mark(text: str, out: Path, name: str) -> str:
    """Return a result with the mark that its student was last given, where there is one to tell."""
    try:
        given = (out / "feedback" / f"{name}.md").read_text("utf-8", "surrogateescape")
    except OSError:
        return text
    return marked.as_given(text, given)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    known = options.out is None or options.config.exists()
    assignment = config.load(options.config) if known else None
    out: Path = options.out or (assignment.out if assignment else Path())
    name = _submission(options.student, out, assignment)
    path = stored.path_of(out, name)
    tell_of_grading(out)
    if options.json:
        print(path.read_text("utf-8"), end="")
        return OK
    result = stored.read(path)
    if result is None:
        raise UsageError(f"{near_by(path)} is not a whole result; grade again with --fresh")
    if options.reader != "staff":
        result = audience.for_student(result, published=options.reader == "published")
    if options.html:
        from grader.reports import page  # jinja2 is slow to import, and nothing else here needs it

        files.write(options.html, page.html(result).encode())
        print(f"written: {near_by(options.html)}")
        return OK
    print(_with_mark(feedback.markdown(result), out, name), end="")
    if options.reader == "staff" and assignment is not None:
        for person in marks.who(assignment, marks.kept(out)).get(name, ()):
            print(
                f"handed in by: {inert(called(person))}" + (f", section {inert(person.section)}" * bool(person.section))
            )
    if options.reader == "staff":
        print(f"graded by: {', '.join(f'{name} {value}' for name, value in result.environment.items())}")
    return OK
