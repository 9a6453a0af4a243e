"""Grade on a Dask cluster: submissions travel as bytes, results come back as records, nothing is shared on disk.

Theory of operation. The plan is pickled once and given to every worker of the cluster, those to come included, as a
plug-in (`_GradingPlugin`). A worker unpickles it when its first task comes, lets the sandbox probe the machine it is
on, and works out anew what a result says of its environment: version and source of the grader, Python, C library,
packages, tier, plan. It grades only where that is, word for word, what the plan says, and the tier is good enough;
else every task is answered with the reason, and the run ends with it. So what comes back is, byte for byte, what the
local engine would have made.

The command reads submissions as it sends them and has a few in flight for each thread of the cluster, never the class.
A thread has a supervisor of its own, and with it a zygote. When a worker is lost, Dask gives what it had to another; a
submission that is given up because too many were lost with it is tried again at the end with nothing beside it, and
then withheld: whoever was merely next to a poisonous submission is not taken for one.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import os
import pickle
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import Future as Started
from typing import Any

import msgspec

from grader.batch import cores, forked
from grader.batch.rendering import Done, Engine, Graded, grading
from grader.errors import ContainmentError, JudgeError, UsageError
from grader.grading import planning
from grader.grading.planning import Plan
from grader.model import Submission
from grader.reports.fractions import from_text, to_text
from grader.sandbox.boundary.lockdown import hide_from_same_user
from grader.sandbox.box import Box
from grader.sandbox.supervisor import Supervisor
from grader.sandbox.tiers import contained, held

try:
    import cloudpickle
    import dask.config
    from distributed import Client, Future, KilledWorker, LocalCluster, WorkerPlugin, as_completed, get_worker
except ImportError:
    raise UsageError(
        "the Dask engine needs the `cluster` extra, which is not installed: pip install 'autodiff-grader[cluster]'"
    ) from None

LEAST_TOGETHER, MOST_TOGETHER, MOST_BYTES = 4, 64, 1 << 20
"""Submissions in one task, and what is sent of them: what Dask needs for a task is the grading of one or two."""

SHARES = 4
"""A task takes this part, for each thread of the cluster, of what is left: so none waits long for another's last."""

IN_FLIGHT = 2
"""Tasks sent ahead, a thread of the cluster: enough that none waits for the network."""

TRIES = 2
"""How often a submission is sent before it is given up; Dask itself tries each several times."""

SUPERVISORS = 100_000
CONNECT_SECONDS = 10


class Refused(msgspec.Struct, frozen=True):
    """Why a worker will not grade."""

    reason: str
    containment: bool = False


class _Payload(msgspec.Struct, frozen=True):
    """What every worker is given: how to contain, the tier that takes, the pickled plan and its environment.

    `jobs` is how many workers there are of a cluster that was made here, on this machine's cores; 0 of any other.
    """

    box: Box
    required_tier: int
    environment: dict[str, str]
    plan: bytes
    jobs: int = 0


Piece = tuple[int, bytes]
"""An index, and what is sent of it."""

Work = Callable[[int, bytes], bytes]
"""Does one piece of work: an index and what was sent, to what is sent back."""


@contextlib.contextmanager
def engine(address: str | None, jobs: int, ahead: bool = False) -> Iterator[Engine]:
    """Yield the engine of the cluster at `address`, or of one of `jobs` workers that is made here and gone afterwards.

    One that is made here takes the better part of a second; `ahead` starts it now, beside whatever else there is to do.
    That must not fork.
    """
    with contextlib.ExitStack() as held_open:

        @functools.cache
        def started() -> Started[LocalCluster]:
            made = held_open.enter_context(ThreadPoolExecutor(1)).submit(_cluster, jobs)
            held_open.callback(_close, made)
            return made

        def grade_all(
            plan: Plan, box: Box, submissions: Sequence[Submission], indexes: Iterable[int], jobs: int
        ) -> Graded:
            with _client(address or started().result()) as client:
                yield from _graded(client, plan, box, submissions, indexes, 0 if address else jobs)

        if address is None and ahead:
            started()
        yield grade_all


def _graded(
    client: Client, plan: Plan, box: Box, submissions: Sequence[Submission], indexes: Iterable[int], jobs: int
) -> Graded:
    # Each worker finds out for itself whether bubblewrap works where it is.
    anywhere = msgspec.structs.replace(box, bubblewrap="where it works")
    payload = _Payload(anywhere, plan.assignment.required_tier, plan.environment, cloudpickle.dumps(plan), jobs)
    station = _GradingPlugin(msgspec.msgpack.encode(payload))
    again: list[int] = []
    with _with_plugin(client, station):
        sent = ((index, msgspec.msgpack.encode(submissions[index])) for index in indexes)
        for index, back in spread(client, station.key, sent, sizes=_sizes(client, len(submissions))):
            done = _done(index, back)
            if done.wall_stopped:
                again.append(index)  # a full machine is not the student's fault: once more, alone
            else:
                yield done
        alone = ((index, msgspec.msgpack.encode(submissions[index])) for index in again)
        for index, back in spread(client, station.key, alone, in_flight=1):
            yield _done(index, back)


