"""`grader canvas push`: marks and feedback into Canvas, a dry run unless `--send` is said."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from grader.assignment import addresses
from grader.cli import collapsed, common
from grader.cli.collapsed import say_each
from grader.cli.common import OK, OURS, near_by, say
from grader.cli.marks import renew_feedback, tell_of_concerns, tell_of_grading, tell_of_lateness, tell_of_nobody
from grader.course import marks, told
from grader.course.standings import Standing
from grader.errors import UsageError
from grader.grading import config
from grader.grading.config import Assignment
from grader.model import Result
from grader.platforms.canvas.push import log, plan, shown
from grader.platforms.canvas.push.failures import Stopped
from grader.platforms.canvas.push.log import Log
from grader.platforms.canvas.push.plan import Plan
from grader.platforms.canvas.push.sending import Sending
from grader.reports import audience, in_short, stored, terminal
from grader.reports.text import inert

if TYPE_CHECKING:
    from grader.platforms.canvas.push.service import Service

TOKEN = "CANVAS_TOKEN"


def define(parser: argparse.ArgumentParser) -> None:
    """Say what the command is for and what it takes."""
    parser.description = "Send marks to Canvas."
    kinds = parser.add_subparsers(title="what to do", required=True, metavar="DO")
    push = kinds.add_parser("push", help="send marks and feedback to an assignment in Canvas")
    push.description = (
        "Hold everyone's mark against what stands in Canvas and show what would change. With --send, send the marks, "
        "then a comment to each student with their feedback file. What stands already is not sent again, so the same "
        f"command goes on after any interruption. The token is taken from {TOKEN} in the environment."
    )
    push.epilog = (
        "example: grader canvas push --url https://canvas.example.edu --course 42 --assignment 157892. "
        "Exit codes: 0 done, 1 something was not taken or is left, 2 usage or configuration, 130 interrupted."
    )
    common.places(push)
    push.add_argument("--url", metavar="URL", help="Canvas's address (default: `canvas.url` in the config)")
    push.add_argument("--course", type=common.count, metavar="ID", help="the course's number in Canvas")
    push.add_argument("--assignment", type=common.count, metavar="ID", help="the assignment's number in Canvas")
    push.add_argument("--no-comments", action="store_true", help="send marks only")
    collapsed.verbose(push)
    push.add_argument("--send", action="store_true", help="send it, after a look at what would change")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    assignment = config.load(options.config)
    out: Path = options.out or assignment.out
    url, course, number = _where(options, assignment)
    found = marks.read(assignment, out)
    tell_of_grading(out)
    tell_of_concerns(found)
    tell_of_lateness(found)
    tell_of_nobody(found, options.verbose)
    canvas = _service(url, course, number)
    path = log.path_of(out, course, number)
    try:
        there = canvas.read()
    except Stopped as error:
        say(f"{error}; nothing was sent")
        return OURS
    feedback: dict[str, str] = {}
    short: dict[str, str] = {}
    partial: set[str] = set()
    if not options.no_comments:
        renew_feedback(assignment, out, found)
        feedback = _digests(out, found.standings)
        known = {name: one for name in feedback if (one := _for_student(out, name)) is not None}
        short = {name: in_short.text(one) for name, one in known.items()}
        partial = {name for name, one in known.items() if one.unshown}
    titles = {one.id: one.title for one in assignment.every}

    def by_hand(one: Standing) -> Iterable[str]:
        return told.by_hand(one, one.submission in partial, titles) if one.status == "graded" else ()

    planned = plan.planned(there, found.standings, feedback, log.read(path), not options.no_comments, short, by_hand)
    print(inert(there.title))
    _tell(planned, options.verbose)
    print(shown.summary(planned))
    if not options.send:
        print("nothing was sent; `--send` does it" if planned.changes else "there is nothing to send")
        return OK
    return _send(planned, canvas, out, path, options.verbose)


def _where(options: argparse.Namespace, assignment: Assignment) -> tuple[str, int, int]:
    """Return the address, the course and the assignment, from the command line or else the config."""
    known = assignment.canvas
    url, course, number = (
        options.url or known.url,
        options.course or known.course,
        options.assignment or known.assignment,
    )
    missing = [name for name, value in (("--url", url), ("--course", course), ("--assignment", number)) if not value]
    if missing:
        raise UsageError(f"say {', '.join(missing)}, or set `canvas` in {options.config}")
    said = addresses.wrong_with(url)
    if said:
        raise UsageError(f"--url {said}")
    return url.rstrip("/"), course, number


def _service(url: str, course: int, assignment: int) -> Service:
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        raise UsageError(
            f"set {TOKEN} in the environment to a token of yours (Canvas: Account, Settings, New Access Token); it is "
            "taken from nowhere else"
        )
    from grader.platforms.canvas.push.client import CanvasClient  # the extra may not be installed
    from grader.platforms.canvas.push.service import Service

    return Service(CanvasClient(url, token), course, assignment)


def _digests(out: Path, standings: Iterable[Standing]) -> dict[str, str]:
    """Return the digest of each submission's feedback, as far as it is there."""
    found = {}
    for name in {one.submission for one in standings if one.submission}:
        path = out / "feedback" / f"{name}.md"
        if path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _for_student(out: Path, name: str) -> Result | None:
    """Return a result as far as its student may know it."""
    result = stored.read(stored.path_of(out, name))
    return audience.for_student(result) if result else None


def _tell(planned: Plan, every: bool) -> None:
    """Print what would change; tell who is left out, and what to mind."""
    table = shown.table(planned, terminal.width())
    if table:
        print(f"{table}\n")
    say_each("left out", [f"{inert(who)} {why}" for who, why in planned.left_out], every)
    say_each("warning", [f"{inert(one.who)} {one.note}" for one in planned.changes if one.note], every)
    for concern in planned.concerns:  # no two are alike
        say(f"warning: {concern}")


def _send(planned: Plan, canvas: Service, out: Path, path: Path, every: bool) -> int:
    """Send a plan and say what became of it, however it ends."""
    sending = Sending(planned, out / "feedback")
    total = sum(sending.left)
    stopped = ""
    try:
        with Log(path) as kept, tqdm(total=total, unit="", desc="sending", leave=False, disable=None) as bar:
            sending.send(canvas, kept, bar.update)
    except Stopped as error:
        stopped = str(error)
    finally:
        say_each("not taken", [f"{inert(who)}: {inert(why)}" for who, why in sending.refused], every)
        print(shown.outcome(sending))
        if path.exists():
            print(f"written: {near_by(path)}")
    if stopped:
        say(f"{stopped}; run the same command to go on")
    return OURS if stopped or any(sending.left) else OK
