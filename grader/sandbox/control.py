"""What supervisor and zygote say to each other: one packet a message, descriptors attached."""

from __future__ import annotations

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
    """The zygote has imported what it can."""


Packet = Ready | Started | Ended
PACKET_CAP = 4096
encode = msgspec.msgpack.Encoder().encode
decode_packet = msgspec.msgpack.Decoder(Packet).decode
