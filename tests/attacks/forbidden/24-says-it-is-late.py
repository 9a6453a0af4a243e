"""24. Answer as a worker whose time is up does, with a place of one's own choice, before anybody asks."""

import os
import struct

import msgspec
from hostile import TimesFive


def says(id):
    place = ["lecture8.py", 1, "what was carried out"]
    body = msgspec.msgpack.encode({"type": "late", "id": id, "what": "loop", "places": [place], "row": 0})
    for fd in range(64):
        try:
            os.write(fd, struct.pack(">I", len(body)) + body)
        except OSError:
            pass


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        says(0)
        return x * y
