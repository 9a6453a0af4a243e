"""`grader diff`: say whose marks changed between two gradings."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.cli.common import DIFFERENT, OK
from grader.errors import UsageError
from grader.reports import difference, stored, terminal


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Compare two report folders before anything is published: what exercises are worth now, whose marks differ, by "
        "how much and why, who is in one of them only, and who is withheld. The exit status is 0 whether they differ "
        "or not."
    )
    parser.epilog = "example: grader grade --seed final --out final && grader diff reports final"
    parser.add_argument("old", type=Path, metavar="OLD", help="the report folder of the earlier grading")
    parser.add_argument("new", type=Path, metavar="NEW", help="that of the later one")
    parser.add_argument("--json", action="store_true", help="print everything that differs as JSON instead")
    parser.add_argument("--exit-code", action="store_true", help="exit with status 3 where marks differ")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    for folder in (options.old, options.new):
        if not (folder / "results").is_dir():
            raise UsageError(f"{folder}: holds no results; name a folder that `grader grade` wrote")
    found = difference.between(stored.pairs(options.old, options.new))
    if options.json:
        print(difference.encode(found).decode(), end="")
    else:
        print(difference.text(found, terminal.width()))
    return DIFFERENT if options.exit_code and found.differs else OK
