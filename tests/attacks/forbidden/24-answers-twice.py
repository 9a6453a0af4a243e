"""24. Send its own answer to the question at hand, with the right number, of the wrong shape."""

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
            frame = frame.f_back
        payload = protocol.encode(protocol.Reply(frame.f_locals["id"], msgspec.Raw(protocol.encode({"rows": [[x * y, None]] * 3}))))
        every_descriptor(protocol.frame(payload))
        os._exit(0)
