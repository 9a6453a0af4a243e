"""What supervisor and zygote say to each other: one packet a message, descriptors attached."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """How a zygote is to be; passed as JSON in its one argument. Memory in bytes above the baseline."""

    control_fd: int
    preload: tuple[str, ...]
    empty_dir: str
    memory: int
    cpu_seconds: int
    skip: tuple[str, ...] = ()


class Started(msgspec.Struct, frozen=True, tag="started"):
    """A worker lives; its pidfd comes with this packet."""

    pid: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A worker is gone: its wait status, CPU seconds, and peak memory in KiB."""

    status: int
    cpu: float
    peak: int


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The zygote has imported what it can; a branch that `built` has a unit's provided parts ready."""

    built: bool = False


BRANCH = b"branch"
"""What a supervisor sends, with the other end of a new control socket, for a branch; for a worker it sends a uid."""

BASE_CAP = 1 << 20
"""Bytes of what a branch is built with."""

Packet = Ready | Started | Ended
PACKET_CAP = 4096
encode = msgspec.msgpack.Encoder().encode
_decode: Callable[[bytes], Packet] = msgspec.msgpack.Decoder(Packet).decode


def decode_packet(raw: bytes) -> Packet:
    """Decode one packet. Raises MsgspecError on anything else."""
    try:
        return _decode(raw)
    except (RecursionError, ValueError) as error:  # text that is no UTF-8 has an error of its own
        raise msgspec.DecodeError(str(error)) from None
