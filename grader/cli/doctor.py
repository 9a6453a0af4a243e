"""`grader doctor`: say what this machine can contain."""

from __future__ import annotations

import argparse

from grader.batch import cohort
from grader.cli import common, minded
from grader.cli.common import OK, OURS
from grader.grading import config, planning


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Try to break out of the sandbox from inside, and say which containment tier this machine offers."
    )
    common.assignment(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    found = cohort.probe(assignment)
    print(f"containment tier {found.tier}: {found.describe()}")
    print(f"layers: {', '.join(found.layers) or 'none'}")
    for layer in found.missing():
        print(f"missing: {layer}")
    print(f"got through: {', '.join(found.breaches) or 'nothing'}")
    absent = planning.missing(assignment)
    if absent:
        print(f"allowed but not installed: {', '.join(absent)}")
    minded.mind_the_seed(assignment)
    enough = found.meets(assignment.required_tier)
    print(f"the assignment requires tier {assignment.required_tier}: {'met' if enough else 'not met'}")
    if found.advice():
        print(f"to raise the tier: {found.advice()}")
    return OK if enough else OURS
