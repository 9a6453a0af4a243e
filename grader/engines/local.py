"""Spread submissions over this machine's cores, one supervisor process a core.

Theory of operation. The parent prepares everything and forks its children, so a plan is never
pickled. Each child is one thread with a pipe: it is sent an index, reads that submission, grades it with
its own supervisor and sends back what is to be written; the first child takes over the supervisor that the
reference was checked with. So no source is ever in the parent, and of a result no more than its bytes on their
way to the disk. The parent hands out one index at a time to whoever is idle, so one slow submission holds up
nobody. A child that dies is replaced, and the submission it had is tried once more, then withheld. Children
ignore the keyboard and die with the parent, and their zygotes and workers with them.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import multiprocessing
import os
import pickle
import selectors
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from grader.engines.made import Done, Graded, grading
from grader.errors import JudgeError
from grader.model import Submission
from grader.planning import Plan
from grader.sandbox.box import Box
from grader.sandbox.lockdown import die_with_parent, hide_from_same_user
from grader.sandbox.supervisor import Supervisor

TRIES = 2
GARBAGE = 20_000
"""Objects after which a grading process looks for circles: it makes few, and 700, Python's own, come every time."""
ENDING_SECONDS = 2.0
_fork = multiprocessing.get_context("fork")


T = TypeVar("T")

Start = Callable[[Supervisor], Callable[[int], T]]
"""Called once in every grading process with its supervisor; what it returns does one piece of work, by index."""


class Did(msgspec.Struct, Generic[T], frozen=True):
    """One piece of work done, or why it was not (our fault)."""

    index: int
    made: T | None
    fault: str = ""


class _Child:
    """One grading process, and the index it is busy with."""

    def __init__(self, core: int | None, supervisor: Supervisor, start: Start[Any]) -> None:
        self.pipe, theirs = _fork.Pipe()
        self.process: ForkProcess = _fork.Process(
            target=_live, args=(core, theirs, self.pipe, supervisor, start), daemon=True
        )
        self.process.start()
        theirs.close()
        self.busy: int | None = None

    def give(self, index: int) -> None:
        self.busy = index
        _send(self.pipe, index)

    def taken(self) -> int:
        """Return the index it was busy with; it is no more."""
        index, self.busy = self.busy, None
        assert index is not None
        return index

    def end(self) -> None:
        """Let it end; one that is in the middle of something, or does not, is killed."""
        if self.busy is None:
            with contextlib.suppress(OSError):
                _send(self.pipe, None)
            self.process.join(ENDING_SECONDS)
        self.pipe.close()
        self.process.kill()
        self.process.join()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def grade_all(
    plan: Plan,
    box: Box,
    submissions: Sequence[Submission],
    indexes: Iterable[int],
    jobs: int,
    warm: Supervisor | None = None,
) -> Graded:
    """Yield what became of the submissions at `indexes`, as it comes. Closing the iterator ends every process.

    Submissions are read, and results rendered, by the processes that grade. A submission that met a wall limit is
    tried again at the end, alone, before it is charged. The first process goes on with the zygotes of a supervisor that
    is `warm`, which are on its core already (`beside_the_first`).
    """

    def start(supervisor: Supervisor) -> Callable[[int], Done]:
        grade = grading(plan, supervisor)
        return lambda index: grade(index, submissions[index])

    again: list[int] = []
    for did in spread(start, indexes, box, jobs, warm):
        done = did.made or Done(did.index, None, did.fault)
        if done.wall_stopped and jobs > 1:
            again.append(done.index)
        else:
            yield done
    for did in spread(start, again, box, 1):
        yield did.made or Done(did.index, None, did.fault)


