"""Send pieces of work to a Dask cluster, and again those that are lost there.

Theory of operation. Pieces go out in batches, a bounded number at a time. A batch comes back done; or the workers that
had it died of it, which Dask counts (`KilledWorker`); or it is lost: its worker died when it was done and not fetched
yet, somebody cancelled it, the connection broke. What is lost is sent again under another name, `MOST_RESENT` times at
most. Only a scheduler that does not answer any more ends a run. What killed its workers, or was lost each time, is sent
once more, every piece alone with nothing beside it, and then given up. So a piece that lay beside a
poisonous submission is not taken for one.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from enum import Enum

import msgspec

from grader.errors import ContainmentError, JudgeError, UsageError, missing_extra

try:
    from distributed import Client, Future, KilledWorker, as_completed, get_worker
except ImportError:
    raise missing_extra("the Dask engine", "cluster") from None

MOST_BYTES = 1 << 20
"""What is sent at most in one task, as far as it has more than one piece."""

IN_FLIGHT = 2
"""Tasks sent ahead, a thread of the cluster: enough that none waits for the network."""

TRIES = 2
"""How often a submission is sent before it is given up; Dask itself tries each several times."""

MOST_RESENT = 5
"""How often a batch that is lost is sent again, each time it is tried."""

ANSWER_SECONDS = 10
"""How long a scheduler may take to say that it is there."""

NOBODY_SECONDS = 300
"""How long a cluster may be without a worker: a manager that starts another needs a while."""

GIVEN_UP = "the workers that had it died, each time it was tried"

Piece = tuple[int, bytes]
"""An index, and what is sent of it."""

Batch = tuple[Piece, ...]


class Refused(msgspec.Struct, frozen=True):
    """Why a worker will not grade."""

    reason: str
    containment: bool = False


class _Lost(Enum):
    """Why nothing came back of a batch: workers died of it, or it went missing and can be sent again."""

    KILLED = "killed"
    MISSING = "missing"


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
    left: list[Piece] = []
    for batch, back in _landed(client, key, batches(pieces, sizes), in_flight):
        if back is None:
            left += batch
        else:
            yield from ((index, one) for (index, _), one in zip(batch, back))
    for _ in range(TRIES - 1):
        alone, left = left, []
        for batch, back in _landed(client, key, batches(alone, itertools.repeat(1)), 1):
            if back is None:
                left += batch
            else:
                yield batch[0][0], back[0]
    for index, _ in left:
        yield index, GIVEN_UP


def batches(pieces: Iterable[Piece], sizes: Iterable[int]) -> Iterator[Batch]:
    """Yield pieces together: so many as `sizes` says, and of about `MOST_BYTES` at most."""
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


def _landed(
    client: Client, key: str, batches: Iterator[Batch], most: int | None
) -> Iterator[tuple[Batch, list[bytes | str] | None]]:
    """Yield every batch with what came back of it, None where it is given up, with a bounded number in flight."""
    flying: dict[str, tuple[Batch, int]] = {}
    landed = as_completed(loop=client.loop)
    room, since = 0, 0

    def submit(batch: Batch, resent: int) -> None:
        future = _submitted(client, key, batch)
        flying[future.key] = batch, resent
        landed.add(future)

    def send() -> None:
        nonlocal room, since
        since += 1
        if since > room:  # workers come and go; asking costs about as much as a task
            room, since = most or IN_FLIGHT * threads(client), 0
        while len(flying) < room and (batch := next(batches, None)) is not None:
            submit(batch, 0)

    send()
    while flying:
        _await_one(client, landed)
        future = next(landed)
        batch, resent = flying.pop(future.key)
        send()
        back = _fetched(client, future)
        future.release()
        if back is _Lost.MISSING and resent < MOST_RESENT:
            submit(batch, resent + 1)
        else:
            yield batch, None if isinstance(back, _Lost) else back


def _await_one(client: Client, landed: as_completed) -> None:
    """Wait for the next batch. Raises JudgeError where no worker has been there for `NOBODY_SECONDS`."""
    asked = since = time.monotonic()
    while not landed.has_ready():
        with landed.thread_condition:
            landed.thread_condition.wait(0.1)
        if time.monotonic() > asked + ANSWER_SECONDS and not landed.has_ready():
            if _count(client):
                since = time.monotonic()
            elif time.monotonic() > since + NOBODY_SECONDS:
                raise JudgeError("no Dask worker is left, and none came; start some, and run the same command to go on")
            asked = time.monotonic()


def threads(client: Client) -> int:
    """Return how many threads a cluster has, 1 where its workers are still to come.

    Raises JudgeError where the scheduler is gone.
    """
    return max(_count(client), 1)


def _count(client: Client) -> int:
    for _ in range(MOST_RESENT):
        try:
            count: int = sum(client.nthreads().values())
            return count
        except (OSError, RuntimeError, CancelledError, asyncio.TimeoutError):
            _hold_on(client)  # what broke was the connection: it is there again
    raise _gone()


def _submitted(client: Client, key: str, batch: Batch) -> Future:
    try:
        return client.submit(_at_station, key, batch, key=f"{key}-{uuid.uuid4().hex}", pure=False)
    except (OSError, RuntimeError):  # the client is closed
        raise _gone() from None


def _fetched(client: Client, future: Future) -> list[bytes | str] | _Lost:
    """Return what came back of a batch, or why nothing did. Text in it says what failed on our side.

    Raises what a refusal comes to, and JudgeError where the cluster fails as a whole.
    """
    if future.status == "lost":  # done, but its worker died before handing it over
        return _Lost.MISSING
    try:
        back = future.result()
    except KilledWorker:
        return _Lost.KILLED
    except (CancelledError, OSError, asyncio.TimeoutError):
        _hold_on(client)
        return _Lost.MISSING
    except Exception as error:
        raise JudgeError(f"the Dask cluster failed ({type(error).__name__}: {error})") from None
    if isinstance(back, Refused):
        raise (ContainmentError if back.containment else UsageError)(back.reason)
    return back  # type: ignore[no-any-return] # Dask has no types


def _hold_on(client: Client) -> None:
    """Wait until the scheduler has answered. Raises JudgeError where it does not for `ANSWER_SECONDS`."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while client.status == "connecting" and time.monotonic() < deadline:
        time.sleep(0.05)
    if client.status != "running":
        raise _gone()
    try:
        client.sync(client.scheduler.ncores, callback_timeout=ANSWER_SECONDS)
    except (OSError, RuntimeError, CancelledError, asyncio.TimeoutError):
        raise _gone() from None


def _gone() -> JudgeError:
    return JudgeError("the Dask scheduler is gone: it does not answer any more; run the same command to go on")


def _at_station(key: str, batch: Batch) -> list[bytes | str] | Refused:
    """Do a batch of work on a worker."""
    station = get_worker().plugins.get(key)
    if station is None:
        return Refused(
            "a Dask worker was not given the assignment; was the scheduler started again meanwhile, or is it of "
            "another version of Dask? Run the same command to go on"
        )
    done: list[bytes | str] = []
    for index, sent in batch:
        back = station.do(index, sent)
        if isinstance(back, Refused):
            return back
        done.append(back)
    return done
