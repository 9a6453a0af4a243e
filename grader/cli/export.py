"""`grader export`: marks and results in the form that a platform, a CI system or a course's own sheet wants."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from grader.assignment.forms import near
from grader.cli import collapsed, common
from grader.cli.common import OK, near_by, say
from grader.cli.marks import tell_of_concerns, tell_of_grading, tell_of_lateness, tell_of_left_out, tell_of_nobody
from grader.course import marks, sheet, tables, told
from grader.course.marks import Marks
from grader.course.standings import Standing
from grader.course.tables import Table
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.model import Result
from grader.platforms import moodle, prairielearn, result_json
from grader.platforms.canvas import gradebook
from grader.reports import audience, feedback, files, junit, marked, stored, unfinished, whose
from grader.reports.text import inert
from grader.reports.zipped import zipped

INPUTS = ("gradebook", "sheet", "worksheet")
"""What the options are called that name a file to read."""

RECORDS = {"prairielearn": prairielearn.record, "result": result_json.record}


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Write the marks of a grading, or its results, in the form that a platform, a CI system, or a sheet of the "
        "course's wants. What students are not to read is in none of them, unless --published says that they may."
    )
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
    _define_moodle(kinds.add_parser("moodle", help="Moodle's grading worksheet filled in, and a zip of feedback files"))
    _define_junit(kinds.add_parser("junit", help="JUnit XML, of a class or one student, for CI"))
    for form, name, title in (
        ("prairielearn", "results.json", "PrairieLearn's results.json of one student"),
        ("result", "result.json", "a result.json of one student: score, max_score and tests"),
    ):
        record = kinds.add_parser(form, help=title)
        record.description = f"Write {title}. A score that is withheld is not in it."
        record.epilog = f"example: grader export {form} --student u2001 -o {name}"
        record.add_argument("--student", required=True, metavar="NAME", help="whose result: the submission's name")
        _places(record, name)
        _published(record)
        record.set_defaults(export=_record, form=form)


def _define_moodle(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Fill in the grades of the grading worksheet that Moodle exports; everything else in it stays. With "
        "--feedback, write a zip of feedback files as well, to upload as `multiple feedback files in a zip`."
    )
    parser.epilog = "example: grader export moodle worksheet.csv -o grades.csv --feedback feedback.zip"
    parser.add_argument("worksheet", type=Path, metavar="WORKSHEET", help="the worksheet, as Moodle exported it")
    parser.add_argument("--feedback", type=Path, metavar="FILE", help="where to write the zip of feedback files")
    _places(parser, "grades.csv")
    _published(parser)
    parser.set_defaults(export=_moodle)


def _define_junit(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write results as JUnit XML: a suite a submission, a test a check, points as properties."
    parser.epilog = "example: grader export junit --student u2001 -o junit.xml"
    parser.add_argument("--student", metavar="NAME", help="only this submission (default: the class)")
    _places(parser, "junit.xml")
    _published(parser)
    parser.set_defaults(export=_junit)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    options.output = _output(options)
    assignment = config.load(options.config)
    return int(options.export(options, assignment, options.out or assignment.out))


def _output(options: argparse.Namespace) -> Path:
    """Return where to write. Raises UsageError where a file would be lost that the command does not name."""
    output: Path = options.output or options.usual
    if options.output is None and os.path.lexists(output):
        raise UsageError(f"{output}: is there already; say `-o {output}` to replace it, or `-o` with another name")
    written = {"-o": output, "--feedback": getattr(options, "feedback", None)}
    for option, path in written.items():
        for name in INPUTS:
            source = getattr(options, name, None)
            if path is not None and source is not None and _is_same(path, source):
                raise UsageError(f"{option} {path}: is the {name} that is read; name another file")
    if written["--feedback"] is not None and _is_same(output, written["--feedback"]):
        raise UsageError(f"--feedback {output}: is where -o writes; name another file")
    return output


def _is_same(one: Path, other: Path) -> bool:
    """Say whether two paths lead to one file, which need not be there yet."""
    try:
        return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))
    except OSError:
        return False


def _places(parser: argparse.ArgumentParser, name: str) -> None:
    common.places(parser)
    collapsed.verbose(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=f"where to write it; replaces the file there (default: {name}, unless it is there)",
    )
    parser.set_defaults(usual=Path(name))


def _published(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--published", action="store_true", help="with the hidden checks, as students may read once grades are out"
    )


def _marks(assignment: Assignment, out: Path, every: bool) -> Marks:
    found = marks.read(assignment, out)
    tell_of_grading(out)
    tell_of_concerns(found)
    tell_of_lateness(found)
    tell_of_nobody(found, every)
    return found


def _in_dialect(text: str, table: Table) -> bytes:
    """Return a file's text in its own encoding, and say where that could not be."""
    content, why = tables.encoded(text, table.dialect)
    if why:
        say(f"warning: {why}")
    return content


