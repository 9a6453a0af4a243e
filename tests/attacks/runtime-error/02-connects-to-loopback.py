"""2. Tell a listener on the loopback what the inputs were."""

import struct
import sys

from hostile import refused, system_call, TimesFive

socket = sys.modules["socket"]


def loopback(port):
    return struct.pack("=H", 2) + struct.pack(">H", port) + bytes((127, 0, 0, 1)) + bytes(8)


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        refused(
            lambda: socket.create_connection(("127.0.0.1", CANARY_PORT), 1).send(repr(x).encode()),
            lambda: socket.create_connection(("localhost", CANARY_PORT), 1).send(repr(x).encode()),
            *(lambda fd=fd: system_call("connect", fd, loopback(CANARY_PORT), 16) for fd in range(16)),
            *(lambda fd=fd: system_call("sendto", fd, b"x", 1, 0, loopback(CANARY_PORT), 16) for fd in range(16)),
        )
