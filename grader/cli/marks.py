"""`grader marks`: everyone's mark, with lateness and what was decided by hand."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.batch import belonging, marking, pages
from grader.cli import collapsed, common
from grader.cli.collapsed import say_each
from grader.cli.common import OK, near_by, say
from grader.course import hints, marks
from grader.course import marks_table as shown
from grader.course.marks import Graded, Marks
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.reports import files, stored, terminal, unfinished
from grader.reports.fractions import to_text
from grader.reports.rows import Rows
from grader.reports.text import a_few, counted, inert
from grader.submissions.people import Person, called


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Work out everyone's mark from the results of a grading: who is who by the roster, which attempt counts, what "
        "lateness takes off, and what staff decided in overrides.yaml. Nothing is graded again. Whatever belongs to "
        "nobody is listed."
    )
    parser.epilog = "example: grader marks --out reports (writes reports/marks.csv)"
    common.places(parser)
    collapsed.verbose(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    out: Path = options.out or assignment.out
    graded = marks.graded_in(out, assignment.id)
    found, renewed = _written(assignment, out, graded)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(found, enc_hook=to_text), indent=2).decode())
        return OK
    with _writing(out / pages.INDEX):
        _renew_page(out, assignment, Rows.of(graded.exercises, graded.rows), found)
    print(shown.table(found.standings, terminal.width()))
    print()
    print(shown.summary(found.standings))
    print(f"written: {near_by(out)}/marks.csv, and the marks in {near_by(out)}/index.html")
    if renewed:
        print(f"the marks are now in what students are given: {counted(renewed, 'file')} under {near_by(out)}/feedback")
    tell_of_grading(out)
    if gone := belonging.left(out):
        say(
            f"no longer handed in, so without a mark: {inert(a_few(gone))} (results in {near_by(out / belonging.LEFT)})"
        )
    tell_of_concerns(found)
    tell_of_lateness(found)
    tell_of_nobody(found, options.verbose)
    return OK


def renew(assignment: Assignment, out: Path, graded: Graded) -> int:
    """Have the table of marks, the class page and what students are given say what was decided.

    Return how many of the students' files changed. Raises UsageError.
    """
    found, renewed = _written(assignment, out, graded)
    with _writing(out / pages.INDEX):
        _renew_page(out, assignment, Rows.of(graded.exercises, graded.rows), found)
    return renewed


def _written(assignment: Assignment, out: Path, graded: Graded) -> tuple[Marks, int]:
    found = marks.of(assignment, out, graded)
    with _writing(out / "marks.csv") as path:
        files.write_all(path, (line.encode() for line in shown.lines(found.standings)))
    return found, renew_feedback(assignment, out, found)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Blame what cannot be written on the place it should be written to."""
    try:
        yield path
    except OSError as error:
        raise UsageError(f"{near_by(path)}: cannot be written: {error.strerror or error}") from None


def _renew_page(out: Path, assignment: Assignment, done: Rows, found: Marks) -> None:
    """Put the marks beside the automatic scores on the class's page."""
    who = marks.who(assignment, marks.kept(out))
    pages.write_index(out, assignment.title, done, who, found.standings)


def renew_feedback(assignment: Assignment, out: Path, found: Marks) -> int:
    """Have what students are given say what the marks say; return how many files changed. Raises UsageError."""
    titles = {one.id: one.title for one in assignment.every}
    with _writing(out / "feedback"):
        return marking.renew(out, stored.names(out), found.standings, titles)


def tell_of_grading(out: Path) -> None:
    """Say where the grading did not come to its end, so that what is there is not taken for the whole class."""
    if said := unfinished.warning(out):
        say(f"warning: {said}")


def tell_of_concerns(found: Marks) -> None:
    """Say what staff should look at in the roster and in what was decided."""
    for concern in found.concerns:
        say(f"warning: {inert(concern)}")


def tell_of_lateness(found: Marks) -> None:
    """Say for whom the late policy is not in force, because nobody knows how late they were."""
    unknown = [called(one.person) for one in found.standings if one.late_unknown]
    if unknown:
        whose = counted(len(unknown), "submission")
        say(
            f"warning: the lateness of {whose} is not known, so nothing was taken off: {inert(a_few(unknown))}; "
            "`for staff` in marks.csv says why, and `late` in overrides.yaml settles it"
        )


def tell_of_nobody(found: Marks, every: bool) -> None:
    """List what belongs to nobody, so that it is not dropped in silence."""
    told = []
    for one in found.unmatched:
        who = ", ".join(map(called, one.people)) or (f"called {one.called!r}" if one.called else "nobody is named")
        whose = one.people or (Person(sid=one.called or one.submission),)
        zeros = next((said for person in whose if (said := hints.of_person(person, found.roster))), "")
        why = found.why.get(one.submission, "")
        hint = f"; it {inert(why)}" if why else zeros
        told.append((inert(f"{one.submission} ({who})"), hint))
    say_each("matches nobody on the roster", [name for name, hint in told if not hint], every)
    for name, hint in told:
        if hint:
            say(f"matches nobody on the roster: {name}{hint}")


def tell_of_left_out(left_out: Sequence[tuple[str, str]], every: bool) -> None:
    """Say who is left out, (who, why): `every` one, or of many with the same reason the first three."""
    by_reason: dict[str, list[str]] = {}
    for who, why in left_out:
        by_reason.setdefault(why, []).append(f"{inert(who)} {why}")
    for those in by_reason.values():
        say_each("left out", those, every)