def _written(path: Path, content: bytes) -> None:
    files.write(path, content)
    print(f"written: {near_by(path)}")


def _canvas(options: argparse.Namespace, assignment: Assignment, out: Path) -> int:
    found = _marks(assignment, out, options.verbose)
    export = tables.read(options.gradebook)
    made = gradebook.made(export, found.standings, options.assignment, str(options.gradebook))
    for change in made.changes:
        if not change.stays:
            print(f"{inert(change.who)}: {change.before or 'nothing'} → {change.after}")
    same = sum(change.stays for change in made.changes)
    changed = len(made.changes) - same
    print(f"{made.column}: {'1 mark changes' if changed == 1 else f'{changed} marks change'}, {same} stay as they are")
    tell_of_left_out(made.left_out, options.verbose)
    for concern in made.concerns:
        say(f"warning: {concern}")
    _written(options.output, made.text.encode())
    return OK


def _sheet(options: argparse.Namespace, assignment: Assignment, out: Path) -> int:
    found = _marks(assignment, out, options.verbose)
    table = tables.read(options.sheet)
    filled = sheet.filled(table, found.standings, found.exercises, str(options.sheet))
    tell_of_left_out(filled.left_out, options.verbose)
    for concern in filled.concerns:
        say(f"warning: {concern}")
    print(f"{filled.count} lines filled in ({', '.join(filled.columns)})")
    _written(options.output, _in_dialect(filled.text, table))
    return OK


def _moodle(options: argparse.Namespace, assignment: Assignment, out: Path) -> int:
    found = _marks(assignment, out, options.verbose)
    table = tables.read(options.worksheet)
    filled = moodle.filled(table, found.standings, str(options.worksheet))
    tell_of_left_out(filled.left_out, options.verbose)
    for concern in filled.concerns:
        say(f"warning: {concern}")
    print(f"{filled.count} grades filled in")
    _written(options.output, _in_dialect(filled.text, table))
    if options.feedback:
        files_of = {
            f"{folder}/{moodle.FEEDBACK}": _feedback(assignment, out, one, options.published)
            for (folder, _), one in zip(filled.folders, filled.whose)
        }
        _written(options.feedback, zipped(files_of))
    return OK


def _junit(options: argparse.Namespace, assignment: Assignment, out: Path) -> int:
    names = [options.student] if options.student else stored.names(out)
    if not names:
        raise UsageError(f"{near_by(out)}: holds no results; run `grader grade` first")
    tell_of_grading(out)
    open_run = unfinished.read(out)
    title = f"{assignment.title} ({open_run} are graded)" if open_run else assignment.title
    _written(options.output, junit.xml(title, _results(assignment, out, names), options.published))
    return OK


def _record(options: argparse.Namespace, assignment: Assignment, out: Path) -> int:
    (result,) = _results(assignment, out, [options.student])
    tell_of_grading(out)
    made = RECORDS[options.form](result, options.published)
    _written(options.output, json.dumps(made, indent=1, ensure_ascii=False).encode() + b"\n")
    return OK


def _feedback(assignment: Assignment, out: Path, standing: Standing, published: bool) -> bytes:
    """Return what one student is given: how it was graded, and their own mark, a member's of a group too."""
    (result,) = _results(assignment, out, [standing.submission])
    titles = {one.id: one.title for one in assignment.every}
    text = feedback.markdown(audience.for_student(result, published))
    return marked.in_markdown(text, told.told([standing], marked.is_partial(text), titles)).encode()


def _results(assignment: Assignment, out: Path, names: list[str]) -> Iterator[Result]:
    """Yield stored results, one at a time. Raises UsageError where one is not there, not whole, or another's."""
    known = stored.names(out)
    for name in names:
        if name not in known:
            if name in stored.all_names(out) or any(name == one.submission for one in marks.kept(out)):
                common.refuse_ungraded(out, name)
            raise UsageError(f"no result for {name!r} under {near_by(out)}{near(name, known)}")
        result = stored.read(stored.path_of(out, name))
        if result is None:
            raise UsageError(f"{near_by(out)}: the result of {name} is not a whole one; grade again with --fresh")
        whose.refuse(out, result.assignment, assignment.id)
        yield result
