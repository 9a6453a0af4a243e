"""`grader marks`: everyone's mark, with lateness and what was decided by hand."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from grader.batch import pages
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.course import marks
from grader.course import marks_table as shown
from grader.course.marks import Marks
from grader.grading import config
from grader.grading.config import Assignment
from grader.reports import files, terminal
from grader.reports.fractions import to_text
from grader.reports.rows import Rows
from grader.submissions.people import called


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Work out everyone's mark from the results of a grading: who is who by the roster, which attempt counts, what "
        "lateness takes off, and what staff decided in overrides.yaml. Nothing is graded again. Whatever belongs to "
        "nobody is listed."
    )
    parser.epilog = "example: grader marks --out reports (writes reports/marks.csv)"
    common.places(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    out: Path = options.out or assignment.out
    graded = marks.graded_in(out)
    found = marks.of(assignment, out, graded)
    files.write_all(out / "marks.csv", (line.encode() for line in shown.lines(found.standings)))
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(found, enc_hook=to_text), indent=2).decode())
        return OK
    _renew_page(out, assignment, Rows.of(graded.exercises, graded.rows), found)
    print(shown.table(found.standings, terminal.width()))
    print()
    print(shown.summary(found.standings))
    print(f"written: {near_by(out)}/marks.csv, and the marks in {near_by(out)}/index.html")
    tell_of_nobody(found)
    return OK


def _renew_page(out: Path, assignment: Assignment, done: Rows, found: Marks) -> None:
    """Put the marks beside the automatic scores on the class's page."""
    who = marks.who(assignment, marks.kept(out))
    pages.write_index(out, assignment.title, done, who, found.standings)


def tell_of_nobody(found: Marks) -> None:
    """List what belongs to nobody, so that it is not dropped in silence."""
    for one in found.unmatched:
        who = ", ".join(map(called, one.people)) or (f"called {one.called!r}" if one.called else "nobody is named")
        say(f"matches nobody on the roster: {one.submission} ({who})")
    for decided in found.about_nobody:
        say(f"overrides.yaml: nobody in the class is called {decided.student!r}")
