"""Answer one frame with one frame until the other end is gone: what a worker does, however it was started."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from grader.sandbox import probes
from grader.sandbox.boundary.protocol import (
    HEAD,
    Batch,
    BatchReply,
    FromWorker,
    Load,
    Loaded,
    Probe,
    Probed,
    Reply,
    Request,
    ToWorker,
    decode_request,
    encode,
    frame,
)
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.output import Capped

probes.load()  # a locked worker reads no file

Read = Callable[[int, int], bytes]
Write = Callable[[int, memoryview], int]
Breaches = Callable[[], tuple[str, ...]]


def serve(
    receive: Callable[[], bytes | None],
    send: Callable[[bytes], None],
    breaches: Breaches = tuple,
    package: Package | None = None,
    stream: Callable[[int], Capped] = Capped,
) -> None:
    """Answer what `receive` returns through `send`, until it returns None. `breaches` is how a probe is answered,
    `package` has what was built beforehand, and `stream` makes what is printed to where nothing was.

    The student may patch `os`; that is theirs to break, for themselves only: both were bound before.
    """
    while (body := receive()) is not None:
        held = [decode_request(body)]
        del body
        if package is None and type(held[0]) is Load:
            package = Package(held[0].package, stream)
        send(encode(answer(held, package, breaches)))


def receive_from(read: Read, fd: int) -> bytes | None:
    """Return the next frame's payload from `fd`, or None once it is closed."""
    head = _exactly(read, fd, HEAD.size)
    return None if head is None else _exactly(read, fd, HEAD.unpack(head)[0])


def send_to(write: Write, fd: int, payload: bytes) -> None:
    """Write one frame to `fd`, whole."""
    left = memoryview(frame(payload))
    while left:
        left = left[write(fd, left) :]


def answer(held: list[ToWorker], package: Package | None, breaches: Breaches) -> FromWorker:
    """Answer the one request that is held. Whoever is asked finds no more of a question than is still to be done."""
    request = held.pop()
    if type(request) is Probe:
        return Probed(request.id, breaches())
    if package is None:
        raise RuntimeError("asked before anything was loaded")
    if type(request) is Load:
        package.receive(request)
        package.build()
        return Loaded(request.id, package.failures, package.remarks())
    id = request.id
    if type(request) is Request:
        left = [(request.kind, request.body.copy())]
        del request
        return Reply(id, _told(left, package), package.remarks())
    assert type(request) is Batch
    left = [(kind, body.copy()) for kind, body in reversed(request.asks)]  # a copy: each holds on to no other
    del request
    bodies = []
    while left:
        bodies.append(_told(left, package))
    return BatchReply(id, tuple(bodies), package.remarks())


def _told(left: list[tuple[str, Raw]], package: Package) -> Raw:
    """Answer the last of the questions that are left, and take it off."""
    package.output.refill()
    kind = left[-1][0]
    held = [left.pop()[1]]
    return Raw(probes.answer(kind, held, package))


def _exactly(read: Read, fd: int, count: int) -> bytes | None:
    whole = read(fd, count)
    while 0 < len(whole) < count:
        part = read(fd, count - len(whole))
        if not part:
            return None
        whole += part
    return whole or None
