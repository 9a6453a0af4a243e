"""`grader explain`: what an exercise checks, at which inputs, how closely, and why."""

from __future__ import annotations

import argparse

from grader.authoring import explaining
from grader.cli import common
from grader.cli.common import OK
from grader.grading import config, planning


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Explain an exercise to whoever is asked about it: what each check holds, the inputs and where they come from, "
        "how close an answer must be, what is provided around it, the mistakes it knows. Private inputs are not shown."
    )
    parser.epilog = "example: grader explain square"
    parser.add_argument("id", metavar="EXERCISE", help="the exercise's id")
    common.assignment(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config, (options.id,))
    (exercise,) = assignment.exercises
    description = planning.description(planning.prepare(assignment), exercise)
    print(explaining.text(assignment, exercise, description), end="")
    return OK
