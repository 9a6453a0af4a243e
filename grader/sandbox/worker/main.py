"""The worker's life: lock down, then answer one frame with one frame until the other end is gone."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable

import msgspec

from grader.sandbox import kinds
from grader.sandbox.lockdown import Rights, lock_down
from grader.sandbox.protocol import (
    HEAD,
    LOCKDOWN_FAILED_STATUS,
    Ask,
    AskAll,
    Load,
    Loaded,
    Locked,
    Probe,
    Probed,
    Reply,
    Told,
    ToldAll,
    decode_request,
    encode,
    frame,
)
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.output import swallow
from grader.sandbox.worker.probe import breaches

RECURSION_LIMIT = 1000


def run(fd: int, parent: int, rights: Rights, package: Package | None) -> None:
    """Be a worker on the socket `fd`, for good: this never returns. `package` has what was built beforehand."""
    status = LOCKDOWN_FAILED_STATUS
    try:
        gc.set_threshold(50_000)  # a short life: what a collection would find is rarely worth the pages it touches
        layers = lock_down(fd, parent, rights)
        sys.setrecursionlimit(RECURSION_LIMIT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _send(os.write, fd, encode(Locked(layers)))
        status = 1
        serve(fd, package)
        status = 0
    finally:
        os._exit(status)


def serve(fd: int, package: Package | None) -> None:
    """Answer frames from `fd` until it closes."""
    read, write = os.read, os.write  # the student may patch `os`; that is theirs to break, for themselves only
    while True:
        head = _exactly(read, fd, HEAD.size)
        if head is None:
            return
        body = _exactly(read, fd, HEAD.unpack(head)[0])
        if body is None:
            return
        request = decode_request(body)
        if isinstance(request, Load):
            package = package or Package(request.package)
            package.receive(request)
        _send(write, fd, encode(_answer(request, package)))


def _send(write: Callable[[int, memoryview], int], fd: int, payload: bytes) -> None:
    left = memoryview(frame(payload))
    while left:
        left = left[write(fd, left) :]


def _answer(request: Load | Ask | AskAll | Probe, package: Package | None) -> Reply:
    if isinstance(request, Probe):
        return Probed(request.id, breaches())
    if package is None:
        raise RuntimeError("asked before anything was loaded")
    if isinstance(request, Load):
        swallow(package.output)
        package.build()
        return Loaded(request.id, package.failures)
    if isinstance(request, Ask):
        return Told(request.id, _told(request.kind, request.body, package))
    return ToldAll(request.id, tuple([_told(kind, body, package) for kind, body in request.asks]))


def _told(kind: str, body: msgspec.Raw, package: Package) -> msgspec.Raw:
    package.output.refill()
    return msgspec.Raw(kinds.answer(kind, body, package))


def _exactly(read: Callable[[int, int], bytes], fd: int, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = read(fd, count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
