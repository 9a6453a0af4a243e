"""`grader audit`: prove that exercises catch mistakes, before students meet them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from grader.assignment import template
from grader.audit import plants, report
from grader.audit import run as auditing
from grader.batch import cohort, cores
from grader.cli import common
from grader.cli.common import OK, OURS
from grader.grading import config
from grader.reports import files, terminal


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Plant mistakes in the solution, one at a time, and grade each: a good exercise catches all of "
        "them, lets right code pass however it is written, gives the solution full marks and the template none. "
        "Exit status 0 where every exercise is proved, 1 where one is not."
    )
    parser.epilog = "example: grader audit square log --json audit.json"
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help="audit these exercises, and those on the same code (default: all)"
    )
    common.assignment(parser)
    parser.add_argument("--jobs", type=common.count, metavar="N", help="grading processes (default: one per core)")
    parser.add_argument(
        "--seeds",
        type=common.count,
        default=3,
        metavar="N",
        help="under how many seeds (default: %(default)s)",
    )
    parser.add_argument(
        "--reference-seeds",
        type=common.count,
        default=20,
        metavar="N",
        help="and how many for the solution (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found there as well")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    template.refuse_broken_markers(assignment.reference)
    if options.ids:
        config.load(options.config, tuple(options.ids))  # says where there is no such exercise
        assignment = config.load(options.config, plants.together(assignment.exercises, options.ids))
    box, _ = cohort.open_box(assignment)
    jobs = options.jobs or assignment.jobs or cores.count()
    with tqdm(unit="run", disable=None, file=sys.stderr, leave=False) as bar:

        def progress(what: str, done: int, count: int) -> None:
            if done == 1:
                bar.reset(count)
                bar.set_description(what, refresh=False)
            bar.update()

        found = auditing.audit(assignment, box, jobs, options.seeds, options.reference_seeds, progress)
    print(report.text(found, terminal.width()))
    if options.json:
        files.write(options.json, report.encode(found))
    return OK if found.proved else OURS
