"""`grader decide`: comment on a mistake once, or on one student's work, and set points, on a page of this machine."""

from __future__ import annotations

import argparse
import contextlib
import os
import webbrowser
from collections.abc import Iterator
from html import escape
from pathlib import Path

from grader.batch import pages
from grader.cli import common
from grader.cli.common import OK, near_by, say
from grader.cli.marks import renew
from grader.course import marks
from grader.errors import UsageError
from grader.grading import config

LAST_PORT = 65_535


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Open a page on this machine, to read students' work and decide by hand: a comment, points, or both, for one "
        "student or for everyone who made the same mistake. The page shows every mark before and after, and writes "
        "decisions into overrides.yaml, beside what stands there. The last ones can be undone. It ends with Ctrl-C."
    )
    parser.epilog = "example: grader decide --out reports (then docs/staff.md)"
    common.places(parser)
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port to use (default: one that is free)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    out = options.out or assignment.out
    from grader.batch.bench import Bench  # jinja2 and Pygments are slow to import
    from grader.batch.decide_server import Server
    from grader.batch.deciding import Decisions

    if not 0 <= options.port <= LAST_PORT:
        raise UsageError(f"--port {options.port}: a port is a number from 0 to {LAST_PORT}")
    table = Bench(assignment, out)
    decisions = Decisions(assignment.overrides, out, table.graded.exercises)
    marks.of(assignment, out, table.graded)  # what is wrong with the file is said now

    def write() -> str:
        found = renew(assignment, out, table.graded)
        said = f"Written: {near_by(out)}/marks.csv, {pages.INDEX}, and {found} of the files that students are given."
        return f"{said} But {table.unfinished}." if table.unfinished else said

    try:
        server = Server(table, decisions, write, options.port)
    except OSError as error:
        raise UsageError(f"--port {options.port}: {error.strerror or error}; name another") from None
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"open this in a browser on this machine: {server.url}", flush=True)
        say(f"decisions go into {near_by(assignment.overrides)}; stop with Ctrl-C, and what was decided stays")
        with contextlib.nullcontext() if options.no_browser else _opened(server.url, out):
            server.serve_forever()
    print("`grader marks` writes the marks of what was decided, unless the page has")
    return OK


@contextlib.contextmanager
def _opened(url: str, out: Path) -> Iterator[None]:
    """Open a browser at an address that stands in no command line: others on this machine can read those.

    A file that only its owner can read leads there.
    """
    path = out / f".decide-{os.getpid()}.html"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(
                f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(url)}"><title>decide</title>\n'
            )
        webbrowser.open(path.resolve().as_uri())
    except OSError as error:
        say(f"no browser was opened ({error.strerror or error}); open the address yourself")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
