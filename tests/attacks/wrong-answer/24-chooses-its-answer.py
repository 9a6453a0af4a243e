"""24. Send well-formed answers with the right number and be gone: one more way to be wrong. It costs its whole file."""

import os
import sys

from hostile import TimesFive

msgspec, protocol = sys.modules["msgspec"], sys.modules["grader.sandbox.protocol"]


def every_descriptor(frame):
    for fd in range(64):
        try:
            os.write(fd, frame)
        except OSError:
            pass


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        frame = sys._getframe()
        while frame is not None and "request" not in frame.f_locals:
            frame = frame.f_back
        request = frame.f_locals["request"]
        asks = getattr(request, "asks", None) or [(request.kind, request.body)]
        bodies = [
            msgspec.Raw(protocol.encode({"rows": [[0.0, None]] * len(msgspec.msgpack.decode(body)["inputs"])}))
            for _, body in asks
        ]
        alone = protocol.Told(request.id, bodies[0])
        reply = protocol.ToldAll(request.id, tuple(bodies)) if hasattr(request, "asks") else alone
        every_descriptor(protocol.frame(protocol.encode(reply)))
        os._exit(0)
