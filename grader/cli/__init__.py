"""The command line: the only package that prints or exits. One module a command, imported when it is the one asked for.

Exit codes: 0 it ran, whatever the scores; 1 something of ours failed (everything else is written);
2 usage or configuration; 3 what was asked about differs (`diff`) or is not right yet (`check`); 130 interrupted, with
every finished result kept.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import __version__
from grader.cli.common import INTERRUPTED, OK, OURS, USAGE, say
from grader.errors import ContainmentError, JudgeError, UsageError

COMMANDS = {
    "check": "check your own homework, at your own desk",
    "grade": "grade a folder of submissions",
    "show": "show one result in full, for disputes",
    "pages": "write pages to read in a browser, from results that are there",
    "marks": "work out everyone's mark, with lateness and what was decided by hand",
    "export": "write the marks as a platform or a sheet of the course's wants them",
    "canvas": "send the marks, and each student's feedback, to Canvas",
    "diff": "say whose marks changed between two gradings",
    "new": "start an exercise from a few answers",
    "lint": "check an assignment's files, and say everything that is wrong at once",
    "preview": "show exercises, or the assignment sheet, as students will see them",
    "explain": "say what an exercise checks, at which inputs, how closely, and why",
    "audit": "prove that exercises catch mistakes, before students meet them",
    "doctor": "say what this machine can contain",
    "schema": "print a JSON Schema",
    "template": "write the student template from the reference",
    "bundle": "put an assignment into one zip: the students' handout, an autograder for Gradescope",
    "gradescope": "grade in Gradescope's container, as a bundle does there",
}
"""Every command, and what it is for. `grader.cli.<name>` holds its `define(parser)` and `run(options)`."""


CONTAINING = ("grade", "audit", "doctor")
"""The commands that run other people's code, or try out how it is held."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser(arguments).parse_args(arguments)
        return int(options.run(options))
    except UsageError as error:
        say(f"{error}")
        return USAGE
    except JudgeError as error:
        say(f"judge error: {error}")
        return OURS
    except KeyboardInterrupt:
        say("interrupted: finished results are kept; run the same command to go on")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser that knows every command by name, and in full the one that is asked for."""
    here = {one.stem for one in Path(__file__).parent.iterdir()}  # a handout has those of a desk only
    start = "Start with `grader grade` in a clone: it grades the sample class."
    if "grade" not in here:
        start = "Start with `grader check` in the folder of your homework."
    parser = argparse.ArgumentParser(
        prog="grader",
        description="Grade automatic-differentiation homework.",
        epilog=f"{start} Exit codes: 0 ran, "
        "1 something of ours failed, 2 usage or configuration, 3 `diff --exit-code` found marks that differ or `check` "
        "something that is not right yet, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    asked = next((one for one in arguments if not one.startswith("-")), "")
    for name, purpose in ((name, purpose) for name, purpose in COMMANDS.items() if name in here):
        command = commands.add_parser(name, help=purpose)
        if name == asked:
            _hold(name)
            module = importlib.import_module(f"grader.cli.{name}")  # the others' imports would be most of the time
            module.define(command)
            command.set_defaults(run=module.run)
    return parser


def _hold(command: str) -> None:
    """Raise ContainmentError where other people's code would run on a system that cannot hold it."""
    if command in CONTAINING and not (sys.platform == "linux" and hasattr(os, "fork")):
        raise ContainmentError(
            f"`grader {command}` runs other people's code, and this system cannot contain that; use Linux, or a Linux "
            "container. Your own files can be checked here: `grader check`"
        )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
