"""`grader bundle`: put what leaves the course into one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import config
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.errors import UsageError

SEED_OF_THE_PROJECT = "1"


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Put what leaves the course into one file: for students, what they work with at home."
    kinds = parser.add_subparsers(title="kinds", required=True, metavar="KIND")
    _define_student(kinds.add_parser("student", help="template, public exercises and the grader, for students"))


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    return int(options.bundle(options))


def _define_student(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the students' handout: the template, the public exercises and the grader, with no solution, hidden "
        "check or seed. They unpack it, install the wheel in it, and run `grader check`."
    )
    parser.epilog = "example: grader bundle student -o handout.zip"
    common.assignment(parser)
    parser.add_argument("-o", "--output", type=Path, default=Path("handout.zip"), help="default: %(default)s")
    parser.add_argument(
        "--template", type=Path, metavar="DIR", help="the template (default: made from the reference, as by `template`)"
    )
    parser.set_defaults(bundle=_student)


def _student(options: argparse.Namespace) -> int:
    from grader.bundle import student  # each kind needs its own
    from grader.reports import stored

    assignment = config.load(options.config)
    if options.template and not options.template.is_dir():
        raise UsageError(f"{options.template}: no such template folder")
    if assignment.corpus.seed == SEED_OF_THE_PROJECT:
        say("the seed is the one that comes with this project: give the course its own in config.yaml, long and secret")
    stored.write(options.output, student.build(assignment, options.template))
    print(f"written: {near_by(options.output)}")
    return OK
