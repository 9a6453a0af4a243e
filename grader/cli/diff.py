"""`grader diff`: say whose marks changed between two gradings."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from grader.cli.common import DIFFERENT, OK, near_by
from grader.errors import UsageError
from grader.reports import difference, stored, terminal, unfinished
from grader.reports.difference import Unfinished


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Compare two report folders before anything is published: what exercises are worth now, whose marks differ, by "
        "how much and why, who is in one of them only, and who is withheld. Of a "
        "grading that was interrupted only what is done is compared. The exit status is 0 whether they differ "
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
    found = msgspec.structs.replace(found, unfinished=tuple(_unfinished(options.old, options.new)))
    if options.json:
        print(difference.encode(found).decode(), end="")
    else:
        print(difference.text(found, terminal.width()))
    return DIFFERENT if options.exit_code and found.differs else OK


def _unfinished(old: Path, new: Path) -> Iterator[Unfinished]:
    """Yield what is known of each of two gradings that did not come to its end."""
    folders: tuple[tuple[Literal["old", "new"], Path], ...] = (("old", old), ("new", new))
    for grading, folder in folders:
        found = unfinished.read(folder)
        if found is not None:
            yield Unfinished(grading, near_by(folder), len(found.done), found.of)
