"""`grader export`: marks in the form that a platform or a course's own sheet wants."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import config
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.cli.marks import tell_of_nobody
from grader.course import marks, sheet, tables
from grader.course.marks import Marks
from grader.platforms.canvas import gradebook
from grader.reports import stored
from grader.reports.text import inert


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Write the marks of a grading in the form that a platform, or a sheet of the course's, wants."
    kinds = parser.add_subparsers(title="forms", required=True, metavar="FORM")
    canvas = kinds.add_parser("canvas", help="a file for Canvas's gradebook import")
    canvas.description = (
        "Write a file for Canvas's gradebook import, from the gradebook as Canvas exports it: by id, into an "
        "assignment that is there. Says what would change; whoever has no mark is left as they are."
    )
    canvas.epilog = "example: grader export canvas gradebook.csv --assignment 157892 -o import.csv"
    canvas.add_argument("gradebook", type=Path, metavar="GRADEBOOK", help="Canvas's export of the gradebook")
    canvas.add_argument("--assignment", required=True, metavar="ID", help="the assignment's number in Canvas, or title")
    _places(canvas, "import.csv")
    canvas.set_defaults(export=_canvas)
    columns = kinds.add_parser("sheet", help="a sheet of the course's own, with its columns filled in")
    columns.description = (
        "Fill in a sheet of the course's own: a CSV file with a line for each student. Columns called Score, Total "
        "Score, Points, Grade or Mark, Max Points, Status, Comment, or as an exercise are filled; all others stay."
    )
    columns.epilog = "example: grader export sheet section-3.csv -o filled.csv"
    columns.add_argument("sheet", type=Path, metavar="SHEET", help="the sheet, with an id or email for each student")
    _places(columns, "filled.csv")
    columns.set_defaults(export=_sheet)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    found = marks.read(assignment, options.out or assignment.out)
    tell_of_nobody(found)
    return int(options.export(options, found))


def _places(parser: argparse.ArgumentParser, name: str) -> None:
    common.places(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(name), metavar="FILE", help="where to write it (default: %(default)s)"
    )


def _canvas(options: argparse.Namespace, found: Marks) -> int:
    export = tables.read(options.gradebook)
    made = gradebook.made(export, found.standings, options.assignment, str(options.gradebook))
    stored.write(options.output, made.text.encode())
    for change in made.changes:
        if change.before != change.after:
            print(f"{inert(change.who)}: {change.before or 'nothing'} → {change.after}")
    same = sum(change.before == change.after for change in made.changes)
    print(f"{made.column}: {len(made.changes) - same} marks change, {same} stay as they are")
    for who, why in made.left_out:
        say(f"left out: {inert(who)} {why}")
    for concern in made.concerns:
        say(f"mind: {concern}")
    print(f"written: {near_by(options.output)}")
    return OK


def _sheet(options: argparse.Namespace, found: Marks) -> int:
    filled = sheet.filled(tables.read(options.sheet), found.standings, found.exercises, str(options.sheet))
    stored.write(options.output, filled.text.encode())
    for who in filled.left_out:
        say(f"left out: {inert(who)} is not in the sheet")
    print(f"{filled.count} lines filled in ({', '.join(filled.columns)})")
    print(f"written: {near_by(options.output)}")
    return OK
