"""24. Send well-formed answers with the right number and be gone: one more way to end. It costs its whole file."""

import os
import sys

from hostile import TimesFive

msgspec, protocol = sys.modules["msgspec"], sys.modules["grader.sandbox.boundary.protocol"]


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
        while "left" not in frame.f_locals or "id" not in frame.f_locals:
            count = len(getattr(frame.f_locals.get("ask"), "inputs", ())) or locals().get("count")
            frame = frame.f_back
        id, left = frame.f_locals["id"], frame.f_locals["left"]
        counts = [count, *(len(msgspec.msgpack.decode(body)["inputs"]) for _, body in reversed(left))]
        bodies = [msgspec.Raw(protocol.encode({"rows": [[0.0, None]] * one})) for one in counts]
        done = frame.f_locals.get("bodies")
        reply = protocol.Reply(id, bodies[0]) if done is None else protocol.BatchReply(id, (*done, *bodies))
        every_descriptor(protocol.frame(protocol.encode(reply)))
        os._exit(0)
