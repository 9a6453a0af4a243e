"""`grader preview`: an exercise, or all of them, as students will see it."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.authoring import figures, sheet
from grader.cli import common, students
from grader.cli.common import OK, near_by
from grader.grading import config
from grader.grading.config import Assignment
from grader.reports import files


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Show exercises as students will read them: statement, formula, where to write it, points. Without an id, the "
        "whole assignment sheet. As text by default, or as a page with the mathematics set, or as Markdown."
    )
    parser.epilog = "example: grader preview square; grader preview --html sheet.html"
    parser.add_argument("ids", nargs="*", metavar="ID", help="these exercises (default: all)")
    common.assignment(parser)
    students.option(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--html", type=Path, metavar="FILE", help="write a page instead; it needs no network")
    forms.add_argument("--markdown", type=Path, metavar="FILE", help="write Markdown instead")


def _page(assignment: Assignment) -> str:
    drawn = {id: figures.html(trace) for id, trace in figures.traces(assignment).items()}
    return sheet.html(assignment, drawn)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config, tuple(options.ids))
    if options.student is not None:
        assignment = students.of(assignment, options.student)
    path: Path | None = options.html or options.markdown
    if path is not None:
        text = _page(assignment) if options.html else sheet.markdown(assignment)
        files.write(path, text.encode())
        print(f"written: {near_by(path)}")
        return OK
    if not options.ids:
        print(sheet.markdown(assignment), end="")
        return OK
    print("\n".join(sheet.one(one, assignment.weights[one.id]) for one in assignment.exercises), end="")
    return OK
