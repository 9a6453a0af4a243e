"""Spread submissions over this machine's cores, one supervisor process a core.

Theory of operation. The parent prepares everything and forks its children, so a plan is never
pickled. Each child is one thread with a pipe: it is sent a few indexes, reads those submissions, grades them with
its own supervisor and sends back what is to be written; the first child takes over the supervisor that the
reference was checked with. So no source is ever in the parent, and of a result no more than its bytes on their
way to the disk. Whoever is idle is handed as many as it did in a moment the last time, four at most, since every
message wakes two processes whose memory has gone cold; what it has not come to after a moment it leaves to others,
so one slow submission holds up three others at most. A child that dies is replaced, and the submissions it had are
tried once more, each alone, then withheld. Children ignore the keyboard and die with the parent, and their zygotes and
workers with them.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import multiprocessing
import pickle
import selectors
import signal
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from grader.batch import cores
from grader.batch.rendering import Done, Graded, grading
from grader.errors import JudgeError
from grader.grading.planning import Plan
from grader.model import Submission
from grader.sandbox.boundary.lockdown import die_with_parent, hide_from_same_user
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor

TRIES = 2
MOST_TOGETHER = 4
MOMENT_SECONDS = 0.05
"""As long as a process goes on with what it was handed before it says what came of it: ten honest submissions."""
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
    """One grading process, and the indexes it is busy with; at most so many more, when it is done with them."""

    def __init__(self, core: int | None, supervisor: Supervisor, start: Start[Any]) -> None:
        self.pipe, theirs = _fork.Pipe()
        self.process: ForkProcess = _fork.Process(
            target=_live, args=(core, theirs, self.pipe, supervisor, start), daemon=True
        )
        self.process.start()
        theirs.close()
        self.given: Sequence[int] = ()
        self.most = 1

    def give(self, indexes: Sequence[int]) -> None:
        """Hand it work; where it has died, that is found when it is asked what came of it."""
        self.given = indexes
        with contextlib.suppress(OSError):
            _send(self.pipe, indexes)

    def taken(self) -> Sequence[int]:
        """Return the indexes it was busy with; it is no more."""
        given, self.given = self.given, ()
        return given

    def end(self) -> None:
        """Let it end; one that is in the middle of something, or does not, is killed."""
        if not self.given:
            with contextlib.suppress(OSError):
                _send(self.pipe, None)
            self.process.join(ENDING_SECONDS)
        self.pipe.close()
        self.process.kill()
        self.process.join()


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
    is `warm`, which are on its core already (`cores.beside_the_first`).
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
    first = waiting.few(jobs)
    with _Children(box, start, cores.places(len(first))) as children:
        for number, index in enumerate(first):
            children.begin(number, warm if number == 0 else None)
            children.all[number].give((index,))
        while any(child.given for child in children.all.values()):
            for number in children.heard():
                child = children.all[number]
                given = child.taken()
                try:
                    came: Sequence[Did[T]] = _receive(child.pipe)
                    waiting.back(given[len(came) :])
                    child.most = min(2 * child.most, MOST_TOGETHER) if len(came) == len(given) else 1
                except (EOFError, OSError):
                    came = [Did(index, None, "the grading process died twice on it") for index in waiting.died(given)]
                    children.end(number)
                    if given:  # one that dies with nothing to do would die again
                        children.begin(number)
                for idle in children.all.values():  # before what came back is seen to: nobody waits for that
                    if not idle.given and (few := waiting.few(idle.most)):
                        idle.give(few)
                yield from came


class _Children:
    """The grading processes, by number, each on a core of its own or none. They end with it, as a context manager."""

    def __init__(self, box: Box, start: Start[Any], cores_for: Sequence[int | None]) -> None:
        self.all: dict[int, _Child] = {}
        self._box, self._start, self._cores_for = box, start, cores_for
        self._pipes = selectors.DefaultSelector()

    def __enter__(self) -> _Children:
        return self

    def __exit__(self, *_: object) -> None:
        for number in list(self.all):
            self.end(number)
        self._pipes.close()

    def begin(self, number: int, warm: Supervisor | None = None) -> None:
        """Start one, which goes on with the supervisor that is `warm`."""
        child = self.all[number] = _Child(self._cores_for[number], warm or Supervisor(self._box, number), self._start)
        self._pipes.register(child.pipe, selectors.EVENT_READ, number)
        if warm is not None:
            warm.handed_over()

    def end(self, number: int) -> None:
        """See to the end of one."""
        child = self.all.pop(number)
        self._pipes.unregister(child.pipe)
        child.end()

    def heard(self) -> Sequence[int]:
        """Return those that have something to say, or died, once there are any."""
        return [key.data for key, _ in self._pipes.select()]


class _Waiting:
    """What is still to be done, and, before that, what was handed out and not done: that goes out one by one."""

    def __init__(self, indexes: Iterable[int]) -> None:
        self._fresh, self._back = iter(indexes), deque[int]()
        self._deaths: Counter[int] = Counter()

    def few(self, most: int) -> Sequence[int]:
        """Return the next to do, `most` at most; none where there are no more."""
        return (self._back.popleft(),) if self._back else tuple(itertools.islice(self._fresh, most))

    def back(self, indexes: Iterable[int]) -> None:
        """Put back what nobody came to."""
        self._back.extend(indexes)

    def died(self, indexes: Sequence[int]) -> Sequence[int]:
        """Put back what a process had when it died, and return what has been tried often enough."""
        self._deaths.update(indexes)
        self.back(one for one in indexes if self._deaths[one] < TRIES)
        return [one for one in indexes if self._deaths[one] >= TRIES]


def _live(core: int | None, pipe: Connection, parents: Connection, supervisor: Supervisor, start: Start[Any]) -> None:
    """Be a child: do what the pipe names, until that is nothing or it closes."""
    parents.close()
    cores.stay_on(core)
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
                indexes = _receive(pipe)
            except EOFError:
                return
            if indexes is None:
                return
            _send(pipe, _done(work, indexes))


def _send(pipe: Connection, what: object) -> None:
    """Do what `Connection.send` does by pickle itself: multiprocessing's own takes longer to make than to use."""
    pipe.send_bytes(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))


def _receive(pipe: Connection) -> Any:
    return pickle.loads(pipe.recv_bytes())


def _done(work: Callable[[int], T], indexes: Sequence[int]) -> Sequence[Did[T]]:
    """Do the first of some pieces of work, and of the others as many as a moment allows."""
    begun = time.monotonic()
    done = [_did(work, indexes[0])]
    for index in indexes[1:]:
        if time.monotonic() - begun > MOMENT_SECONDS:
            break
        done.append(_did(work, index))
    return done


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
