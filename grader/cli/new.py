"""`grader new`: start an exercise from a few answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.authoring import starting
from grader.authoring.starting import Idea
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.errors import UsageError
from grader.grading import config
from grader.reports import files


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Start something new in an assignment."
    kinds = parser.add_subparsers(title="what", required=True, metavar="WHAT")
    exercise = kinds.add_parser("exercise", help="a class with forward and backward, from its formula")
    exercise.description = (
        "Write an exercise: its YAML, and the solved class at the end of its file in the reference, between the "
        "markers that cut it out of the template. Asks for what no option says. Given the derivatives the solution is "
        "whole; then audit it."
    )
    exercise.epilog = (
        "example: grader new exercise --title Cube --argument x=real --value 'x ** 3' --derivative '3 * x ** 2'"
    )
    exercise.add_argument("--title", metavar="TEXT", help="what people call it")
    exercise.add_argument("--statement", metavar="TEXT", help="what is asked, in a sentence")
    exercise.add_argument(
        "--class", dest="class_", metavar="NAME", help="the class students write (default: the title)"
    )
    exercise.add_argument("--file", metavar="FILE", help="where they write it (default: the assignment's last module)")
    exercise.add_argument(
        "--argument",
        action="append",
        default=[],
        metavar="NAME=DOMAIN",
        help="real, positive, nonzero or LO..HI; repeat",
    )
    exercise.add_argument("--value", metavar="FORMULA", help="what forward returns")
    exercise.add_argument(
        "--derivative", action="append", default=[], metavar="FORMULA", help="one for each argument; repeat"
    )
    exercise.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=NUMBER,...",
        help="a public input of your own, as x=6.5,d_out=3; repeat",
    )
    exercise.add_argument("--id", metavar="ID", help="default: made from the title")
    exercise.add_argument("--folder", type=Path, metavar="DIR", help="where the YAML goes (default: beside the others)")
    common.assignment(exercise)
    exercise.set_defaults(start=_exercise)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    return int(options.start(options))


def _exercise(options: argparse.Namespace) -> int:
    assignment = config.load(options.config)
    title = options.title or _asked("title", "what people call it, such as Cube")
    idea = Idea(
        id=options.id or starting.id_of(title),
        title=title,
        statement=options.statement or _asked("statement", "what is asked, in a sentence"),
        module=_module(options.file) if options.file else assignment.layout.modules[-1],
        class_=options.class_ or "".join(word.capitalize() for word in starting.WORDS.findall(title.casefold())),
        arguments=_pairs(
            "--argument",
            "NAME=DOMAIN, as in x=real",
            options.argument or _asked("arguments", "as in x=real y=positive").split(),
        ),
        value=options.value or _asked("value", "the formula, as in x ** 3"),
        derivatives=tuple(options.derivative),
        inputs=tuple(_pairs("--input", "NAME=NUMBER, as in x=6.5,d_out=3", one.split(",")) for one in options.input),
    )
    if idea.derivatives and len(idea.derivatives) != len(idea.arguments):
        raise UsageError(f"{len(idea.arguments)} arguments need as many derivatives, not {len(idea.derivatives)}")
    folder = options.folder or (assignment.root / assignment.exercises[-1].source).parent
    made = starting.written(idea, assignment, folder)
    files.write(made.exercise, made.yaml.encode())
    files.write(made.reference, made.source.encode())
    print(made.yaml, end="")
    print(f"\nwritten: {near_by(made.exercise)}, and {idea.class_} at the end of {near_by(made.reference)}")
    if not idea.derivatives:
        say(f"its backward is yours to write, in {near_by(made.reference)}, between the markers")
    say(f"next: grader template; grader preview {idea.id}; grader audit {idea.id}")
    return OK


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def _pairs(option: str, wanted: str, given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"{option} {one}: should be {wanted}")
        found[name.strip()] = value.strip()
    return found


def _asked(what: str, example: str) -> str:
    """Ask on a terminal. Raises UsageError where there is none, or nothing is said."""
    if not sys.stdin.isatty():
        raise UsageError(f"no {what} is given ({example}); say --{what.rstrip('s')}")
    said = input(f"{what} ({example}): ").strip()
    if not said:
        raise UsageError(f"an exercise needs a {what}")
    return said
