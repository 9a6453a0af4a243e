"""`grader lint`: check an assignment's files, and say everything that is wrong at once."""

from __future__ import annotations

import argparse

from grader.authoring import figures, linting, trying
from grader.cli import common
from grader.cli.common import OK, USAGE
from grader.grading import config
from grader.reports.text import counted


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Check the config, every exercise and the overrides: what cannot be read, with file, line, column and the "
        "nearest word that would do, and what an exercise asks for that its reference does not have. Told as well: an "
        "argument that the formula does not use, a domain where the formula has no value, a function of the reference "
        "with another number of arguments, a name that clashes, a file outside the layout. Then a dialect of "
        "the course's own is tried on the reference, function by function. Last the reference is graded, and where it "
        "fails an exercise, the check, the exception and the line are said. Figures are drawn by it as well. `grader "
        "audit` proves what an exercise catches. Exit status 2 where anything is wrong."
    )
    parser.epilog = "example: grader lint --config examples/module1/config.yaml"
    common.assignment(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    found = linting.problems(options.config)
    if not found:
        assignment = config.load(options.config)
        found = trying.problems(assignment) or linting.failures(assignment) or figures.problems(assignment)
    for problem in found:
        print(problem)
    if found:
        print(f"{len(found)} problem{'s' * (len(found) != 1)}")
        return USAGE
    assignment = config.load(options.config)
    print(
        f"{options.config}: {counted(len(assignment.exercises), 'exercise')}, nothing wrong; `grader audit` proves them"
    )
    return OK
