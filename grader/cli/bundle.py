"""`grader bundle`: make what a platform wants of an assignment, in one file."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import grader
from grader.bundle import gradescope, wheels
from grader.bundle.requirements import Target
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.config import CorpusForm
from grader.errors import UsageError
from grader.reports import stored
from grader.reports.text import points

LOCK = Path(grader.__file__).parents[1] / "requirements" / "run.lock"


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Make a bundle: an assignment with all that is needed to run it somewhere else, in one file."
    kinds = parser.add_subparsers(title="bundles", required=True, metavar="KIND", dest="kind")
    _define_gradescope(kinds.add_parser("gradescope", help="an autograder to upload to Gradescope"))


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    return int(options.make(options))


def _define_gradescope(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make the zip that Gradescope builds an autograder from: the grader, the assignment with its answers, and "
        "the pinned packages. The same input makes the same bytes. Keep it from students: the answers are in it."
    )
    parser.epilog = "example: grader bundle gradescope -o autograder.zip (then docs/gradescope.md)"
    common.assignment(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        default=Path("autograder.zip"),
        help="where to write it (default: %(default)s)",
    )
    parser.add_argument(
        "--python",
        metavar="VERSION",
        default=gradescope.STOCK_PYTHON,
        help="the Python of the image (default: %(default)s, which Gradescope's Ubuntu 22.04 has)",
    )
    parser.add_argument(
        "--lock", type=Path, metavar="FILE", default=LOCK, help="the pinned requirements (default: ours)"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where fetched packages are kept between runs")
    parser.set_defaults(make=_gradescope)


def _gradescope(options: argparse.Namespace) -> int:
    if options.python not in ("3.10", "3.11", "3.12", "3.13"):
        raise UsageError(f"--python {options.python}: the grader runs on 3.10, 3.11, 3.12 and 3.13")
    target = Target(options.python)
    made = gradescope.bundle(options.config, options.lock, target, options.cache or wheels.kept_in())
    try:
        stored.write(options.output, made.raw)
    except OSError as error:
        raise UsageError(f"{options.output}: cannot be written: {error.strerror or error}") from None
    digest = hashlib.sha256(made.raw).hexdigest()[:16]
    assignment = made.assignment
    print(f"written: {near_by(options.output)} ({len(made.raw) / 1e6:.1f} MB, {made.files} files, sha256 {digest}…)")
    print(f"packages for Python {target.python}: {', '.join('-'.join(one.split('-')[:2]) for one in made.wheels)}")
    print(
        f"on Gradescope: {points(assignment.possible)} autograder points, and a time limit over "
        f"{assignment.gradescope.wall_seconds} s"
    )
    if assignment.corpus.seed == CorpusForm().seed:
        say("corpus.seed is still the sample's, which everyone can read: give your course a seed of its own")
    return OK
