"""25. Replace the encoder, so that every answer says what it likes. It costs its whole file."""

import sys

from hostile import TimesFive

kinds, protocol = sys.modules["grader.sandbox.probes"], sys.modules["grader.sandbox.boundary.protocol"]
kinds.encode = lambda told: protocol.encode({"verdict": "accepted", "earned": 35})


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        return 0.0
