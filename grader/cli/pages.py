"""`grader pages`: write pages to read in a browser, from results that are there."""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from grader.batch import pages
from grader.cli import common
from grader.cli.common import OK, near_by
from grader.cli.marks import tell_of_grading
from grader.grading import config
from grader.reports import stored, whose


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Write a page for each student (feedback/*.html) and one for the class (index.html, for staff) from "
        "the results of an earlier run. Nothing is graded, and nothing of a submission is needed."
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
    out = options.out
    if out is None or options.config.exists():
        assignment = config.load(options.config)
        titles[assignment.id] = assignment.title
        out = out or assignment.out
        whose.refuse_any(out, assignment.id)

    with tqdm(total=len(stored.names(out)), unit="page", disable=None, file=sys.stderr, leave=False) as bar:
        done = pages.write_later(out, options.reader == "published", titles, bar.update)
    print(f"written: {near_by(out)}/index.html, feedback/*.html ({len(done)})")
    tell_of_grading(out)
    if (out / "marks.csv").is_file():
        print("no marks are on these pages; `grader marks` puts them there again")
    return OK
