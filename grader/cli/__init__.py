"""The command line: the only package that prints or exits. One module a command, imported when it is the one asked for.

`grader` alone shows the help and exits with 0, as `grader --help` does.

Exit codes: 0 it ran, whatever the scores; 1 something of ours failed (everything else is written);
2 usage or configuration; 3 what was asked about differs (`diff`) or is not right yet (`check`); 130 interrupted, with
every finished result kept.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import __version__
from grader.cli.common import INTERRUPTED, OK, OURS, USAGE, said_of, say
from grader.errors import ContainmentError, JudgeError, UsageError

GROUPS = {
    "check your own work": {
        "check": "check your own homework on your own machine",
        "trace": "see your own backpropagation run, step by step",
    },
    "grade a class": {
        "grade": "grade a folder of submissions",
        "marks": "work out the marks, with lateness and decisions made by hand",
        "decide": "comment on work and set points by hand, on a page of this machine",
        "doctor": "show how well this machine can contain other people's code",
    },
    "see and compare": {
        "show": "show one result in full, for disputes",
        "pages": "write pages to read in a browser, from stored results",
        "diff": "list the marks that changed between two gradings",
    },
    "write exercises": {
        "new": "start an exercise from a few answers",
        "lint": "list every mistake in an assignment's files at once",
        "preview": "show exercises or the assignment sheet as students see them",
        "explain": "show what an exercise checks, at which inputs, and how closely",
        "audit": "prove that exercises catch mistakes, before students see them",
        "template": "write the student template from the reference",
        "schema": "print the JSON Schema of a file",
    },
    "platforms": {
        "bundle": "pack a handout for students or an autograder for Gradescope",
        "export": "write the marks as a platform or a course's sheet wants them",
        "canvas": "send marks and feedback to Canvas",
        "gradescope": "grade in Gradescope's container; a bundle runs this",
    },
}
"""Every command and its purpose, grouped by what a user wants to do. `grader.cli.<name>` holds its `define(parser)` and
`run(options)`."""

COMMANDS = {name: purpose for group in GROUPS.values() for name, purpose in group.items()}


GOES_ON = "finished results are kept; run the same command to go on"

CONTAINING = ("grade", "audit", "doctor")
"""The commands that run other people's code, or try out how it is held."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    _open_what_is_closed()
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        parser = _parser(arguments)
        if not arguments:
            parser.print_help()
            return OK
        options = parser.parse_args(arguments)
        status = int(options.run(options))
        sys.stdout.flush()  # what cannot be written is said here, and not by Python at its end
        return status
    except UsageError as error:
        say(f"{error}")
        return USAGE
    except JudgeError as error:
        say(f"grader fault: {error}")
        return OURS
    except KeyboardInterrupt:
        exec("")  # after one inside of such code, `python -m` would end by the signal, whatever is returned here
        nothing = arguments[:1] == ["new"]  # it writes when all is said
        say(f"interrupted: {'nothing was written' if nothing else GOES_ON}")
        return INTERRUPTED
    except BrokenPipeError:
        _stop_printing()
        return OK
    except OSError as error:
        if error.filename is None:
            _stop_printing()  # most likely standard output itself
        return said_of(error)
    except Exception as error:
        import traceback  # hardly ever needed

        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name} line {place.lineno}"
        say(f"grader fault: internal error ({type(error).__name__}: {error}; {where}); please report it with this line")
        return OURS


def _open_what_is_closed() -> None:
    """Let output lead nowhere that was closed before this began, as by `>&-`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 # open until the end


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser that knows every command by name, and in full the one that is asked for.

    Raises UsageError for a command that there is not.
    """
    here = {one.stem for one in Path(__file__).parent.iterdir()}  # a handout has those for students only
    names = [name for name in COMMANDS if name in here]
    asked = next((one for one in arguments if not one.startswith("-")), "")
    if asked and asked not in names and asked == arguments[0]:
        raise UsageError(_no_such_command(asked, names))
    parser = argparse.ArgumentParser(
        prog="grader",
        usage="%(prog)s [-h] [--version] COMMAND ...",
        description="Grade automatic-differentiation homework.",
        epilog=_overview(names),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = parser.add_subparsers(prog="grader", required=True, metavar="COMMAND", help=argparse.SUPPRESS)
    for name in names:
        command = commands.add_parser(name)
        if name == asked:
            _hold(name)
            module = importlib.import_module(f"grader.cli.{name}")  # the others' imports would be most of the time
            module.define(command)
            command.set_defaults(run=module.run)
    return parser


def _overview(names: Sequence[str]) -> str:
    """Return what stands below the options in the help: the commands by group, where to start, and the exit codes."""
    lines = []
    for heading, group in GROUPS.items():
        rows = [f"  {name:<{WIDTH}}  {purpose}" for name, purpose in group.items() if name in names]
        if rows:
            lines += [f"{heading}:", *rows, ""]
    start = "`grader grade` in a clone grades the sample class."
    if "grade" not in names:
        start = "`grader check` in the folder of your homework checks it."
    lines += [
        f"Start here: {start}",
        "`grader COMMAND --help` lists the options of a command.",
        "",
        "exit codes:",
        "    0  the command ran, or this help was shown",
        "    1  the grader itself failed in part; everything else was written",
        "    2  mistake on the command line or in a configuration file",
        "    3  `diff --exit-code`: marks differ; `check`: something is not right yet",
        "  130  interrupted; every finished result is kept",
    ]
    return "\n".join(lines)


WIDTH = max(map(len, COMMANDS))


def _no_such_command(asked: str, names: Sequence[str]) -> str:
    from grader.assignment.forms import near

    suggestion = near(asked, names) or "; `grader` lists the commands"
    return f"grader: there is no command {asked!r}{suggestion}"


def _hold(command: str) -> None:
    """Raise ContainmentError where other people's code would run on a system that cannot hold it."""
    if command in CONTAINING and not (sys.platform == "linux" and hasattr(os, "fork")):
        raise ContainmentError(
            f"`grader {command}` runs other people's code, and this system cannot contain that; use Linux, or a Linux "
            "container. Your own files can be checked here: `grader check`"
        )


def _stop_printing() -> None:
    """Send the rest of standard output nowhere, so that Python does not fail to write it once more at its end."""
    with contextlib.suppress(io.UnsupportedOperation):  # a caller's own stdout may have no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
