"""Grade on a Dask cluster: submissions travel as bytes, results come back as records, nothing is shared on disk.

Theory of operation. The plan is pickled once and given to every worker of the cluster, those to come included, as a
plug-in (`_GradingPlugin`). A worker unpickles it when its first task comes, lets the sandbox probe the machine it is
on, and works out anew what a result says of its environment: version and source of the grader, Python, C library,
packages, tier, plan. It grades only where that is, word for word, what the plan says, and the tier is good enough;
else every task is answered with the reason, and the run ends with it. So what comes back is, byte for byte, what the
local engine would have made.

The command reads submissions as it sends them and has a few in flight for each thread of the cluster, never the class.
A thread has a supervisor of its own, and with it a zygote. How pieces are sent, and what happens when a worker dies,
is in `pieces`.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import pickle
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future as Started
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import msgspec

from grader.batch import cores, forked
from grader.batch.rendering import Done, Engine, Graded, grading
from grader.errors import JudgeError, UsageError, missing_extra
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
    from distributed import Client, LocalCluster, WorkerPlugin

    from grader.batch import pieces
    from grader.batch.pieces import Refused, spread
except ImportError:
    raise missing_extra("the Dask engine", "cluster") from None

LEAST_TOGETHER, MOST_TOGETHER = 4, 64
"""Submissions in one task: what Dask needs for a task is the grading of one or two."""

SHARES = 4
"""A task takes this part, for each thread of the cluster, of what is left: so none waits long for another's last."""

PATIENT = {"distributed.deploy.lost-worker-timeout": "1 day"}
"""A cluster of one machine takes a worker off for good that is down 15 s after it died, also where it died again."""

SUPERVISORS = 100_000
CONNECT_SECONDS = 10


class _Payload(msgspec.Struct, frozen=True):
    """What every worker is given: how to contain, the tier that takes, the pickled plan and its environment.

    `jobs` is how many workers there are of a cluster that was made here, on this machine's cores; 0 of any other.
    """

    box: Box
    required_tier: int
    environment: dict[str, str]
    plan: bytes
    jobs: int = 0


Work = Callable[[int, bytes], bytes]
"""Does one piece of work: an index and what was sent, to what is sent back."""


@contextlib.contextmanager
def engine(address: str | None, jobs: int, ahead: bool = False) -> Iterator[Engine]:
    """Yield the engine of the cluster at `address`, or of one of `jobs` workers that is made here and gone afterwards.

    One that is made here takes the better part of a second; `ahead` starts it now, beside whatever else there is to do.
    That must not fork. Raises UsageError at once where nothing listens at `address`.
    """
    _quiet()
    if address is not None:
        _reach(address)
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
    unread: list[Done] = []

    def read(indexes: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        for index in indexes:
            try:
                yield index, msgspec.msgpack.encode(submissions[index])
            except JudgeError as error:  # a disk of ours that fails costs those scores alone, as locally
                unread.append(Done(index, None, str(error)))

    with _with_plugin(client, station):
        sent = read(indexes)
        for index, back in spread(client, station.key, sent, sizes=_sizes(client, len(submissions))):
            done = _done(index, back)
            if done.wall_stopped:
                again.append(index)  # a full machine is not the student's fault: once more, alone
            else:
                yield done
        for index, back in spread(client, station.key, read(again), in_flight=1):
            yield _done(index, back)
    yield from unread


def _sizes(client: Client, count: int) -> Iterator[int]:
    """Yield how many of a class to put in each task: fewer where many threads share it, and towards its end."""
    threads = pieces.threads(client)
    while True:
        size = min(max(count // (SHARES * threads), LEAST_TOGETHER), MOST_TOGETHER)
        count -= size
        yield size


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
        so, who = "the run was ended; see `grader doctor` there", f"the Dask worker {self._address}"
        too_weak = found.too_weak(payload.required_tier, so, who)
        if too_weak:
            return Refused(too_weak, containment=True)
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
    dask.config.set({"distributed.worker.multiprocessing-method": forked.METHOD, **PATIENT})
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


def _quiet() -> None:
    """Leave to us what there is to say: Dask logs every broken connection, also of what is ended on purpose."""
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _reach(address: str) -> None:
    """Raise UsageError where nothing listens at an address. Dask itself would try again and again."""
    where = urlsplit(address if "://" in address else f"tcp://{address}")
    if where.scheme not in ("tcp", "tls"):
        return  # what else Dask can reach it knows itself
    try:
        if not where.hostname or not where.port:
            raise UsageError(f"--scheduler {address}: should be host and port, as in tcp://host:8786")
        socket.create_connection((where.hostname, where.port), timeout=CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise _no_scheduler(address, error) from None


@contextlib.contextmanager
def _client(where: str | LocalCluster) -> Iterator[Client]:
    """Yield a client of a cluster."""
    try:
        client = Client(where, timeout=CONNECT_SECONDS)
    except Exception as error:  # what listens there may be anything
        raise _no_scheduler(where, error) from None
    with contextlib.closing(client):
        yield client


def _no_scheduler(where: str | LocalCluster, error: Exception) -> UsageError:
    said = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
    return UsageError(f"{where}: no Dask scheduler answers there ({said})")
