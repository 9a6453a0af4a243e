"""`grader marks`: everyone's mark, with lateness and what was decided by hand."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from grader.batch import pages
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.course import hints, marks
from grader.course import marks_table as shown
from grader.course.marks import Marks
from grader.grading import config
from grader.reports import files, terminal
from grader.reports.fractions import to_text
from grader.reports.rows import Rows
from grader.reports.text import a_few, counted, inert
from grader.submissions.people import Person, called


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
    _renew_page(out, assignment.title, Rows.of(graded.exercises, graded.rows), found)
    print(shown.table(found.standings, terminal.width()))
    print()
    print(shown.summary(found.standings))
    print(f"written: {near_by(out)}/marks.csv, and the marks in {near_by(out)}/index.html")
    tell_of_lateness(found)
    tell_of_nobody(found)
    return OK


def _renew_page(out: Path, title: str, done: Rows, found: Marks) -> None:
    """Put the marks beside the automatic scores on the class's page."""
    pages.write_index(out, title, done, {one.submission: one for one in found.standings if one.submission})


def tell_of_lateness(found: Marks) -> None:
    """Say for whom the late policy is not in force, because nobody knows how late they were."""
    unknown = [called(one.person) for one in found.standings if one.late_unknown]
    if unknown:
        whose = counted(len(unknown), "submission")
        say(
            f"warning: how late it was is not known of {whose}, so nothing was taken off: {inert(a_few(unknown))}; "
            "`for staff` in marks.csv says why, and `late` in overrides.yaml settles it"
        )


def tell_of_nobody(found: Marks) -> None:
    """List what belongs to nobody, so that it is not dropped in silence."""
    for one in found.unmatched:
        who = ", ".join(map(called, one.people)) or (f"called {one.called!r}" if one.called else "nobody is named")
        whose = one.people or (Person(sid=one.called or one.submission),)
        hint = next((said for person in whose if (said := hints.of_person(person, found.roster))), "")
        say(f"matches nobody on the roster: {one.submission} ({who}){hint}")