def spread(
    start: Start[T], indexes: Iterable[int], box: Box, jobs: int, warm: Supervisor | None = None
) -> Iterator[Did[T]]:
    """Do every piece of work in one of `jobs` processes, and yield what came of each as it comes.

    The first process is given the supervisor that is `warm`. Closing the iterator ends every process.
    """
    waiting = _Waiting(indexes)
    first = list(itertools.islice(waiting, jobs))
    cores_for = places(len(first))
    children: dict[int, _Child] = {}

    def begin(number: int, supervisor: Supervisor) -> _Child:
        child = children[number] = _Child(cores_for[number], supervisor, start)
        busy.register(child.pipe, selectors.EVENT_READ, number)
        return child

    def end() -> None:
        for child in children.values():
            child.end()

    with selectors.DefaultSelector() as busy, contextlib.ExitStack() as at_the_end:
        at_the_end.callback(end)
        for number, index in enumerate(first):
            if number == 0 and warm is not None:
                begin(number, warm).give(index)
                warm.passed_on()
            else:
                begin(number, Supervisor(box, number)).give(index)
        while busy.get_map():
            for key, _ in busy.select():
                child = children[key.data]
                index = child.taken()
                did: Did[T] | None
                try:
                    did = _receive(child.pipe)
                except (EOFError, OSError):
                    did = None if waiting.again(index) else Did(index, None, "the grading process died twice on it")
                    busy.unregister(child.pipe)
                    child.end()
                    child = begin(key.data, Supervisor(box, key.data))
                if (following := next(waiting, None)) is not None:
                    child.give(following)  # before what came back is seen to: nobody waits for that
                else:
                    busy.unregister(child.pipe)
                if did is not None:
                    yield did


class _Waiting(Iterator[int]):
    """What is still to be done, and, before that, what is to be done once more."""

    def __init__(self, indexes: Iterable[int]) -> None:
        self._fresh, self._again = iter(indexes), list[int]()
        self._deaths: Counter[int] = Counter()

    def __next__(self) -> int:
        return self._again.pop() if self._again else next(self._fresh)

    def again(self, index: int) -> bool:
        """Put back what a process died on; False where it has been tried often enough."""
        self._deaths[index] += 1
        if self._deaths[index] >= TRIES:
            return False
        self._again.append(index)
        return True


def places(count: int) -> Sequence[int | None]:
    """Return the core that each of `count` grading processes is to stay on; None where the system is to choose.

    A process and its worker take turns, so they need one core between them, and to wake somebody on another costs both.
    Where there are fewer than cores, others may be grading here too: all would crowd onto the first.
    """
    there = sorted(os.sched_getaffinity(0))
    return [there[i % len(there)] if count >= len(there) else None for i in range(count)]


@contextlib.contextmanager
def beside_the_first(jobs: int) -> Iterator[None]:
    """Have what is started meanwhile stay on the core where the first of `jobs` grading processes will be."""
    before = os.sched_getaffinity(0)
    stay_on(places(jobs)[0])
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, before)


def stay_on(core: int | None) -> None:
    """Keep this thread, and whatever it starts, on a core; where there is none, or it was taken away, do nothing."""
    if core is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {core})


def _live(core: int | None, pipe: Connection, parents: Connection, supervisor: Supervisor, start: Start[Any]) -> None:
    """Be a child: do what the pipe names, until that is nothing or it closes."""
    parents.close()
    stay_on(core)
    for keyboard in (signal.SIGINT, signal.SIGTSTP):
        signal.signal(keyboard, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent()
    hide_from_same_user()
    gc.freeze()  # what was there before is not looked through again, nor copied for that
    gc.set_threshold(GARBAGE)
    with supervisor:
        work = start(supervisor)
        while True:
            try:
                index = _receive(pipe)
            except EOFError:
                return
            if index is None:
                return
            _send(pipe, _did(work, index))


def _send(pipe: Connection, what: object) -> None:
    """Do what `Connection.send` does by pickle itself: multiprocessing's own takes longer to make than to use."""
    pipe.send_bytes(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))


def _receive(pipe: Connection) -> Any:
    return pickle.loads(pipe.recv_bytes())


def _did(work: Callable[[int], T], index: int) -> Did[T]:
    try:
        return Did(index, work(index))
    except JudgeError as error:
        return Did(index, None, str(error))
    except Exception as error:
        # A bug of ours must cost this one score and be said, never stop a class's grading or pass.
        return Did(index, None, f"internal error ({type(error).__name__}: {error}; {_where(error)})")


def _where(error: BaseException) -> str:
    """Return the innermost place of ours, as a bug report needs it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name} line {last.lineno}"
