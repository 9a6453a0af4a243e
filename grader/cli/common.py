"""What the commands share: exit statuses, arguments that several take, and how to speak."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from pathlib import Path

from grader.errors import UsageError

OK, OURS, USAGE, INTERRUPTED = 0, 1, 2, 130
DIFFERENT = NOT_YET = 3
"""Exit statuses: it ran; something of ours failed; usage or configuration; interrupted; and, where that was asked, two
gradings differ, or something is not right yet."""


def assignment(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which assignment it is about."""
    parser.add_argument(
        "--config", type=Path, default=Path("config.yaml"), help="the assignment (default: %(default)s)"
    )


def places(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which assignment it is about, and where its reports are."""
    assignment(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where reports go (default: `out` in the config)")


def refuse_ungraded(out: Path, name: str) -> None:
    """Raise UsageError where a run did not come to its end before one was graded."""
    from grader.reports import unfinished  # only graders have runs

    open_run = unfinished.read(out)
    if open_run is not None and name not in open_run.done:
        raise UsageError(
            f"{name} is not graded yet: the run was interrupted; `grader grade` with the same folder goes on"
        )


def count(text: str) -> int:
    """Read a whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("should be at least 1")
    return value


def near_by(path: Path) -> str:
    """Return a path as someone standing here would type it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where no more can be written."""

WHAT_TO_DO = {
    errno.ENOENT: "it is not there; is the name right?",
    errno.EISDIR: "it is a folder, and a file is needed",
    errno.ENOTDIR: "a file lies where a folder is needed",
    errno.EEXIST: "a file lies where a folder is needed",
    errno.EROFS: "it cannot be written: the file system is read-only; name another place",
    errno.EACCES: "it may not be read or written by you",
    errno.EPERM: "it may not be read or written by you",
}


def said_of(error: OSError) -> int:
    """Say in a sentence what the system would not do, and return the exit status that it comes to."""
    where = f"{near_by(Path(os.fsdecode(error.filename)))}: " if error.filename else ""
    if error.errno in FULL:
        what = where or "standard output: "
        say(f"{what}cannot be written: no room is left on the disk; make room, and run the same command again")
        return OURS
    say(f"{where}{WHAT_TO_DO.get(error.errno or 0, f'the system says: {error.strerror or error}')}")
    return USAGE


def say(text: str) -> None:
    """Tell whoever runs the command, beside what it prints."""
    print(text, file=sys.stderr)
