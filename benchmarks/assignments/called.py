"""Load each submission's own files and make the questions' calls, uncontained; print what that took as JSON.

A program of its own, in one process: everything is decoded before the clock starts.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from benchmarks.assignments.bare_calls import CALLS
from benchmarks.assignments.own import Own
from grader.sandbox import probes


class Asked(msgspec.Struct, frozen=True):
    """What is asked: of the submissions in these folders, these questions, each as its probe and its own bytes."""

    package: str
    modules: tuple[str, ...]
    places: tuple[str, ...]
    dialects: dict[str, str]
    questions: tuple[tuple[str, msgspec.Raw], ...]


class Took(msgspec.Struct, frozen=True):
    """CPU seconds for loading one submission and for calling it, and how many functions of its were called."""

    load: float
    calls: float
    called: int = 0


def main(path: Path, counting: bool) -> None:
    """Do what the file at `path` asks."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, "")
    asked = msgspec.msgpack.decode(path.read_bytes(), type=Asked)
    known = probes.load()
    questions = [(kind, msgspec.msgpack.decode(body, type=known[kind].ask)) for kind, body in asked.questions]
    _took(asked, questions, asked.places[0], False)  # whatever is done once only
    print(json.dumps([msgspec.to_builtins(_took(asked, questions, one, counting)) for one in asked.places]))


def _took(asked: Asked, questions: list[tuple[str, Any]], place: str, counting: bool) -> Took:
    called = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal called
        called += event == "call" and frame.f_code.co_filename.startswith(place)

    gc.collect()
    begin = time.process_time()
    own = Own(place, asked.package, asked.modules, asked.dialects)
    loaded = time.process_time()
    if counting:
        sys.setprofile(note)
    for kind, ask in questions:
        CALLS[kind](ask, own)
    sys.setprofile(None)
    return Took(loaded - begin, time.process_time() - loaded, called)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--count" in sys.argv[2:])
