"""`grader trace`: a student's own backpropagation, step by step."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import keys, own_work
from grader.cli.common import INTERRUPTED, NOT_YET, OK, near_by, say
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.model import Trace

EXAMPLE = 'grader trace "log(z) + exp(z)" --where "z = x * y" --at x=2 y=3'


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = (
        "Run your own code on one expression, forward and then back, and show every step as it really happened: each "
        "value, each call of a backward with the d_out it was given and what it returned, and each change of a "
        "derivative. Beside the end stand the exact derivatives and central differences of your own forward. If a "
        "number is wrong, the first wrong step is marked. Exit status 0 if nothing is wrong, else 3."
    )
    parser.epilog = f"example: {EXAMPLE}"
    parser.add_argument(
        "subject",
        metavar="EXPRESSION|ID",
        help="an expression in names of your own, or an exercise's id; what begins with a minus is read as an "
        'option, unless it is in brackets: "(-x)"',
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="NAME=...",
        help="what a name in it stands for; repeat it for more",
    )
    parser.add_argument(
        "--at",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=NUMBER",
        help="the arguments (default: 2, 3, 5, …)",
    )
    parser.add_argument(
        "--d-out", type=_number, metavar="NUMBER", help="what is sent back (default: 1; 10 for a function)"
    )
    parser.add_argument("--again", action="store_true", help="send it back twice: derivatives of leaves add up")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--step", action="store_true", help="wait for a key after every step")
    forms.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page with the graph, a slider and a play button"
    )
    forms.add_argument("--svg", type=Path, metavar="DIR", help="write one picture per step, for slides")
    forms.add_argument("--json", action="store_true", help="print everything as JSON instead")
    own_work.places(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    at = _arguments(options.at)
    try:
        with own_work.opened(options) as (place, workers):
            from grader.selfcheck import checking, rounds, tracing

            what = tracing.What(options.subject, tuple(options.where), at, options.d_out, 1 + options.again)
            asked = tracing.run_of(place.assignment, what)
            checker = checking.SelfCheck(place.assignment, workers)
            trace = tracing.traced(checker, rounds.read(place), asked)
        _show(options, trace)
        return OK if tracing.is_right(trace) else NOT_YET
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED


def _show(options: argparse.Namespace, trace: Trace) -> None:
    own_work.speak_utf8()
    if options.json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(trace), indent=1).decode())
    elif options.html or options.svg:
        _write(options, trace)
    else:
        _print(trace, options.step)


def _print(trace: Trace, waits: bool) -> None:
    from grader.reports import trace_text

    width = shutil.get_terminal_size().columns
    print(trace_text.head(trace))
    print()
    waits = waits and sys.stdin.isatty()
    if waits:
        say("press a key for the next step, q for all the rest")
    for step in trace_text.steps(trace, width):
        print(step, flush=True)
        waits = waits and keys.pressed()
    for line in trace_text.end(trace, width):
        print(line)


def _write(options: argparse.Namespace, trace: Trace) -> None:
    from grader.reports import files

    if options.html:
        from grader.reports import trace_page

        files.write(options.html, trace_page.html(trace).encode())
        print(f"written: {near_by(options.html)}")
        return
    from grader.reports import trace_drawing, trace_frames

    frames = trace_frames.frames(trace)
    if not frames:
        raise UsageError(f"--svg: {trace_drawing.undrawn(trace) or 'there is nothing to draw: see it without --svg'}")
    options.svg.mkdir(parents=True, exist_ok=True)
    for name, text in frames.items():
        files.write(options.svg / name, text.encode())
    print(f"written: {len(frames)} pictures in {near_by(options.svg)}{os.sep}")


def _arguments(given: Sequence[str]) -> dict[str, float]:
    at: dict[str, float] = {}
    for name, value in map(_pair, given):
        if name in at:
            raise UsageError(f"--at {name}: it is given twice")
        at[name] = value
    return at


def _pair(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier():
        raise UsageError(f"--at {text!r}: should be a name, = and a number, as in x=2")
    try:
        return name.strip(), _number(value)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"--at {text!r}: {error}") from None


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is no finite number")
    return value
