"""1. Open a socket of every family, through Python and by raw system calls."""

import sys

from hostile import buffer, refused, system_call, TimesFive

socket = sys.modules["socket"]


class Mul:
    @staticmethod
    def forward(ctx, x, y=0.0):
        families = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET)
        refused(
            *(lambda family=family: socket.socket(family, socket.SOCK_DGRAM) for family in families),
            lambda: socket.socketpair(),
            *(lambda family=family: system_call("socket", family, 1, 0) for family in families),
            lambda: system_call("socketpair", 1, 1, 0, buffer(8)),
        )
