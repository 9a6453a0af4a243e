"""2. Reach a listener that has a name in no folder, which no file system permission guards."""

import struct
import sys

from hostile import refused, system_call, TimesFive

socket = sys.modules["socket"]
address = struct.pack("=H", 1) + b"\0CANARY_NAME"


def connected(name):
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    wire.connect(name)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            lambda: connected("\0CANARY_NAME"),
            *(lambda fd=fd: system_call("connect", fd, address, len(address)) for fd in range(16)),
        )