def spread(
    client: Client,
    key: str,
    pieces: Iterable[Piece],
    in_flight: int | None = None,
    sizes: Iterable[int] = itertools.repeat(1),
) -> Iterator[tuple[int, bytes | str]]:
    """Have every piece done somewhere, and yield (index, what came back) as it comes; text says why nothing did.

    `in_flight` bounds the tasks that are out at a time, `sizes` how many pieces are in the first task, the second, and
    so on. Raises ContainmentError or UsageError where a worker refuses, JudgeError where the cluster is gone.
    """
    poisonous: list[Piece] = []
    for batch, future in _in_flight(client, key, _batches(pieces, sizes), in_flight):
        back = _back(future)
        if back is None:
            poisonous += batch
        else:
            yield from ((index, one) for (index, _), one in zip(batch, back))
    for _ in range(TRIES - 1):
        left, poisonous = poisonous, []
        for batch, future in _in_flight(client, key, _batches(left, itertools.repeat(1)), 1):
            back = _back(future)
            if back is None:
                poisonous += batch
            else:
                yield batch[0][0], back[0]
    for index, _ in poisonous:
        yield index, "the workers that had it died, each time it was tried"


def _sizes(client: Client, count: int) -> Iterator[int]:
    """Yield how many of a class to put in each task: fewer where many threads share it, and towards its end."""
    threads: int = max(sum(client.nthreads().values()), 1)
    while True:
        size = min(max(count // (SHARES * threads), LEAST_TOGETHER), MOST_TOGETHER)
        count -= size
        yield size


def _batches(pieces: Iterable[Piece], sizes: Iterable[int]) -> Iterator[tuple[Piece, ...]]:
    left = iter(pieces)
    for size in sizes:
        batch, weight = list[Piece](), 0
        for piece in itertools.islice(left, size):
            batch.append(piece)
            weight += len(piece[1])
            if weight >= MOST_BYTES:
                break
        if not batch:
            return
        yield tuple(batch)


def _in_flight(
    client: Client, key: str, batches: Iterator[tuple[Piece, ...]], most: int | None
) -> Iterator[tuple[tuple[Piece, ...], Future]]:
    """Yield every batch with its future once that is finished, with a bounded number in flight."""
    flying: dict[str, tuple[Piece, ...]] = {}
    landed = as_completed(raise_errors=False)
    room, since = 0, 0

    def send() -> None:
        nonlocal room, since
        since += 1
        if since > room:  # workers come and go; asking costs about as much as a task
            room, since = most or IN_FLIGHT * max(sum(client.nthreads().values()), 1), 0
        while len(flying) < room and (batch := next(batches, None)) is not None:
            future = client.submit(_at_station, key, batch, key=f"{key}-{uuid.uuid4().hex}", pure=False)
            flying[future.key] = batch
            landed.add(future)

    send()
    while flying:
        future = next(landed)
        if future.status == "lost":  # done, but its worker died before handing it over: Dask has it done once more
            landed.add(future)
            continue
        batch = flying.pop(future.key)
        send()
        yield batch, future
        future.release()


def _back(future: Future) -> list[bytes | str] | None:
    """Return what came back of a batch; None where workers died of it. Text says what failed on our side.

    Raises what a refusal comes to, and JudgeError where the cluster fails as a whole.
    """
    try:
        back = future.result()  # where the worker that has it dies now, this waits until another has done it
    except KilledWorker:
        return None
    except CancelledError:
        raise JudgeError("the Dask scheduler is gone, or this run was cancelled there") from None
    except Exception as error:
        raise JudgeError(f"the Dask cluster failed ({type(error).__name__}: {error})") from None
    if isinstance(back, Refused):
        raise (ContainmentError if back.containment else UsageError)(back.reason)
    return back  # type: ignore[no-any-return] # Dask has no types


def _at_station(key: str, batch: tuple[Piece, ...]) -> list[bytes | str] | Refused:
    """Do a batch of work on a worker."""
    station = get_worker().plugins.get(key)
    if station is None:
        return Refused("a Dask worker was not given the assignment; is it of another version of Dask?")
    done: list[bytes | str] = []
    for index, sent in batch:
        back = station.do(index, sent)
        if isinstance(back, Refused):
            return back
        done.append(back)
    return done


class _GradingPlugin(WorkerPlugin):  # type: ignore[misc] # Dask has no types
    """Where a worker keeps the plan and a supervisor a thread, from its first task to the end of the run."""

    def __init__(self, payload: bytes) -> None:
        self.key = self.name = f"grader-{uuid.uuid4().hex}"
        self._payload = payload
        self._clear()

    def _clear(self) -> None:
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._open: list[Supervisor] = []
        self._start: Callable[[Supervisor], Work] | None = None
        self._box: Box | None = None
        self._refused: Refused | None = None
        self._address = ""
        self._number: int | None = None
        self._core: int | None = None

    def __getstate__(self) -> tuple[str, bytes]:
        return self.key, self._payload

    def __setstate__(self, state: tuple[str, bytes]) -> None:
        self.key, self._payload = state
        self.name = self.key
        self._clear()

    def setup(self, worker: Any) -> None:
        """Be told which worker this is. Nothing is prepared before there is something to do."""
        self._address = str(worker.address)
        self._number = worker.name if isinstance(worker.name, int) else None  # as those of a cluster made here are

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - Dask's signature
        """End every zygote of this run."""
        self._close()

    def _close(self) -> None:
        for supervisor in self._open:
            supervisor.close()

    def do(self, index: int, sent: bytes) -> bytes | str | Refused:
        """Do one piece of work, prepared once; or say why not."""
        with self._lock:
            if self._box is None and self._refused is None:
                self._refused = self._prepare()
                if self._refused is not None:
                    self._close()
        if self._refused is not None:
            return self._refused
        try:
            return self._work()(index, sent)
        except JudgeError as error:
            return str(error)
        except Exception as error:
            # As in the local engine: a bug of ours costs this one score and is said.
            return f"internal error ({type(error).__name__}: {error})"

    def _work(self) -> Work:
        """Return what this thread works with: a supervisor serves one thread, and dies with it."""
        if not hasattr(self._thread, "work"):
            assert self._box is not None and self._start is not None
            if not hasattr(self._thread, "supervisor"):
                with self._lock:
                    self._supervised(self._box)
            self._thread.work = self._start(self._thread.supervisor)
        return self._thread.work  # type: ignore[no-any-return] # a thread's own attributes have no types

    def _supervised(self, box: Box) -> Supervisor:
        """Give this thread a supervisor."""
        cores.stay_on(self._core)
        supervisor = Supervisor(box, (os.getpid() * 64 + len(self._open)) % SUPERVISORS)
        self._open.append(supervisor)
        self._thread.supervisor = supervisor
        return supervisor

    def _prepare(self) -> Refused | None:
        payload = msgspec.msgpack.decode(self._payload, type=_Payload)
        if self._number is not None and self._number < payload.jobs:
            self._core = cores.places(payload.jobs)[self._number]
        supervisor = self._supervised(payload.box)
        found = contained(payload.box, supervisor)
        if found.tier > payload.required_tier:
            return Refused(
                f"the Dask worker {self._address} offers containment tier {found.tier} ({found.describe()}); the "
                f"assignment requires tier {payload.required_tier} or better (lower), so the run was ended; see "
                "`grader doctor` there",
                containment=True,
            )
        differs = _differences(payload.environment, planning.facts(tuple(_packages(payload.environment)), found.tier))
        if differs:
            return self._other(differs)
        plan: Plan = pickle.loads(payload.plan)
        differs = _differences(payload.environment, planning.environment(plan, found.tier).environment)
        if differs:
            return self._other(differs)
        hide_from_same_user()
        self._start = functools.partial(_grading, plan)
        self._box = supervisor.box = held(payload.box, found)
        return None

    def _other(self, differs: str) -> Refused:
        return Refused(
            f"the Dask worker {self._address} is not as the machine this run was started on, so its results would "
            f"differ ({differs}); nothing of it was taken"
        )


def _packages(environment: dict[str, str]) -> Iterator[str]:
    return (name.removeprefix("package ") for name in environment if name.startswith("package "))


def _differences(wanted: dict[str, str], found: dict[str, str]) -> str:
    return "; ".join(
        f"{name}: {found[name]} there, {wanted.get(name, 'unknown')} here"
        for name in found
        if found[name] != wanted.get(name)
    )


def _grading(plan: Plan, supervisor: Supervisor) -> Work:
    grade = grading(plan, supervisor)

    def do(index: int, sent: bytes) -> bytes:
        done = grade(index, msgspec.msgpack.decode(sent, type=Submission))
        return msgspec.msgpack.encode(done, enc_hook=to_text)

    return do


def _done(index: int, back: bytes | str) -> Done:
    if isinstance(back, str):
        return Done(index, None, back)
    return msgspec.msgpack.decode(back, type=Done, dec_hook=from_text)


@contextlib.contextmanager
def _with_plugin(client: Client, station: _GradingPlugin) -> Iterator[None]:
    """Give every worker the station, those that join later as well, and take it away at the end."""
    client.register_plugin(station)
    try:
        yield
    finally:
        with contextlib.suppress(Exception):  # the cluster may be gone; what it had ends with its workers
            client.unregister_worker_plugin(station.name)


def _cluster(jobs: int) -> LocalCluster:
    forked.ahead()
    dask.config.set({"distributed.worker.multiprocessing-method": forked.METHOD})
    return LocalCluster(
        n_workers=jobs,
        threads_per_worker=1,
        memory_limit=0,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


def _close(made: Started[LocalCluster]) -> None:
    with contextlib.suppress(Exception):  # one that did not start has said so to whoever wanted it
        made.result().close()


@contextlib.contextmanager
def _client(where: str | LocalCluster) -> Iterator[Client]:
    """Yield a client of a cluster."""
    try:
        client = Client(where, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, asyncio.TimeoutError) as error:
        raise UsageError(f"{where}: no Dask scheduler answers there ({error})") from None
    with contextlib.closing(client):
        yield client
