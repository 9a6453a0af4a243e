"""`grader gradescope`: what a bundle does in Gradescope's container. Staff read what it prints; students do not."""

from __future__ import annotations

import argparse
import traceback
from pathlib import Path

from grader.cli import common, minded
from grader.cli.common import OK, OURS
from grader.errors import JudgeError, UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.platforms.gradescope import container
from grader.reports.text import counted, points
from grader.sandbox.tiers import Containment

WHAT_TO_DO = (
    "no score was written: this is our fault, not the student's. Staff: set right what is said above, upload the "
    "bundle again if it has to change, and use Rerun Autograder; until then the submission has no score."
)


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Run by a bundle in Gradescope's container: `check` proves, when the image is built, that grading works "
        "there; `run` grades the one submission and writes results/results.json."
    )
    parser.epilog = "Make the bundle with `grader bundle gradescope`."
    parser.add_argument("what", choices=("check", "run"), help="prove that it works here, or grade the submission")
    common.assignment(parser)
    parser.add_argument(
        "--root", type=Path, default=container.ROOT, metavar="DIR", help="Gradescope's folder (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status. Whatever fails is said on stdout, where Gradescope keeps it."""
    try:
        assignment = config.load(options.config)
        return _check(assignment) if options.what == "check" else _grade(options.root, assignment)
    except (JudgeError, UsageError) as error:
        print(f"grader fault: {error}")
    except Exception as error:  # a bug of ours: said in a line, and no score
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name} line {place.lineno}"
        print(f"grader fault: internal error ({type(error).__name__}: {error}; {where})")
    print("the image cannot grade: nothing was scored" if options.what == "check" else WHAT_TO_DO)
    return OURS


def _check(assignment: Assignment) -> int:
    plan, _, containment = container.proved(assignment)
    _say_containment(containment)
    minded.mind_the_seed(assignment)
    exercises = plan.assignment.exercises
    worth = points(assignment.possible)
    print(
        f"{assignment.title}: {counted(len(exercises), 'exercise')}, worth {worth} points; the reference earns them all"
    )
    return OK


def _grade(root: Path, assignment: Assignment) -> int:
    visit = container.grade(root, assignment)
    _say_containment(visit.containment)
    if visit.result.problem:
        print(f"the submission could not be used: {visit.result.problem}")
    for remark in visit.remarks():
        print(f"note for staff: {remark}")
    score = visit.written.score
    print(f"attempt {visit.result.attempt}: {points(visit.result.earned)} of {points(visit.result.possible)} points")
    if visit.written.extra_data["late_deduction"] != "0":
        print(f"after lateness: {score:g}")
    print("results.json is written")
    return OK


def _say_containment(containment: Containment) -> None:
    print(f"containment tier {containment.tier}: {containment.describe()}")
