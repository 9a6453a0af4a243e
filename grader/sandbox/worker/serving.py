"""Answer one frame with one frame until the other end is gone: what a worker does, however it was started."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from grader.sandbox.kinds import answer
from grader.sandbox.protocol import (
    HEAD,
    Ask,
    AskAll,
    Load,
    Loaded,
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

Read = Callable[[int, int], bytes]
Write = Callable[[int, memoryview], int]
Breaches = Callable[[], tuple[str, ...]]


def serve(
    receive: Callable[[], bytes | None],
    send: Callable[[bytes], None],
    breaches: Breaches = tuple,
    package: Package | None = None,
) -> None:
    """Answer what `receive` returns through `send`, until it returns None. `breaches` is how a probe is answered, and
    `package` has what was built beforehand.

    The student may patch `os`; that is theirs to break, for themselves only: both were bound before.
    """
    while (body := receive()) is not None:
        request = decode_request(body)
        if type(request) is Load:
            if package is None:
                package = Package(request.package)
            package.receive(request)
        send(encode(_answer(request, package, breaches)))


def receive_from(read: Read, fd: int) -> bytes | None:
    """Return the next frame's payload from `fd`, or None once it is closed."""
    head = _exactly(read, fd, HEAD.size)
    return None if head is None else _exactly(read, fd, HEAD.unpack(head)[0])


def send_to(write: Write, fd: int, payload: bytes) -> None:
    """Write one frame to `fd`, whole."""
    left = memoryview(frame(payload))
    while left:
        left = left[write(fd, left) :]


def _answer(request: Load | Ask | AskAll | Probe, package: Package | None, breaches: Breaches) -> Reply:
    if type(request) is Probe:
        return Probed(request.id, breaches())
    if package is None:
        raise RuntimeError("asked before anything was loaded")
    if type(request) is Load:
        package.build()
        return Loaded(request.id, package.failures, package.remarks())
    if type(request) is Ask:
        return Told(request.id, _told(request.kind, request.body, package), package.remarks())
    assert type(request) is AskAll
    bodies = tuple([_told(kind, body, package) for kind, body in request.asks])
    return ToldAll(request.id, bodies, package.remarks())


def _told(kind: str, body: Raw, package: Package) -> Raw:
    package.output.refill()
    return Raw(answer(kind, body, package))


def _exactly(read: Read, fd: int, count: int) -> bytes | None:
    whole = read(fd, count)
    while 0 < len(whole) < count:
        part = read(fd, count - len(whole))
        if not part:
            return None
        whole += part
    return whole or None
