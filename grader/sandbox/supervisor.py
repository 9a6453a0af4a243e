"""Hand out workers: one at a time that has a student's code, from a zygote that is started when first needed.

Theory of operation. A supervisor is one thread of one process. It owns up to two zygotes, one plain and one with
everything imported that a submission may name, their branches, and at most one worker that was asked anything. To
start workers: make a socket pair for each, send one end to the zygote with a uid, get a pidfd back. `remote` says how
a worker is asked, `launch` how a zygote is started. If the supervisor dies, the kernel kills its zygotes and their
workers after them.

The student's fault comes back as a record; ours is raised as JudgeError.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.errors import JudgeError
from grader.sandbox.boundary.protocol import Probe, Probed
from grader.sandbox.box import Box
from grader.sandbox.launch import ForkServer, Zygote
from grader.sandbox.remote import Worker

HIDDEN_IMPORTS = (
    *("collections.abc", "unicodedata", "_pylong"),
    *("encodings.ascii", "encodings.latin_1", "encodings.cp1252", "encodings.utf_8_sig"),
    *(("inspect",) if sys.version_info >= (3, 12) else ()),
)
"""What Python itself imports on first use: for names in Greek, huge whole numbers, files that say their encoding; from
3.12 on, to tell what keeps to one of `typing`'s protocols, and from 3.13 on to warn of what is deprecated."""

FIRST_UID, UIDS_EACH = 200_000, 1_000
LOWEST_UID = 2_000
"""Where fewer users are known, as in a rootless container, the workers' start here, above the system's own."""


MOST_BRANCHES = 16
"""Processes kept beside a zygote. A unit has one at most, and only for those who hand in nothing but its file."""


class Supervisor:
    """Owns zygotes, started when first needed and replaced when they fail. Use as a context manager."""

    def __init__(self, box: Box, index: int = 0) -> None:
        self.box = box
        self._uids = _uids(index)
        self._zygotes: dict[bool, Zygote] = {}
        self._branches: dict[tuple[bool, bytes], ForkServer] = {}
        self._once: set[bytes] = set()
        self._passed_on: list[Zygote] = []

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def worker(self, mentioned: bool = False, base: bytes = b"") -> Iterator[Worker]:
        """Yield a fresh worker, and see to its end. Raises JudgeError where none can be started.

        `mentioned`: one that has the rarer modules to import; `base`: an encoded `Load` of what is provided, which it
        may have built already.
        """
        zygote, worker = self._start_worker(mentioned, base)
        try:
            yield worker
        finally:
            worker.close()
            if worker.stopped is None and not worker.watched:
                zygote.leave(worker)
            elif (ended := zygote.ended(worker)) is not None:
                worker.ended(ended.status, ended.cpu)
            else:
                worker.ours = True
                self._drop(mentioned)

    def probe(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Let a worker try to break out: its layers, and what got through. Raises JudgeError where none can."""
        with self.worker() as worker:
            reply = worker.ask(Probe(worker.next_id()), self.box.limits.exercise_cpu)
        if not isinstance(reply, Probed) or worker.layers is None:
            raise JudgeError(f"the containment could not be probed: {reply}")
        wrapped = ("bubblewrap",) if self._zygotes[False].wrapped else ()
        return (*wrapped, *worker.layers), reply.breaches

    def close(self) -> None:
        """End the zygotes, and with them whatever they started."""
        for mentioned in list(self._zygotes):
            self._drop(mentioned)
        for zygote in self._passed_on:
            zygote.close()

    def handed_over(self) -> None:
        """Be told that a process that was forked from this one goes on with the zygotes: they end with that one."""
        for branch in (*self._branches.values(), *self._zygotes.values()):
            branch.detach()
        self._passed_on += self._zygotes.values()
        self._branches.clear()
        self._zygotes.clear()

    def _start_worker(self, mentioned: bool, base: bytes) -> tuple[ForkServer, Worker]:
        for _ in range(2):  # a zygote that died in between is replaced once
            zygote = self._zygotes.get(mentioned) or Zygote(self.box, mentioned)
            self._zygotes[mentioned] = zygote
            try:
                branch = self._branch(zygote, mentioned, base)
                return branch, branch.worker(self._uids)
            except (OSError, EOFError, msgspec.MsgspecError):
                self._drop(mentioned)
        raise JudgeError("no worker could be started")

    def _branch(self, zygote: Zygote, mentioned: bool, base: bytes) -> ForkServer:
        """Return the branch that has `base` built: from the second time on, and where there are not too many."""
        key = (mentioned, base)
        if key in self._branches:
            return self._branches[key]
        if base and base in self._once and len(self._branches) < MOST_BRANCHES:
            self._branches[key] = zygote.branch(base)
            return self._branches[key]
        self._once.add(base)
        return zygote

    def _drop(self, mentioned: bool) -> None:
        for key in [one for one in self._branches if one[0] == mentioned]:
            self._branches.pop(key).close()
        self._zygotes.pop(mentioned).close()


def _uids(index: int) -> Iterator[int]:
    """Uids of this supervisor's own, one a worker, round and round."""
    first = FIRST_UID + index * UIDS_EACH
    known = _known_uids()
    if first + UIDS_EACH > known:
        first = LOWEST_UID + index % max((known - LOWEST_UID) // UIDS_EACH, 1) * UIDS_EACH
    while True:
        yield from range(first, first + UIDS_EACH)


def _known_uids() -> int:
    """Return how many uids, from 0 on, this user namespace knows (user_namespaces(7))."""
    known = 0
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/uid_map").read_text().splitlines():
            inside, _, count = map(int, line.split())
            known = max(known, inside + count) if inside <= known else known
    return known


def preloads(allowed: Sequence[str]) -> tuple[str, ...]:
    """Return what every zygote imports beforehand: a blocked file system leaves no second chance."""
    return tuple(dict.fromkeys((*allowed, *HIDDEN_IMPORTS)))
