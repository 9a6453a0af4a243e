"""`grader pages`: write pages to read in a browser, from results that are there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from tqdm import tqdm

from grader.batch import pages
from grader.cli import common
from grader.cli.common import OK, near_by
from grader.cli.marks import tell_of_grading
from grader.course import marks
from grader.grading import config
from grader.reports import stored, whose
from grader.submissions.people import Person


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Write a page for each student (feedback/*.html), and for staff a page of each with their code (staff/*.html) "
        "and one of the class (index.html), from the results of an earlier run. Nothing is graded, and the submissions "
        "are not needed."
    )
    parser.epilog = "example: grader pages --out ~/hw1-reports"
    common.places(parser)
    parser.add_argument(
        "--for",
        dest="reader",
        choices=("student", "published"),
        default="student",
        help="what students' pages show: what they may read now (default), or once hidden checks are published",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    titles: dict[str, str] = {}
    who: Mapping[str, Sequence[Person]] = {}
    out = options.out
    if out is None or options.config.exists():
        assignment = config.load(options.config)
        titles[assignment.id] = assignment.title
        out = out or assignment.out
        whose.refuse_any(out, assignment.id)
        kept = marks.kept(out)
        if assignment.roster or any(one.people for one in kept):
            who = marks.who(assignment, kept)

    with tqdm(total=len(stored.names(out)), unit="page", disable=None, file=sys.stderr, leave=False) as bar:
        done = pages.write_later(out, options.reader == "published", titles, bar.update, who)
    print(f"written: {near_by(out)}/index.html, feedback/*.html ({len(done)}), and staff/*.html with their code")
    tell_of_grading(out)
    if (out / "marks.csv").is_file():
        print("no marks are on these pages; `grader marks` puts them there again")
    return OK
