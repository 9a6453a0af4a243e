"""`grader show`: show one result in full, for disputes."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.assignment.forms import near
from grader.cli import common
from grader.cli.common import OK, near_by
from grader.errors import UsageError
from grader.grading import config
from grader.reports import audience, feedback, files, stored


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Show one student's stored result in full: every check's verdict, points and evidence."
    parser.add_argument("student", help="the submission's name as in the table")
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


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    out = options.out or config.load(options.config).out
    path = stored.path_of(out, options.student)
    names = sorted(one.stem for one in path.parent.glob("*.json"))
    if options.student not in names:
        raise UsageError(f"no result for {options.student!r} under {near_by(out)}{near(options.student, names)}")
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
    print(feedback.markdown(result), end="")
    if options.reader == "staff":
        print(f"graded by: {', '.join(f'{name} {value}' for name, value in result.environment.items())}")
    return OK
