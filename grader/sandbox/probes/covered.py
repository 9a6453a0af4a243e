"""Ask one more time what another probe asks, and tell which lines of the student's ran for it."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import msgspec

from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.loading import Package

MOST = 5_000
"""Lines that are told: more are no function that somebody reads."""


class CoveredRequest(msgspec.Struct, frozen=True):
    """Ask what `body` asks, which is a question of the probe `kind` as it crosses the boundary."""

    kind: str
    body: bytes


class CoveredReply(msgspec.Struct, frozen=True):
    """Which lines ran, each once: (file, line), the file as the student calls it."""

    lines: tuple[tuple[str, int], ...] = ()


def answer(ask: CoveredRequest, package: Package) -> CoveredReply:
    """Ask it, and look on. What comes of it is told to nobody."""
    from grader.sandbox import probes  # it imports this module

    probe = probes.load()[ask.kind]
    question = msgspec.msgpack.decode(ask.body, type=probe.ask)
    files = package.files
    found: set[tuple[str, int]] = set()

    def line(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line" and len(found) < MOST:
            found.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, *_: Any) -> Any:
        return line if frame.f_code.co_filename in files else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        probe.answer(question, package)
    finally:
        sys.settrace(before)
    return CoveredReply(tuple(sorted(found)))


def complete(_: CoveredRequest, told: CoveredReply) -> bool:
    """Say whether it is an answer: any set of lines is one, and nobody is judged by it."""
    return len(told.lines) <= MOST


PROBE = Probe("covered", CoveredRequest, CoveredReply, answer, complete)
