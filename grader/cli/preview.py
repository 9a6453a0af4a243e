"""`grader preview`: an exercise, or all of them, as students will see it."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.authoring import figures, sheet
from grader.cli import common, students
from grader.cli.common import OK, near_by
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.reports import files


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Show exercises as students will read them: statement, formula, where to write it, points. Without an id, the "
        "whole assignment sheet. As text by default, or as a page with the mathematics set, or as Markdown. With "
        "--mistakes or --watch, an author sees as well what students find to write, and what typical mistakes are told "
        "in grading: each is planted in the reference and graded here, contained as other people's code is."
    )
    parser.epilog = "example: grader preview square; grader preview --watch square; grader preview --html sheet.html"
    parser.add_argument("ids", nargs="*", metavar="ID", help="these exercises (default: all)")
    common.assignment(parser)
    students.option(parser)
    parser.add_argument(
        "--mistakes",
        action="store_true",
        help="show as well what students find in the file to write, and what typical mistakes are told, with the "
        "points that they keep; exit status 2 where that cannot be shown of an exercise",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="go on, and show what changed as with --mistakes whenever an exercise, the config or the reference is "
        "saved; Ctrl-C ends it",
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="write a page instead; it needs no network. With --mistakes that page is for you, not for students; with "
        "--watch it is written anew after every change, and the terminal shows the same",
    )
    forms.add_argument("--markdown", type=Path, metavar="FILE", help="write Markdown instead")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if options.markdown and (options.mistakes or options.watch):
        raise UsageError(
            "--markdown writes the sheet that students get: leave out --mistakes and --watch, or use --html"
        )
    if options.mistakes or options.watch:
        from grader.cli import watching  # its workers and the cutting of handouts are not for a sheet

        return watching.watch(options) if options.watch else watching.once(options)
    assignment = config.load(options.config, tuple(options.ids))
    if options.student is not None:
        assignment = students.of(assignment, options.student)
    path: Path | None = options.html or options.markdown
    if path is not None:
        text = page(assignment) if options.html else sheet.markdown(assignment)
        files.write(path, text.encode())
        print(f"written: {near_by(path)}")
        return OK
    if not options.ids:
        print(sheet.markdown(assignment), end="")
        return OK
    print("\n".join(sheet.one(one, assignment.weights[one.id]) for one in assignment.exercises), end="")
    return OK


def page(assignment: Assignment) -> str:
    """Return the sheet as a page, with its figures."""
    drawn = {id: figures.html(trace) for id, trace in figures.traces(assignment).items()}
    return sheet.html(assignment, drawn)
