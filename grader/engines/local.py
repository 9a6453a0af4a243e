"""Spread submissions over this machine's cores, one supervisor process a core.

Theory of operation. The parent prepares everything and forks its children, so a plan is never
pickled. Each child is one thread with a pipe: it is sent an index, grades that submission with its
own supervisor and sends back the result. The parent hands out one index at a time to whoever is
idle, so one slow submission holds up nobody. A child that dies is replaced, and the submission it
had is tried once more, then withheld. Children ignore the keyboard and die with the parent, and
their zygotes and workers with them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

import msgspec

from grader.errors import JudgeError
from grader.grading import Grader
from grader.model import Result, Submission
from grader.planning import Plan
from grader.sandbox.launch import Box
from grader.sandbox.lockdown import die_with_parent, hide_from_same_user
from grader.sandbox.supervisor import Supervisor

TRIES = 2
_fork = multiprocessing.get_context("fork")


class Done(msgspec.Struct, frozen=True):
    """One submission's result, or why there is none (our fault)."""

    index: int
    result: Result | None
    fault: str = ""
    wall_stopped: bool = False


class _Child:
    """One grading process, and the index it is busy with."""

    def __init__(self, number: int, plan: Plan, box: Box, submissions: Sequence[Submission]) -> None:
        self.number = number
        self.pipe, theirs = _fork.Pipe()
        self.process: ForkProcess = _fork.Process(
            target=_live, args=(number, theirs, self.pipe, plan, box, submissions), daemon=True
        )
        self.process.start()
        theirs.close()
        self.busy: int | None = None

    def give(self, index: int) -> None:
        self.busy = index
        self.pipe.send(index)

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def grade_all(plan: Plan, box: Box, submissions: Sequence[Submission], jobs: int) -> Iterator[Done]:
    """Yield every submission's result as it comes. Closing the iterator ends every process.

    A submission that met a wall limit is tried again at the end, alone, before it is charged.
    """
    again: list[int] = []
    for done in _pooled(plan, box, submissions, range(len(submissions)), jobs):
        if done.wall_stopped and jobs > 1:
            again.append(done.index)
        else:
            yield done
    if again:
        yield from _pooled(plan, box, submissions, again, 1)


def _pooled(
    plan: Plan, box: Box, submissions: Sequence[Submission], indexes: Sequence[int], jobs: int
) -> Iterator[Done]:
    waiting = list(reversed(indexes))
    tries = dict.fromkeys(indexes, 0)
    children: list[_Child] = []
    try:
        for i in range(min(jobs, len(waiting))):
            children.append(_Child(i, plan, box, submissions))  # noqa: PERF401 - those before one that fails are ended
        for child in children:
            child.give(waiting.pop())
        while busy := [child for child in children if child.busy is not None]:
            ready = wait([child.pipe for child in busy])
            for i, child in enumerate(children):
                if child.pipe not in ready or child.busy is None:
                    continue
                index, child.busy = child.busy, None
                try:
                    yield child.pipe.recv()
                except (EOFError, OSError):
                    child.end()
                    children[i] = child = _Child(child.number, plan, box, submissions)
                    tries[index] += 1
                    if tries[index] < TRIES:
                        waiting.append(index)
                    else:
                        yield Done(index, None, "the grading process died twice on it")
                if waiting:
                    child.give(waiting.pop())
    finally:
        for child in children:
            child.end()


def _live(
    number: int,
    pipe: Connection,
    parents: Connection,
    plan: Plan,
    box: Box,
    submissions: Sequence[Submission],
) -> None:
    """Be a child: grade what the pipe names until it closes."""
    parents.close()
    for keyboard in (signal.SIGINT, signal.SIGTSTP):
        signal.signal(keyboard, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()
    hide_from_same_user()
    with Supervisor(box, number) as supervisor:
        grader = Grader(plan, supervisor)
        while True:
            try:
                index = pipe.recv()
            except EOFError:
                return
            pipe.send(_graded(grader, index, submissions[index]))


def _graded(grader: Grader, index: int, submission: Submission) -> Done:
    try:
        return Done(index, grader.grade(submission), wall_stopped=grader.wall_stopped)
    except JudgeError as error:
        return Done(index, None, str(error))
    except Exception as error:
        # A bug of ours must cost this one score and be said, never stop a class's grading or pass.
        return Done(index, None, f"internal error ({type(error).__name__}: {error}; {_where(error)})")


def _where(error: BaseException) -> str:
    """Return the innermost place of ours, as a bug report needs it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name} line {last.lineno}"
