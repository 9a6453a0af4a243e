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


class Fork(msgspec.Struct, frozen=True, tag="fork"):
    """Fork a worker for the user `uid`; the end of its wire comes with this packet.

    `ended`: pids of workers that were killed since, and whose ends nobody asked about.
    """

    uid: int
    ended: tuple[int, ...] = ()


class End(msgspec.Struct, frozen=True, tag="end"):
    """End a worker, and say how it ended."""

    pid: int


class Build(msgspec.Struct, frozen=True, tag="build"):
    """Fork a branch; the other end of its control socket comes with this packet."""


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The worker lives, by its pid as the zygote sees it; its pidfd comes with this packet."""

    pid: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A worker is gone: its wait status, CPU seconds, and peak memory in KiB."""

    status: int
    cpu: float
    peak: int


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The zygote has imported what it can; a branch that `built` has a unit's provided parts ready."""

    built: bool = False


BASE_CAP = 1 << 20
"""Bytes of what a branch is built with."""

ToZygote = Fork | End | Build
Packet = Ready | Started | Ended
PACKET_CAP = 4096
encode = msgspec.msgpack.Encoder().encode
decode_request: Callable[[bytes], ToZygote] = msgspec.msgpack.Decoder(ToZygote).decode
_decode: Callable[[bytes], Packet] = msgspec.msgpack.Decoder(Packet).decode


def decode_packet(raw: bytes) -> Packet:
    """Decode one packet. Raises MsgspecError on anything else."""
    try:
        return _decode(raw)
    except (RecursionError, ValueError) as error:  # text that is no UTF-8 has an error of its own
        raise msgspec.DecodeError(str(error)) from None
