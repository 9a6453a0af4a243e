"""`grader check`: a student checks their own files."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import own_work
from grader.cli.common import INTERRUPTED, NOT_YET, OK, OURS, near_by, say
from grader.errors import UsageError

if TYPE_CHECKING:  # what is slow to import waits until the worker has been started
    from grader.model import Submission
    from grader.sandbox.fresh import Printed
    from grader.selfcheck.checking import Checked, SelfCheck, SelfWorkers
    from grader.selfcheck.finding import Place
    from grader.selfcheck.rounds import Round
    from grader.selfcheck.showing import Pages

SHOWN = 3
"""Exercises whose mistakes are told in full. More at a time help nobody."""

BESIDE = Path()
"""Stands for the page beside the homework."""


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Check your own files, in the folder of your homework: every public exercise, judged as in grading. Exit "
        "status 0 where all of them are right, 3 where something is not right yet. Your own code runs as you do. "
        "Other people's files, which only a course has, run contained as in grading."
    )
    parser.epilog = "example: grader check --exercise square --watch"
    parser.add_argument(
        "--exercise", action="append", default=[], metavar="ID", help="check this exercise only; give it again for more"
    )
    parser.add_argument("--all", action="store_true", help=f"tell every mistake in full, not only the first {SHOWN}")
    parser.add_argument("--watch", action="store_true", help="go on, and check what changed whenever a file is saved")
    parser.add_argument("--json", action="store_true", help="print everything as JSON instead")
    parser.add_argument(
        "--html",
        nargs="?",
        type=Path,
        const=BESIDE,
        metavar="FILE",
        help="write a page as well, with curves, graphs and traces (default: check.html beside your files); with "
        "--watch an open page keeps up",
    )
    parser.add_argument(
        "--github",
        action="store_true",
        help="in a workflow of GitHub's: mark the lines of what is wrong, and write the step's summary",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write every check as a test of JUnit's as well")
    parser.add_argument(
        "--code-quality", type=Path, metavar="FILE", help="write what is wrong as GitLab's code-quality report as well"
    )
    parser.add_argument("--open", action="store_true", help="write the page, and open it in a browser")
    own_work.places(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    if options.watch and options.json:
        raise UsageError("--watch and --json do not go together: one never ends, the other is one document")
    if options.watch and (options.github or options.junit or options.code_quality):
        raise UsageError("--watch never ends; what a push is told, is told once: leave one of them out")
    if options.watch:
        from grader.selfcheck import rounds

        rounds.hold_watchfiles()
    gc.set_threshold(50_000)  # what is imported stays; looking through it again and again is a tenth of the start
    try:
        with own_work.opened(options) as (place, workers):
            return _run(options, place, workers)
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED


def _run(options: argparse.Namespace, place: Place, workers: SelfWorkers) -> int:
    from grader.selfcheck import checking, finding, rounds

    exercises = finding.chosen(place.assignment, options.exercise)
    saved = rounds.saved(place.home) if options.watch else None
    found: dict[str, Checked] = {}
    notes: Sequence[str] = ()
    checker = checking.SelfCheck(place.assignment, workers)
    with _pages(options, place) as pages:
        for one in rounds.rounds(place, exercises, saved):
            _tell(options, place, one, checker, found)
            notes, last = (*one.submission.notes, *checker.notes), one.submission
            if pages is not None:
                _write(options, pages, place, one, checker, [found[each.id] for each in exercises], notes)
    all_of_them = [found[one.id] for one in exercises]
    if options.json:
        _print_json(place, all_of_them, last, notes, workers.printing.while_loading)
    if options.github or options.junit or options.code_quality:
        from grader.cli import on_push

        on_push.tell(options, place, last, all_of_them)
    if any(one.status == "ours" for one in all_of_them):
        return OURS
    return OK if all(one.status == "done" for one in all_of_them) else NOT_YET


def _pages(options: argparse.Namespace, place: Place) -> contextlib.AbstractContextManager[Pages | None]:
    """Return where the page is written; None where none is wanted."""
    if options.html is None and not options.open:
        return contextlib.nullcontext()
    from grader.selfcheck import showing

    beside = options.html is None or options.html is BESIDE
    return showing.Pages(place.home / showing.FILE if beside else options.html, options.watch)


def _write(
    options: argparse.Namespace,
    pages: Pages,
    place: Place,
    one: Round,
    checker: SelfCheck,
    found: Sequence[Checked],
    notes: Sequence[str],
) -> None:
    """Write the page; the first time, say where it is, and open it if that is wanted."""
    from grader.selfcheck import handing_in, showing
    from grader.selfcheck.page import Seen

    hand_in = handing_in.sentence(place.assignment, one.submission)
    seen = Seen(place.assignment, found, notes, checker.printing.while_loading, hand_in)
    pages.write(showing.with_pictures(checker, one.submission, seen))
    if one.again:
        return
    said = f"the page: {near_by(pages.path)}"
    if options.open:
        from grader.cli import browser

        said += "" if browser.open_page(pages.path) else " (no browser could be opened here; open this file in one)"
    if options.json:
        say(said)
    else:
        print(f"\n{said}", flush=True)


def _tell(
    options: argparse.Namespace, place: Place, one: Round, checking: SelfCheck, found: dict[str, Checked]
) -> None:
    """Print a line per exercise as it comes, then what is wrong, what was dropped, and what is next."""
    from grader.selfcheck import report, words

    width, colour = _columns(), sys.stdout.isatty() and "NO_COLOR" not in os.environ
    own_work.speak_utf8()
    if not options.json:
        print(end="\n" * one.again + report.notes(one.notes, width), flush=True)
    wrong = []
    for checked in checking.check(one.submission, one.exercises):
        found[checked.exercise.id] = checked
        if not options.json:
            print(report.line(checked, place.assignment, width, colour), flush=True)
        if checked.status == "wrong":
            wrong.append(checked)
    found.update(checking.explained(one.submission, found))
    if options.json:
        return
    wrong = words.distinct([found[checked.exercise.id] for checked in wrong])
    printed: dict[Printed, str] = {}
    for checked in wrong if options.all else wrong[:SHOWN]:
        print(f"\n{report.details(checked, width, printed)}")
    if options.exercise:
        right = [found[one.id] for one in one.exercises if found[one.id].status != "wrong"]
        for text in filter(None, (report.output(checked, width, printed) for checked in right)):
            print(f"\n{text}")
    if checking.printing.while_loading.lines:
        print(f"\n{report.block(checking.printing.while_loading, words.WHILE_LOADED, width)}")
    if len(wrong) > SHOWN and not options.all:
        more = len(wrong) - SHOWN
        print(f"\n{more} more {'is' if more == 1 else 'are'} wrong; --all tells all of them in full, --exercise ID one")
    if not options.exercise and any(one.status == "done" and one.printed.lines for one in found.values()):
        print(f"\n{words.SEE_PRINTS}")
    if checking.notes:
        print(f"\n{report.notes(checking.notes, width)}", end="")
    from grader.selfcheck import handing_in  # not for the first line

    said = handing_in.sentence(place.assignment, one.submission)
    print(f"\n{report.summary(found, place.assignment, width, said)}", flush=True)


def _print_json(
    place: Place, found: list[Checked], submission: Submission, notes: Sequence[str], loading: Printed
) -> None:
    from grader.selfcheck import handing_in, report

    own_work.speak_utf8()
    said = handing_in.sentence(place.assignment, submission)
    print(report.as_json(found, place.assignment, said, notes, loading).decode())


def _columns() -> int:
    """Return how wide the terminal is, as `shutil` does, whose import takes as long as a file of ours."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:  # sys.__stdout__ may be None, as mypy says: the AttributeError of that is caught below
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return 80
