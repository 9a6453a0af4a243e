"""What the commands share that run a student's own files: where these are, and the workers that run them."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.common import say
from grader.errors import UsageError
from grader.sandbox import starting

if TYPE_CHECKING:  # slow to import: this waits until the worker has been started
    from grader.selfcheck.checking import SelfWorkers
    from grader.selfcheck.finding import Making, Place
    from grader.selfcheck.prepared import AssignmentBundle


def places(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which files, and which assignment."""
    parser.add_argument("--submission", type=Path, metavar="DIR", help="your files (default: from here upwards)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the assignment (default: the nearest one above)")
    parser.add_argument(
        "--student", metavar="ID", help="where parameters are drawn per student, and this is no handout: whose to take"
    )


@contextlib.contextmanager
def opened(options: argparse.Namespace) -> Iterator[tuple[Place, SelfWorkers]]:
    """Yield where the files are, and workers. The first one gets ready while everything else is imported.

    What may be other people's files runs in the box of grading. Raises UsageError; ContainmentError where it would not
    hold.
    """
    if options.submission is not None and options.submission.is_file():
        raise UsageError(f"--submission {options.submission}: is a file; name the folder of your homework")
    first = starting.start()
    try:
        from grader.selfcheck import finding, workers

        place = finding.place(Path.cwd(), options.submission, options.config, _making(options.student))
        with workers.opened(place, say, first) as ready:
            yield place, ready
    finally:
        first.kill()


def _making(student: str | None) -> Making | None:
    """Return how an assignment is prepared for a student of the roster; None where none is named."""
    if student is None:
        return None

    def made(path: Path) -> AssignmentBundle:
        from grader.cli import students  # a course's own: no handout comes here, and has its parameters already

        return students.prepared(path, student)

    return made


def speak_utf8() -> None:
    """Print the marks as they are where output goes to a file or a pipe, whatever the system's own encoding."""
    if not sys.stdout.isatty() and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
